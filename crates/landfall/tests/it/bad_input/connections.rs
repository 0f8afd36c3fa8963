//! Connections that do not behave.
