//! The lifecycle of a build or deployment, and the words that CI systems use for it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a run stands: `pending → started → completed / failed / aborted`.
///
/// The order of the variants is the order of reports that carry equal times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Queued.
    Pending,
    /// In progress.
    Started,
    /// Ended well.
    Completed,
    /// Ended badly.
    Failed,
    /// Given up.
    Aborted,
}

/// A status word that is not in the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a status; use one of {}", Status::WORDS_LIST)]
pub struct UnknownStatus {
    /// What was sent, shortened.
    pub word: String,
}

impl Status {
    const WORDS_LIST: &'static str = "pending, queued, scheduled, started, in_progress, init, \
        deploying, building, running, completed, success, succeeded, successful, complete, \
        finished, deployed, built, failed, failure, fail, error, errored, aborted, abort, \
        cancelled, canceled, cancel, skipped";

    /// Reads any of the words that the vendors' clients send, in any case, trimmed.
    pub fn parse(word: &str) -> Result<Self, UnknownStatus> {
        let lower = word.trim().to_ascii_lowercase();
        Ok(match lower.as_str() {
            "pending" | "queued" | "scheduled" => Self::Pending,
            "started" | "in_progress" | "init" | "deploying" | "building" | "running" => {
                Self::Started
            }
            "completed" | "success" | "succeeded" | "successful" | "complete" | "finished"
            | "deployed" | "built" => Self::Completed,
            "failed" | "failure" | "fail" | "error" | "errored" => Self::Failed,
            "aborted" | "abort" | "cancelled" | "canceled" | "cancel" | "skipped" => Self::Aborted,
            _ => return Err(UnknownStatus { word: word.chars().take(50).collect() }),
        })
    }

    /// Whether it ends a run.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Aborted)
    }

    /// How far a run with this status has come; all ends are equally far.
    pub const fn stage(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Started => 1,
            Self::Completed | Self::Failed | Self::Aborted => 2,
        }
    }

    /// The canonical word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_word_is_understood_in_any_case() {
        for word in Status::WORDS_LIST.split(',') {
            assert!(Status::parse(word).is_ok(), "{word}");
            assert!(Status::parse(&word.to_uppercase()).is_ok(), "{word}");
        }
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_list() {
        let error = Status::parse("exploded").unwrap_err().to_string();
        assert!(error.starts_with("`exploded` is not a status; use one of pending, queued"));
    }
}
