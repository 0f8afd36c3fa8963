//! Writing JSON into one text, where it is copied rather than built.

use std::fmt::{Arguments, Write};

use serde::Serialize;

/// Appends formatted text.
pub(super) fn push(out: &mut String, text: Arguments<'_>) {
    // Writing to a string can't fail.
    let _ = out.write_fmt(text);
}

/// A value as JSON.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("names and ids always have a JSON form")
}
