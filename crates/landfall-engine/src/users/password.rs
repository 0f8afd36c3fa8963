//! Passwords of people: making them, checking them, changing one's own.

use landfall_domain::id::IdSource;
use landfall_domain::password;
use landfall_domain::refusal::Refusal;
use landfall_domain::user::Email;
use landfall_store::rows::{audit, session, user};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::sessions::{Client, NewSession, Session};

/// Random bytes of a password that is made: 20 letters and digits, over 110 bits.
const MADE_BYTES: usize = 40;
/// They come in groups, for the eye.
const GROUP_CHARS: usize = 5;

impl Engine {
    /// Gives the person who is signed in another password.
    ///
    /// All of their sessions end; the one that is returned takes the place of this one.
    pub async fn change_own_password(
        &self,
        session: &Session,
        present: &str,
        new: &str,
        client: &Client,
    ) -> Result<NewSession, EngineError> {
        let Some(user) = session.user() else {
            let reason = "belongs to people; this session was opened with an API key";
            return Err(invalid("password", reason));
        };
        let checked = self.check_password(Some(user.email.clone()), present, client).await;
        let user = checked.map_err(|error| match error {
            EngineError::Unauthenticated => invalid("present_password", "is not your password"),
            other => other,
        })?;
        check_as("new_password", new, &user.email)?;
        if new == present {
            return Err(invalid("new_password", "must be another one than the present one"));
        }
        let hash = self.hash_password(new.to_owned()).await?;
        let entry =
            self.audit_entry(session.caller(), "user.password_changed", user.email.as_str());
        let (id, entropy) = (user.id, self.ambient().entropy());
        let changed = self.write(move |db| {
            user::set_password(db, id, &hash, entry.at, false)?;
            session::end_of_user(db, id)?;
            audit::append(db, &[entry], &mut IdSource::new(entropy))
        });
        let changed = changed.await;
        self.shared.sessions.clear();
        changed?;
        self.reopen_for(&user, session.caller().organization, client).await
    }

    /// The password to be stored: the one that was chosen, if it is good, or one that is made, which
    /// is given a second time to be shown.
    pub(super) fn chosen_or_made(
        &self,
        chosen: Option<String>,
        email: &Email,
    ) -> Result<(String, Option<String>), EngineError> {
        if let Some(chosen) = chosen {
            check_as("password", &chosen, email)?;
            return Ok((chosen, None));
        }
        let made = self.made_password();
        Ok((made.clone(), Some(made)))
    }

    /// A password that nobody chose, such as `h3kPq-…`.
    pub(super) fn made_password(&self) -> String {
        let letters: Vec<char> = self.random_word::<MADE_BYTES>().chars().collect();
        let groups = letters.chunks(GROUP_CHARS).map(|group| group.iter().collect::<String>());
        groups.collect::<Vec<_>>().join("-")
    }

    /// The hash of a password, with a salt of its own.
    pub(super) async fn hash_password(&self, password: String) -> Result<String, EngineError> {
        let turn = self.shared.passwords.turn().await?;
        turn.hash(password, self.ambient().entropy()).await
    }
}

fn check_as(field: &str, chosen: &str, email: &Email) -> Result<(), EngineError> {
    password::check(chosen, email).map_err(|error| invalid(field, &error.to_string()))
}

fn invalid(field: &str, reason: &str) -> EngineError {
    Refusal::Invalid { field: field.to_owned(), reason: reason.to_owned() }.into()
}
