//! Which identities may have been reported before.
//!
//! Most reports begin a run that nobody told of before, and to be sure of that costs two searches of an
//! index as large as history, each time. Here a few bits of every identity are kept in memory instead:
//! where they are missing there is nothing to look for, and where they are set, mostly rightly, the
//! index is asked as before.
//!
//! Where others write to the same data, that counts for an organization only as long as nobody else changed
//! anything there: up to some revision of its head what is stored was read, and from there on up to the
//! present every run was noted here. When that is broken the index is asked, until everything was read once
//! more. Numbers of events would not do: a run that is told its id by a repeated report has none for it.

mod filter;
mod reading;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::thread::JoinHandle;

use landfall_domain::changes::Changes;
use landfall_domain::id::OrganizationId;

pub(crate) use self::filter::Filter;
pub(crate) use self::reading::Connect;
use self::reading::Reading;
use crate::error::StoreError;

/// What the thread that decides knows of runs.
pub(crate) struct Known {
    reading: Arc<Reading>,
    /// Where others write: between which revisions of each head, without one missing, runs were noted.
    noted: Option<HashMap<OrganizationId, Range<i64>>>,
}

impl Known {
    /// Where nobody else writes.
    pub(crate) fn alone(connect: Connect) -> Result<(Self, Option<JoinHandle<()>>), StoreError> {
        let (reading, thread) = Reading::start(connect, false)?;
        Ok((Self { reading, noted: None }, thread))
    }

    /// Where others may write.
    pub(crate) fn among_others(
        connect: Connect,
    ) -> Result<(Self, Option<JoinHandle<()>>), StoreError> {
        let (reading, thread) = Reading::start(connect, true)?;
        Ok((Self { reading, noted: Some(HashMap::new()) }, thread))
    }

    /// What holds every run of an organization whose head is of that revision; none if some may be missing.
    pub(crate) fn of(&self, organization: OrganizationId, revision: i64) -> Option<&Filter> {
        let read_to = self.reading.read_to(organization);
        let is_covered = match &self.noted {
            None => read_to.is_some(),
            Some(noted) => {
                let noted = noted.get(&organization).filter(|noted| noted.end == revision);
                read_to.is_some_and(|to| to >= noted.map_or(revision, |noted| noted.start))
            }
        };
        if !is_covered {
            self.reading.ask();
        }
        is_covered.then_some(&self.reading.filter)
    }

    /// Notes the runs that are about to be stored, by a group that brings the head from one revision to
    /// another.
    pub(crate) fn note(&mut self, changes: &Changes, Range { start, end }: Range<i64>) {
        let Self { reading, noted } = self;
        let filter = &reading.filter;
        changes.deployments.iter().for_each(|(_, found)| filter.note(found.identity()));
        changes.builds.iter().for_each(|(_, found)| filter.note(found.identity()));
        let Some(noted) = noted else { return };
        let before = noted.entry(changes.organization.id).or_insert(start..start);
        let start = if before.end == start { before.start } else { start };
        *before = start..end;
    }

    /// Takes nothing for known any more where others write: some of it was not stored, or the server is
    /// another one, which may have less. Others may then store something else under the same revisions.
    pub(crate) fn forget(&mut self) {
        if let Some(noted) = &mut self.noted {
            noted.clear();
            self.reading.forget();
        }
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.reading.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Connection;
    use crate::migrate::migrate;
    use crate::rows::organization;
    use landfall_domain::catalog::{Catalog, Organization};
    use landfall_domain::id::{ApplicationId, VersionId};
    use landfall_domain::identity::{Identity, RunKey};
    use landfall_domain::settings::Settings;
    use landfall_domain::snapshot::Snapshot;
    use landfall_domain::time::Timestamp;
    use uuid::Uuid;

    pub(super) fn identity(number: u64) -> Identity {
        let version = VersionId::from_uuid(Uuid::from_u64_pair(number, 1));
        Identity::of_build(ApplicationId::from_uuid(Uuid::nil()), version, &RunKey::default())
    }

    fn organization(number: u128) -> Organization {
        Organization {
            id: OrganizationId::from_uuid(Uuid::from_u128(number)),
            slug: number.to_string(),
            name: String::new(),
            settings: Settings::default(),
            next_sequence: 1,
            created_at: Timestamp::default(),
        }
    }

    fn no_changes(of: &Organization) -> Changes {
        Snapshot::new(of.clone(), Catalog::default()).take_changes()
    }

    #[test]
    fn before_everything_stored_was_read_anything_may_be() {
        let known = Known { reading: Arc::new(Reading::unread(0)), noted: None };
        assert!(known.of(organization(7).id, 0).is_none());
    }

    #[test]
    fn where_others_write_what_is_missing_is_new_only_while_none_of_them_did() {
        const SET_REVISION: &str = "UPDATE organizations SET revision = ?2 WHERE id = ?1";
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shared.db");
        let mut db = Connection::open_writer(&path).unwrap();
        migrate(&mut db).unwrap();
        let (read, made_since) = (organization(7), organization(8));
        organization::insert(&mut db, &read).unwrap();
        db.write_many(SET_REVISION, [[read.id.into(), 5_i64.into()]]).unwrap();
        let connect = move || Connection::open_reader(&path);
        let (mut known, thread) = Known::among_others(Box::new(connect)).unwrap();
        let changes = no_changes(&read);

        assert!(known.of(read.id, 5).is_some(), "all of it was read");
        assert!(known.of(read.id, 7).is_none(), "somebody changed something twice");
        known.note(&changes, 5..6);
        known.note(&changes, 6..7);
        assert!(known.of(read.id, 7).is_some(), "and it was this node");
        known.note(&changes, 7..7);
        known.note(&changes, 7..8);
        assert!(known.of(read.id, 8).is_some());

        known.note(&changes, 9..10);
        assert!(known.of(read.id, 10).is_none(), "nobody here knows what the ninth was");
        assert!(known.of(made_since.id, 0).is_some(), "it was empty when all was read");
        assert!(known.of(made_since.id, 1).is_none());

        db.write_many(SET_REVISION, [[read.id.into(), 10_i64.into()]]).unwrap();
        known.reading.read(&mut db).unwrap();
        assert!(known.of(read.id, 10).is_some(), "read once more");
        known.note(&changes, 10..11);
        known.forget();
        for revision in [10, 11] {
            assert!(known.of(read.id, revision).is_none(), "{revision} may be somebody else's");
        }

        drop(known);
        thread.unwrap().join().unwrap();
    }
}
