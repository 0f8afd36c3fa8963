//! The `landfall` binary.
