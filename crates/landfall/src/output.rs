//! What the server says to the person who starts it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is where it is printed")]

/// Prints a line for people or scripts.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints an error and what caused it.
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("landfall: {error:#}");
}

/// Prints a warning.
pub(crate) fn warning(text: &str) {
    eprintln!("landfall: warning: {text}");
}
