//! Which identities may have been reported before.
//!
//! Most reports begin a run that nobody told of before, and to be sure of that costs two searches of an
//! index as large as history, each time. Here a few bits of every identity are kept in memory instead:
//! where they are missing there is nothing to look for, and where they are set, mostly rightly, the
//! index is asked as before.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use landfall_domain::changes::Changes;
use landfall_domain::identity::Identity;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::rows::{build, deployment, organization};

/// Room for so many identities at least, in bytes.
const BYTES_MIN: u64 = 512 << 10;
/// With more history than this has room for, more and more identities are looked for in vain.
const BYTES_MAX: u64 = 64 << 20;
/// A deployment takes more than a kilobyte of the data file, and two bytes here: then one look of 50 is
/// in vain. Data grows, so there is room for twice as many.
const FILE_BYTES_PER_BYTE: u64 = 256;
/// A file that is no longer is read within some milliseconds.
const AT_ONCE_MAX: u64 = 8 << 20;

/// A Bloom filter: every identity sets four bits of one word.
pub(crate) struct Known {
    words: Box<[AtomicU64]>,
    /// Whether everything that was stored at the start is in here by now.
    is_complete: AtomicBool,
    is_stopped: AtomicBool,
}

impl Known {
    /// Knows nothing yet, so that everything may have been reported before.
    fn new(file_bytes: u64) -> Self {
        Self::of_bytes((file_bytes / FILE_BYTES_PER_BYTE).clamp(BYTES_MIN, BYTES_MAX))
    }

    fn of_bytes(bytes: u64) -> Self {
        let words = (0..bytes / 8).map(|_| AtomicU64::new(0)).collect();
        Self { words, is_complete: AtomicBool::new(false), is_stopped: AtomicBool::new(false) }
    }

    /// Whether a run of that identity may be stored.
    pub(crate) fn may_hold(&self, identity: Identity) -> bool {
        let (word, bits) = self.place(identity);
        !self.is_complete.load(Ordering::Acquire) || word.load(Ordering::Relaxed) & bits == bits
    }

    /// Notes the runs that are about to be stored.
    pub(crate) fn note_changes(&self, changes: &Changes) {
        changes.deployments.iter().for_each(|(_, deployment)| self.note(deployment.identity()));
        changes.builds.iter().for_each(|(_, build)| self.note(build.identity()));
    }

    fn note(&self, identity: Identity) {
        let (word, bits) = self.place(identity);
        word.fetch_or(bits, Ordering::Relaxed);
    }

    /// Identities are hashes, so any of their bits will do.
    fn place(&self, identity: Identity) -> (&AtomicU64, u64) {
        let [a, b, c, d, which @ .., _, _, _, _, _, _, _, _] = *identity.as_bytes();
        let word = u32::from_le_bytes([a, b, c, d]) as usize % self.words.len();
        let bits = which.iter().fold(0, |bits, bit| bits | 1 << (bit % 64));
        (&self.words[word], bits)
    }

    /// For a file of that length; notes what is stored there, at once if that is little, else on a thread.
    pub(crate) fn of_file(
        path: &Path,
        bytes: u64,
    ) -> Result<(Arc<Self>, Option<JoinHandle<()>>), StoreError> {
        let (known, db) = (Arc::new(Self::new(bytes)), Connection::open_reader(path)?);
        if bytes <= AT_ONCE_MAX {
            known.take_in(db);
            return Ok((known, None));
        }
        let (noting, thread) = (Arc::clone(&known), std::thread::Builder::new());
        let thread = thread.name("landfall-known".to_owned()).spawn(move || noting.take_in(db));
        let thread = thread
            .map_err(|source| StoreError::File { path: "landfall-known".to_owned(), source })?;
        Ok((known, Some(thread)))
    }

    /// Ends the thread early, since nobody will ask any more.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    fn take_in(&self, mut db: Connection) {
        match self.note_stored(&mut db) {
            Ok(()) => self.is_complete.store(true, Ordering::Release),
            Err(StoreError::Closing) => {}
            Err(error) => {
                // It is as correct without, only slower.
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "can't read which runs are known");
            }
        }
    }

    fn note_stored(&self, db: &mut Connection) -> Result<(), StoreError> {
        for organization in organization::ids(db)? {
            for sql in deployment::IDENTITIES.into_iter().chain(build::IDENTITIES) {
                db.read_many(sql, [[organization.into()]], |row| {
                    self.note_unless_stopped(row.identity(0)?)
                })?;
            }
        }
        Ok(())
    }

    fn note_unless_stopped(&self, identity: Identity) -> Result<(), StoreError> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(StoreError::Closing);
        }
        self.note(identity);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(number: u64) -> Identity {
        let version =
            landfall_domain::id::VersionId::from_uuid(uuid::Uuid::from_u64_pair(number, 1));
        let application = landfall_domain::id::ApplicationId::from_uuid(uuid::Uuid::nil());
        Identity::of_build(application, version, &landfall_domain::identity::RunKey::default())
    }

    #[test]
    fn before_everything_stored_is_noted_anything_may_be() {
        let known = Known::new(0);
        assert!(known.may_hold(identity(1)));
    }

    #[test]
    fn what_was_noted_is_never_taken_for_new_and_what_was_not_mostly_is() {
        let noted = 1_000;
        let known = Known::of_bytes(2 * noted);
        known.is_complete.store(true, Ordering::Release);
        (0..noted).for_each(|number| known.note(identity(number)));
        assert!((0..noted).all(|number| known.may_hold(identity(number))));
        let in_vain = (noted..2 * noted).filter(|number| known.may_hold(identity(*number))).count();
        assert!(in_vain < 50, "{in_vain} of 1,000");
    }
}
