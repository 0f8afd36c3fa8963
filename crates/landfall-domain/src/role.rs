//! Roles: what a person may do in an organization.

use serde::{Deserialize, Deserializer, Serialize};

use crate::access::Scope;

/// What a person may do in one organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks at everything but secrets.
    Viewer,
    /// Looks, and reports builds and deployments by hand.
    Reporter,
    /// Looks, reports, and edits, corrects and deletes.
    Manager,
    /// Everything: people, keys and settings too.
    Admin,
}

impl Role {
    /// Every role, the least of them first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Reporter, Self::Manager, Self::Admin];

    /// The one table of what each role may do: a person has these scopes, as a key has its own.
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Viewer => &[Scope::Read],
            Self::Reporter => &[Scope::Read, Scope::Report],
            Self::Manager => &[Scope::Manage],
            Self::Admin => &[Scope::Admin],
        }
    }

    /// Whether a person of this role may do what needs `scope`.
    pub fn allows(self, scope: Scope) -> bool {
        self.scopes().iter().any(|held| held.covers(scope))
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reporter => "reporter",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }

    /// The role of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Read as a text, so that whatever is no role is told as a wrong value of its field.
impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let wrong = "must be `viewer`, `reporter`, `manager` or `admin`";
        Self::parse(&word).ok_or_else(|| serde::de::Error::custom(wrong))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_table_says() {
        let allowed = |role: Role| Scope::ALL.map(|scope| role.allows(scope));
        //                                      report, read,  manage, admin
        assert_eq!(allowed(Role::Viewer), [false, true, false, false]);
        assert_eq!(allowed(Role::Reporter), [true, true, false, false]);
        assert_eq!(allowed(Role::Manager), [true, true, true, false]);
        assert_eq!(allowed(Role::Admin), [true, true, true, true]);
    }

    #[test]
    fn a_role_is_the_one_of_its_word() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            let json = serde_json::to_value(role).unwrap();
            assert_eq!(json, role.as_str());
            assert_eq!(serde_json::from_value::<Role>(json).unwrap(), role);
        }
        for word in ["", "Admin", "root", "read"] {
            assert_eq!(Role::parse(word), None, "{word}");
        }
    }
}
