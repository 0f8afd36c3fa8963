//! What a password must be like. Hashing it is the engine's work.

use crate::user::Email;

/// Fewer characters are too easily guessed.
pub const CHARS_MIN: usize = 12;
/// More characters only cost time.
pub const CHARS_MAX: usize = 200;

/// Why a password was refused; the caller adds the name of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Under the limit.
    #[error("must be at least {CHARS_MIN} characters long; a few words make a good one")]
    TooShort,
    /// Over the limit.
    #[error("must be at most {CHARS_MAX} characters long")]
    TooLong,
    /// Everybody knows the address.
    #[error("must not be the e-mail address")]
    IsEmail,
}

/// Checks the password that a person wants. Spaces count: a password is never trimmed.
pub fn check(password: &str, email: &Email) -> Result<(), InvalidPassword> {
    let chars = password.chars().count();
    if chars < CHARS_MIN {
        return Err(InvalidPassword::TooShort);
    }
    if chars > CHARS_MAX {
        return Err(InvalidPassword::TooLong);
    }
    if password.trim().to_lowercase() == email.as_str() {
        return Err(InvalidPassword::IsEmail);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_but_not_endless_and_not_the_address() {
        let email = Email::parse("ada@acme.example").unwrap();
        let judged = |password: &str| check(password, &email);
        assert_eq!(judged("eleven char"), Err(InvalidPassword::TooShort));
        assert_eq!(judged("twelve chars"), Ok(()));
        assert_eq!(judged("äöüäöüäöüäöü"), Ok(()));
        assert_eq!(judged(&"x".repeat(CHARS_MAX)), Ok(()));
        assert_eq!(judged(&"x".repeat(CHARS_MAX + 1)), Err(InvalidPassword::TooLong));
        assert_eq!(judged("ADA@acme.example "), Err(InvalidPassword::IsEmail));
    }
}
