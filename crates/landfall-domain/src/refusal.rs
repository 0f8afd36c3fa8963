//! Why a command was refused: always something that its sender can do something about.

/// A refusal. Each dialect renders it in its vendor's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum Refusal {
    /// The organization is strict, and the name is not known.
    #[error(
        "{noun} `{name}` is unknown and this organization is strict; create it first, or switch \
         `strict` off"
    )]
    Strict {
        /// What kind of thing.
        noun: String,
        /// The name that was sent.
        name: String,
    },
    /// A version is one commit only.
    #[error("Version {version} already exists with different SHA")]
    VersionConflict {
        /// The version.
        version: String,
        /// Its commit.
        pinned: String,
        /// The commit that was sent.
        sent: String,
    },
    /// What is named does not exist, or belongs to another tenant.
    #[error("there is no {noun} `{name}`")]
    NotFound {
        /// What kind of thing.
        noun: String,
        /// The name or id that was sent.
        name: String,
    },
    /// The name is in use.
    #[error("{noun} `{name}` exists already, or is a former name that reports may still use")]
    NameTaken {
        /// What kind of thing.
        noun: String,
        /// The name that was sent.
        name: String,
    },
    /// The organization has as many as it may have.
    #[error(
        "this organization may have {max} {noun}s and has them; delete one, or have an admin raise \
         `{noun}s_max` in its settings"
    )]
    QuotaReached {
        /// What kind of thing.
        noun: String,
        /// How many there may be.
        max: u32,
    },
    /// Other things still hang on it.
    #[error("{0}")]
    InUse(String),
    /// A value can't be taken.
    #[error("`{field}` {reason}")]
    Invalid {
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The idempotency key was used for another request.
    #[error("this Idempotency-Key was used for another request; use a new key for a new request")]
    IdempotencyMismatch,
}

impl Refusal {
    /// A stable code, a promise to clients.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Strict { .. } => "unknown_name",
            Self::VersionConflict { .. } => "version_conflict",
            Self::NotFound { .. } => "not_found",
            Self::NameTaken { .. } => "name_taken",
            Self::QuotaReached { .. } => "quota_reached",
            Self::InUse(_) => "in_use",
            Self::Invalid { .. } => "invalid_field",
            Self::IdempotencyMismatch => "idempotency_mismatch",
        }
    }

    /// There is no such thing.
    pub fn not_found(noun: &str, name: &(impl ToString + ?Sized)) -> Self {
        Self::NotFound { noun: noun.to_owned(), name: name.to_string() }
    }

    /// The name is in use.
    pub fn name_taken(noun: &str, name: &(impl ToString + ?Sized)) -> Self {
        Self::NameTaken { noun: noun.to_owned(), name: name.to_string() }
    }
}
