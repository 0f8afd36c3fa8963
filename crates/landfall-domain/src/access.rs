//! API keys: what one looks like, and what its holder may do.

use serde::{Deserialize, Serialize};

use crate::id::{OrganizationId, ProjectId};
use crate::time::Timestamp;

/// What a key may do. Each is granted by itself, but `manage` reads and reports as well, and
/// `admin` does everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Report builds and deployments.
    Report,
    /// Read everything but secrets.
    Read,
    /// Create, edit, correct and delete projects, applications, environments, teams and webhooks.
    Manage,
    /// Everything: keys, settings and organizations too.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Report, Self::Read, Self::Manage, Self::Admin];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Read => "read",
            Self::Manage => "manage",
            Self::Admin => "admin",
        }
    }

    /// Whether holding `self` is enough where `needed` is asked for.
    pub const fn covers(self, needed: Self) -> bool {
        match self {
            Self::Admin => true,
            Self::Manage => !matches!(needed, Self::Admin),
            Self::Read => matches!(needed, Self::Read),
            Self::Report => matches!(needed, Self::Report),
        }
    }
}

/// An API key as it is remembered: never the secret, only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The organization it opens.
    pub organization: OrganizationId,
    /// Its id within the organization, such as `k1`.
    pub key_id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Where reports go that name no project.
    pub default_project: Option<ProjectId>,
    /// SHA-256 of the secret. A secret has full entropy, so a slow hash would gain nothing.
    pub secret_hash: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// After this it opens nothing.
    pub expires_at: Option<Timestamp>,
    /// Since then it opens nothing.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it may do what needs `scope`.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|held| held.covers(scope))
    }

    /// Whether it opens anything at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// The parts of `sk_<organization>_<key id>_<secret>`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyText<'a> {
    /// The organization's slug.
    pub organization: &'a str,
    /// The key's id.
    pub key_id: &'a str,
    /// The secret; at least [`KeyText::SECRET_CHARS_MIN`] characters.
    pub secret: &'a str,
}

impl<'a> KeyText<'a> {
    /// Shorter secrets are refused.
    pub const SECRET_CHARS_MIN: usize = 32;
    const SECRET_CHARS_MAX: usize = 256;

    /// Takes a key apart; `None` if it is not of that form.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("sk_")?.splitn(3, '_');
        let (organization, key_id, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let is_word = |word: &str| {
            !word.is_empty()
                && word.len() <= 64
                && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let secret_fits = (Self::SECRET_CHARS_MIN..=Self::SECRET_CHARS_MAX).contains(&secret.len())
            && secret.bytes().all(|b| b.is_ascii_graphic());
        (is_word(organization) && is_word(key_id) && secret_fits).then_some(Self {
            organization,
            key_id,
            secret,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_apart_at_its_underscores() {
        let key = KeyText::parse("sk_mycompany_k1_abc123def456ghi789jkl012mno345pqr678").unwrap();
        assert_eq!((key.organization, key.key_id), ("mycompany", "k1"));
        assert_eq!(key.secret, "abc123def456ghi789jkl012mno345pqr678");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "sk_", "sk_a_b", "sk_a_b_short", "pat_a_k1_abc123def456ghi789jkl012mno345"]
        {
            assert!(KeyText::parse(text).is_none(), "{text}");
        }
    }
}
