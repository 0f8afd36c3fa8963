//! The data file of a server that has ended: known by how it begins, so by no name of ours.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rusqlite::Connection;

/// What every data file of SQLite begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The data file in a directory, with everything in it that its log held.
///
/// A server need not leave it so: the log is as good, but neither a copy of the file nor its size would
/// tell of it.
pub(super) fn whole_in(directory: &Path) -> anyhow::Result<PathBuf> {
    let mut paths = fs::read_dir(directory)?.filter_map(|entry| Some(entry.ok()?.path()));
    let path = paths.find(|path| is_data(path).unwrap_or(false));
    let path =
        path.with_context(|| format!("no data file of SQLite in {}", directory.display()))?;
    let db = Connection::open(&path)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    db.close().map_err(|(_, error)| error)?;
    Ok(path)
}

/// The bytes of all files in a directory, once its data file is whole.
pub(super) fn bytes_in(directory: &Path) -> anyhow::Result<u64> {
    whole_in(directory)?;
    let sum = || -> std::io::Result<u64> {
        fs::read_dir(directory)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
    };
    sum().with_context(|| format!("cannot read {}", directory.display()))
}

fn is_data(path: &Path) -> std::io::Result<bool> {
    let mut beginning = [0; MAGIC.len()];
    File::open(path)?.read_exact(&mut beginning)?;
    Ok(beginning == *MAGIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_file_is_known_by_how_it_begins_and_takes_in_its_log() {
        let (live, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(left.path().join("key"), "SQLite").unwrap();
        assert!(whole_in(left.path()).is_err());
        // As a server that was killed leaves them: what was written is in the log only.
        let db = Connection::open(live.path().join("data")).unwrap();
        db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (b)").unwrap();
        for name in ["data", "data-wal"] {
            fs::copy(live.path().join(name), left.path().join(name)).unwrap();
        }

        let path = whole_in(left.path()).unwrap();

        assert_eq!(path, left.path().join("data"));
        let copy = left.path().join("copy");
        fs::copy(&path, &copy).unwrap();
        Connection::open(copy).unwrap().execute("INSERT INTO a VALUES (1)", []).unwrap();
        let sizes =
            ["key", "copy", "data"].map(|it| left.path().join(it).metadata().unwrap().len());
        assert_eq!(bytes_in(left.path()).unwrap(), sizes.iter().sum::<u64>());
    }
}
