//! Envtracker's API, as its clients use it.
