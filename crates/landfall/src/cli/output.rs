//! Everything the client prints goes through here.
//!
//! Names come from strangers, so what people read is cleared of control characters: no version may
//! move the cursor. Colour is laid on last, by the marks that stand in the text, since a colour has
//! no width and tables are laid out before.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use super::environment::find;
use super::failure::Failure;

/// A deployment in progress.
pub(crate) const IN_PROGRESS: char = '◐';
/// The last deployment failed.
pub(crate) const FAILED: char = '✕';
/// A deployment that nobody has heard of for long.
pub(crate) const STALE: char = '◌';

const COLOURS: [(char, &str); 3] = [(IN_PROGRESS, "36"), (FAILED, "31"), (STALE, "33")];

/// Where a command prints, and what can be shown there.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    has_colours: bool,
    /// Whether a person looks at a screen that can be drawn anew.
    pub is_screen: bool,
    /// Columns of the terminal; none where the reader is a file or a program.
    pub width: Option<usize>,
}

impl Output {
    /// Looks at the standard output, and at what the user wishes.
    pub(crate) fn of_process(variables: &BTreeMap<String, String>) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let is_dumb = find(variables, "TERM") == Some("dumb");
        let is_screen = is_terminal && !is_dumb;
        let has_colours = is_screen && find(variables, "NO_COLOR").is_none();
        let measured = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let told = find(variables, "COLUMNS").and_then(|columns| columns.parse().ok());
        Self { has_colours, is_screen, width: measured.or(told).filter(|_| is_terminal) }
    }

    /// Prints text for people.
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        write_line(&self.shown(text))
    }

    /// Replaces the line that the cursor is on, and stays there.
    pub(crate) fn progress(&self, line: &str) -> Result<(), Failure> {
        write(&format!("\r\x1b[2K{}", self.shown(line)))
    }

    /// Replaces the whole screen with text for people.
    pub(crate) fn screen(&self, text: &str) -> Result<(), Failure> {
        let clear = "\x1b[H\x1b[2J\x1b[3J";
        write_line(&format!("{clear}{}", self.shown(text)))
    }

    /// Prints text for programs, as it is.
    #[expect(clippy::unused_self, reason = "whoever prints must hold the output")]
    pub(crate) fn verbatim(&self, text: &str) -> Result<(), Failure> {
        write_line(text)
    }

    /// Tells a person something on the standard error, which no program reads.
    #[expect(clippy::unused_self, reason = "whoever prints must hold the output")]
    pub(crate) fn note(&self, text: &str) {
        tell(text);
    }

    fn shown(&self, text: &str) -> String {
        let text = harmless(text);
        if self.has_colours { painted(&text) } else { text }
    }
}

/// Tells why a command failed.
pub(crate) fn tell_failure(failure: &Failure) {
    tell(&format!("landfall: {failure}"));
}

fn tell(text: &str) {
    // A standard error that is closed leaves nobody to tell.
    drop(writeln!(io::stderr().lock(), "{}", harmless(text)));
}

fn write_line(text: &str) -> Result<(), Failure> {
    write(&format!("{text}\n"))
}

fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::ReaderLeft,
        _ => Failure::Local(anyhow::Error::new(error).context("the output can't be written")),
    })
}

/// The text without anything that a terminal would obey, but for line ends.
fn harmless(text: &str) -> String {
    let replace = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    text.chars().map(replace).collect()
}

fn painted(text: &str) -> String {
    let mut painted = String::with_capacity(text.len());
    for c in text.chars() {
        match COLOURS.iter().find(|(mark, _)| *mark == c) {
            Some((mark, colour)) => {
                painted.extend(["\x1b[", colour, "m"]);
                painted.push(*mark);
                painted.push_str("\x1b[0m");
            }
            None => painted.push(c),
        }
    }
    painted
}

#[cfg(test)]
mod tests {
    use super::Output;

    #[test]
    fn a_name_can_not_command_the_terminal() {
        let output = Output { has_colours: false, is_screen: false, width: None };
        assert_eq!(
            output.shown("1.0\x1b[2J\r\u{9b}5A\nnext"),
            "1.0\u{fffd}[2J\u{fffd}\u{fffd}5A\nnext"
        );
    }

    #[test]
    fn marks_have_colours_only_where_colours_are_shown() {
        let plain = Output { has_colours: false, is_screen: false, width: None };
        let coloured = Output { has_colours: true, is_screen: true, width: None };
        assert_eq!(plain.shown("✕ 1.0"), "✕ 1.0");
        assert_eq!(coloured.shown("✕ 1.0"), "\x1b[31m✕\x1b[0m 1.0");
    }
}
