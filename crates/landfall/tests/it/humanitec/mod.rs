//! Humanitec's API, as its clients use it.
