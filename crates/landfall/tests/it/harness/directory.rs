//! Where tests keep their data.

use std::path::Path;

use tempfile::TempDir;

use super::database::drop_schemas;

/// A directory that goes when nobody holds it any more, with whatever belongs to it.
pub(crate) struct Directory(TempDir);

impl Directory {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop_schemas(self.0.path());
    }
}

/// A directory on disk, for tests of what a disk is for.
pub(crate) fn scratch_directory() -> Directory {
    Directory(tempfile::tempdir().unwrap())
}

/// A directory in memory where the machine has one: most tests wait for hundreds of commits, and
/// a disk would teach them nothing.
pub(crate) fn memory_directory() -> Directory {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    Directory(made.unwrap())
}
