//! The server's answers, as far as a person is shown them.
//!
//! Lenient on purpose: words stay text, so that a newer server's are shown and not refused.

use landfall_domain::time::Timestamp;
use serde::Deserialize;

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; none at the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// Something with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Named {
    pub name: String,
}

/// An environment, as others name it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Environment {
    pub code: String,
}

/// Who caused something.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Actor {
    #[serde(default)]
    pub login: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
}

impl Actor {
    /// The shortest that tells who it is.
    pub(crate) fn word(&self) -> Option<&str> {
        let words = [&self.login, &self.name, &self.email];
        words.into_iter().find_map(|word| word.as_deref())
    }
}

/// A build or a deployment; a build has no environment.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Run {
    pub id: String,
    pub status: String,
    pub began_at: Timestamp,
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    #[serde(default)]
    pub duration_ms: Option<u64>,
    pub application: Named,
    pub version: Named,
    #[serde(default)]
    pub environment: Option<Environment>,
    #[serde(default)]
    pub target: String,
    #[serde(default)]
    pub actor: Option<Actor>,
    #[serde(default)]
    pub flags: Vec<String>,
    #[serde(default)]
    pub voided: Option<serde::de::IgnoredAny>,
}

impl Run {
    /// Where it went, such as `production / eu`; empty for a build.
    pub(crate) fn place(&self) -> String {
        let code = self.environment.as_ref().map_or("", |environment| &environment.code);
        if self.target.is_empty() { code.to_owned() } else { format!("{code} / {}", self.target) }
    }
}

/// A deployment in a cell of the matrix.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Standing {
    pub version: String,
    pub at: Timestamp,
}
