//! People: who they are, and what they are to an organization.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::id::{OrganizationId, UserId};
use crate::role::Role;
use crate::text;
use crate::time::Timestamp;

/// An e-mail address: trimmed, in lower case, of a form that mail could be sent to.
///
/// Holding one proves that it was checked. Case tells no two people apart, so it is not kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// Why an e-mail address was refused; the caller adds the name of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// Empty, too long, or with control characters.
    #[error(transparent)]
    Text(#[from] text::InvalidText),
    /// Not of the form of an address.
    #[error("must be an e-mail address, such as `ada@acme.example`")]
    Form,
}

impl Email {
    /// The most that mail can be sent to (RFC 5321, §4.5.3.1.3, without the brackets).
    pub const CHARS_MAX: usize = 254;
    const LOCAL_CHARS_MAX: usize = 64;

    /// Checks an address.
    pub fn parse(address: &str) -> Result<Self, InvalidEmail> {
        let address = text::check(address, Self::CHARS_MAX)?.to_lowercase();
        let (local, domain) = address.rsplit_once('@').ok_or(InvalidEmail::Form)?;
        // A letter may grow when it becomes a small one.
        let fits = address.len() <= Self::CHARS_MAX && local.len() <= Self::LOCAL_CHARS_MAX;
        if fits && is_local(local) && is_domain(domain) {
            Ok(Self(address))
        } else {
            Err(InvalidEmail::Form)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands before the `@`. Quoted forms, which nobody uses, are not taken.
fn is_local(local: &str) -> bool {
    let is_allowed = |c: char| {
        c.is_alphanumeric()
            || (c.is_ascii_graphic()
                && !matches!(
                    c,
                    '"' | '(' | ')' | ',' | ':' | ';' | '<' | '>' | '@' | '[' | '\\' | ']'
                ))
    };
    local.split('.').all(|part| !part.is_empty() && part.chars().all(is_allowed))
}

/// Names with dots between them; one name alone is a machine of one's own network.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.split('.').all(is_label)
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A person who may sign in. One person is one user, however many organizations they are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What they sign in with.
    pub email: Email,
    /// What people call them.
    pub name: String,
    /// When they were first added to an organization.
    pub created_at: Timestamp,
    /// When their password last became another one.
    pub password_changed_at: Timestamp,
    /// Whether the password was made for them, so that somebody else has seen it.
    pub has_initial_password: bool,
    /// Since then they can't sign in.
    pub disabled_at: Option<Timestamp>,
}

/// What a person is to an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The organization.
    pub organization: OrganizationId,
    /// The person.
    pub user: User,
    /// What they may do there.
    pub role: Role,
    /// When they were added to it.
    pub added_at: Timestamp,
    /// When they last signed in to it, or came to it from another one.
    pub last_signed_in_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_space_around_an_address_do_not_matter() {
        let email = Email::parse("  Ada.Lovelace+CI@Acme.EXAMPLE\t").unwrap();
        assert_eq!(email.as_str(), "ada.lovelace+ci@acme.example");
        assert_eq!(Email::parse("ÄDA@BÜCHER.example").unwrap().as_str(), "äda@bücher.example");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@acme.example", "a".repeat(65));
        let longer = format!("ada@{}example", "acme.".repeat(50));
        for text in [
            "ada",
            "@acme.example",
            "ada@",
            "ada@acme..example",
            "ada@-acme.example",
            "a b@acme.example",
            ".ada@acme.example",
            "ada@ac me.example",
            "<ada@acme.example>",
            "ada@b@acme.example",
            "ada@[127.0.0.1]",
            &long,
            &longer,
            "a\0da@acme.example",
            "",
            " ",
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_that_is_read_was_checked() {
        let read: Result<Email, _> = serde_json::from_str("\"ADA@acme.example\"");
        assert_eq!(read.unwrap(), Email::parse("ada@acme.example").unwrap());
        assert!(serde_json::from_str::<Email>("\"ada\"").is_err());
    }
}
