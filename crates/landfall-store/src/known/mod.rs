//! Which identities may have been reported before.
//!
//! Most reports begin a run that nobody told of before, and to be sure of that costs two searches of an
//! index as large as history, each time. Here a few bits of every identity are kept in memory instead:
//! where they are missing there is nothing to look for, and where they are set, mostly rightly, the
//! index is asked as before.
//!
//! Where others write to the same data, that counts for a log only as long as nobody else appended to it:
//! up to some number what is stored was read, and from there on up to the present every run was noted
//! here. When that is broken the index is asked, until everything was read once more.

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
    /// Where others write: the numbers of the events of each log up to the present whose runs were noted,
    /// without one missing.
    noted: Option<HashMap<OrganizationId, Range<u64>>>,
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

    /// What holds every run of an organization whose log goes on with that number; none if some may be
    /// missing.
    pub(crate) fn of(&self, organization: OrganizationId, next_sequence: u64) -> Option<&Filter> {
        let read_to = self.reading.read_to(organization)?;
        if let Some(noted) = &self.noted {
            let noted = noted.get(&organization).filter(|noted| noted.end == next_sequence);
            let from = noted.map_or(next_sequence, |noted| noted.start);
            if read_to < from {
                self.reading.ask();
                return None;
            }
        }
        Some(&self.reading.filter)
    }

    /// Notes the runs that are about to be stored, with the events that `changes` appends.
    pub(crate) fn note(&mut self, changes: &Changes) {
        let Self { reading, noted } = self;
        let filter = &reading.filter;
        changes.deployments.iter().for_each(|(_, found)| filter.note(found.identity()));
        changes.builds.iter().for_each(|(_, found)| filter.note(found.identity()));
        let Some(noted) = noted else { return };
        let end = changes.organization.next_sequence;
        let start = end - changes.events.len() as u64;
        let before = noted.entry(changes.organization.id).or_insert(start..start);
        let start = if before.end == start { before.start } else { start };
        *before = start..end;
    }

    /// Takes nothing for noted any more, since some of it was not stored: others may store what has the same
    /// numbers.
    pub(crate) fn forget(&mut self) {
        if let Some(noted) = &mut self.noted {
            noted.clear();
        }
    }

    /// Nobody will ask any more.
    pub(crate) fn stop(&self) {
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
    use landfall_domain::event::{Event, EventData, EventType, Noun, Verb};
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

    fn organization(number: u128, next_sequence: u64) -> Organization {
        Organization {
            id: OrganizationId::from_uuid(Uuid::from_u128(number)),
            slug: number.to_string(),
            name: String::new(),
            settings: Settings::default(),
            next_sequence,
            created_at: Timestamp::default(),
        }
    }

    /// What a group changed that appended the events of these numbers.
    fn changes(of: &Organization, numbers: Range<u64>) -> Changes {
        let head = Organization { next_sequence: numbers.end, ..of.clone() };
        let mut changes = Snapshot::new(head, Catalog::default()).take_changes();
        changes.events.extend(numbers.map(|sequence| Event {
            sequence,
            kind: EventType::new(Noun::Deployment, Verb::Updated),
            at: Timestamp::default(),
            recorded_at: Timestamp::default(),
            data: EventData::default(),
        }));
        changes
    }

    #[test]
    fn before_everything_stored_was_read_anything_may_be() {
        let known = Known { reading: Arc::new(Reading::unread(0)), noted: None };
        assert!(known.of(organization(7, 1).id, 1).is_none());
    }

    #[test]
    fn where_others_write_what_is_missing_is_new_only_while_none_of_them_did() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shared.db");
        let mut db = Connection::open_writer(&path).unwrap();
        migrate(&mut db).unwrap();
        let read = organization(7, 5);
        organization::insert(&mut db, &read).unwrap();
        let connect = move || Connection::open_reader(&path);
        let (mut known, thread) = Known::among_others(Box::new(connect)).unwrap();

        assert!(known.of(read.id, 5).is_some(), "all of it was read");
        assert!(known.of(read.id, 7).is_none(), "somebody appended two events");
        known.note(&changes(&read, 5..7));
        assert!(known.of(read.id, 7).is_some(), "and it was this node");
        known.note(&changes(&read, 7..7));
        known.note(&changes(&read, 7..9));
        assert!(known.of(read.id, 9).is_some());

        known.note(&changes(&read, 10..12));
        assert!(known.of(read.id, 12).is_none(), "nobody here knows what the ninth was");
        let made_since = organization(8, 1);
        assert!(known.of(made_since.id, 1).is_some(), "it was empty when all was read");
        assert!(known.of(made_since.id, 2).is_none());

        let set_head = "UPDATE organizations SET next_sequence = ?2 WHERE id = ?1";
        db.write_many(set_head, [[read.id.into(), 12_i64.into()]]).unwrap();
        known.reading.read(&mut db).unwrap();
        assert!(known.of(read.id, 12).is_some(), "read once more");
        known.note(&changes(&read, 12..14));
        known.forget();
        assert!(known.of(read.id, 14).is_none(), "these may be the numbers of somebody else");

        known.stop();
        thread.unwrap().join().unwrap();
    }
}
