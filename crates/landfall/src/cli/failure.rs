//! How a command ends badly, and the exit code that tells scripts so.
//!
//! The codes are a promise: they stand in `--help`, in docs/cli.md, and in people's pipelines.

use std::fmt;

/// Explains the exit codes, below the help of every command that talks to a server.
pub(crate) const EXIT_CODES: &str = "Exit codes:
  0  done
  1  wrong usage, or something on this machine failed
  2  the server could not be reached, or could not answer (5xx, 429), after all retries
  3  the server refused (4xx)
  4  not signed in, or not allowed (401, 403)";

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wrong usage, or a failure on this machine.
    Local(anyhow::Error),
    /// No answer came, or one that says to come back later.
    Unreachable(String),
    /// The server understood, and said no.
    Refused(String),
    /// The key is missing or opens nothing.
    NotSignedIn(String),
    /// The key is good, but not for this.
    Forbidden(String),
    /// The server did as it was told, and a webhook's receiver did not take what it was sent.
    Undelivered(String),
    /// Somebody stopped waiting for what the server goes on with.
    Interrupted(String),
    /// Who read our output is gone, as `head` goes when it has its lines. Not worth a word.
    ReaderLeft,
}

impl Failure {
    /// A failure on this machine, in words.
    pub(crate) fn local(message: impl fmt::Display) -> Self {
        Self::Local(anyhow::anyhow!("{message}"))
    }

    /// What the process ends with.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::ReaderLeft => 0,
            Self::Local(_) => 1,
            Self::Unreachable(_) => 2,
            Self::Refused(_) => 3,
            Self::NotSignedIn(_) | Self::Forbidden(_) => 4,
            Self::Undelivered(_) => 5,
            // What shells make of an interrupt.
            Self::Interrupted(_) => 130,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(error) => write!(f, "{error:#}"),
            Self::Unreachable(text)
            | Self::Refused(text)
            | Self::NotSignedIn(text)
            | Self::Forbidden(text)
            | Self::Undelivered(text)
            | Self::Interrupted(text) => f.write_str(text),
            Self::ReaderLeft => f.write_str("nobody reads the output any more"),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Local(error)
    }
}
