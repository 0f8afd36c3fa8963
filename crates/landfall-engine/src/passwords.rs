//! Hashing passwords with Argon2id: off the threads that serve, two at a time.
//!
//! A hash takes 19 MiB and some tens of milliseconds on purpose, so who may ask for one waits for a
//! turn. Nothing here knows users.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier, phc};
use landfall_store::StoreError;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::EngineError;

/// Hashes at one time; each keeps a core busy.
const AT_ONCE: usize = 2;
/// Callers that wait for a turn; one more is sent away.
const WAITING_MAX: usize = 64;

/// A hash of no known password, made as ours are. What is asked of somebody unknown is checked
/// against it, so that the time of the answer does not tell whether there is such a person.
pub(crate) const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1\
    $bGFuZGZhbGwgbm9ib2R5IQ$7wB2cC0o5t3mSxQ1nQmUu6oQm2cXv1c0dUu3w9gkq9E";

/// The way to a hash.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    hashed: Counter,
}

/// The right to one hash.
pub(crate) struct Turn {
    _turn: OwnedSemaphorePermit,
    hashed: Counter,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(AT_ONCE + WAITING_MAX)),
            hashed: Counter::default(),
        }
    }
}

impl Passwords {
    /// Shows how many hashes were made: each costs memory and a core's time.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Passwords hashed, to check or to set them";
        registry.register("passwords_hashed", help, self.hashed.clone());
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self) -> Result<Turn, EngineError> {
        let queued = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| StoreError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| StoreError::Closing)?;
        drop(queued);
        Ok(Turn { _turn: turn, hashed: self.hashed.clone() })
    }
}

impl Turn {
    /// The hash of a password, to be stored.
    pub(crate) async fn hash(
        self,
        password: String,
        salt: [u8; 16],
    ) -> Result<String, EngineError> {
        self.run(move || {
            let hashed: Result<phc::PasswordHash, _> =
                Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            hashed.map(|hashed| hashed.to_string())
        })
        .await
    }

    /// Whether a password is the one of a stored hash.
    pub(crate) async fn verify(self, password: String, hash: String) -> Result<bool, EngineError> {
        self.run(move || {
            match Argon2::default().verify_password(password.as_bytes(), hash.as_str()) {
                Ok(()) => Ok(true),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, EngineError> {
        self.hashed.inc();
        // The turn goes along: a caller who goes away does not end the work.
        let task = tokio::task::spawn_blocking(move || {
            let _turn = self;
            work()
        });
        let done = task.await.map_err(|_| StoreError::Closing)?;
        Ok(done.map_err(|error| StoreError::corrupt("password", error))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn hash(password: &str) -> String {
        let turn = Passwords::default().turn().await.unwrap();
        turn.hash(password.to_owned(), [7; 16]).await.unwrap()
    }

    #[tokio::test]
    async fn a_password_is_told_from_others_by_its_hash() {
        let passwords = Passwords::default();
        let hash = hash("correct horse").await;
        for (password, is_right) in [("correct horse", true), ("Correct horse", false), ("", false)]
        {
            let turn = passwords.turn().await.unwrap();
            let judged = turn.verify(password.to_owned(), hash.clone()).await.unwrap();
            assert_eq!(judged, is_right, "{password}");
        }
    }

    #[tokio::test]
    async fn the_hash_of_nobody_costs_what_every_other_does() {
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(NOBODYS), cost(&hash("x").await));
        let turn = Passwords::default().turn().await.unwrap();
        assert!(!turn.verify(String::new(), NOBODYS.to_owned()).await.unwrap());
    }

    #[tokio::test]
    async fn two_are_hashed_at_one_time_and_a_queue_has_an_end() {
        let passwords = Passwords::default();
        let (first, second) = (passwords.turn().await.unwrap(), passwords.turn().await.unwrap());
        let waiting: Vec<_> =
            (0..AT_ONCE + WAITING_MAX).map(|_| Box::pin(passwords.turn())).collect();
        let mut waiting = futures_util::future::join_all(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        let refused = passwords.turn().await;
        assert!(matches!(refused, Err(EngineError::Unavailable(StoreError::Busy))));
        drop((first, second));
    }
}
