//! Where tests keep their data.

use std::path::Path;

use tempfile::TempDir;

/// A directory on disk, for tests of what a disk is for.
pub(crate) fn scratch_directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A directory in memory where the machine has one: most tests wait for hundreds of commits, and
/// a disk would teach them nothing.
pub(crate) fn memory_directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}
