//! The ways in which a receiver misbehaves.

use clap::ValueEnum;
use serde::Serialize;

/// What a receiver does with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fault {
    /// Answers 200 at once: what a further webhook costs, to compare the faults with.
    None,
    /// Refuses connections.
    Refuse,
    /// Accepts and never answers.
    Hang,
    /// Resets the connection amid the answer's body.
    Reset,
    /// Sends the answer's head a byte at a time, for ever.
    DripHead,
    /// Sends the answer's body a byte at a time, for ever.
    DripBody,
    /// Sends a body without end, as fast as it is taken.
    HugeBody,
    /// Sends headers without end.
    EndlessHeaders,
    /// Answers 500.
    #[value(name = "500")]
    #[serde(rename = "500")]
    Error,
    /// Answers 429 and asks for a rest of a second.
    #[value(name = "429")]
    #[serde(rename = "429")]
    Rest,
    /// Answers 301 with a private address.
    #[value(name = "301")]
    #[serde(rename = "301")]
    Redirect,
    /// Is well for half a second and breaks connections for the next one, and so on.
    Flap,
}

impl Fault {
    /// All of them, in the order of the table.
    pub(super) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// For a line of the table.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::None => "none: answers 200",
            Self::Refuse => "refuses connections",
            Self::Hang => "hangs after accepting",
            Self::Reset => "resets amid the body",
            Self::DripHead => "drips the head for ever",
            Self::DripBody => "drips the body for ever",
            Self::HugeBody => "a body without end",
            Self::EndlessHeaders => "headers without end",
            Self::Error => "500",
            Self::Rest => "429, `Retry-After: 1`",
            Self::Redirect => "301 to a private address",
            Self::Flap => "up and down every 500 ms",
        }
    }
}
