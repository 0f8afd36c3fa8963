//! Filling up a disk.

use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Takes all the space that is left where `ballast` is, a file that is made.
pub(crate) fn fill(ballast: &Path) {
    let mut file = File::create(ballast).unwrap();
    for size in [1 << 16, 1] {
        let block = vec![7; size];
        while file.write_all(&block).is_ok() {}
    }
}
