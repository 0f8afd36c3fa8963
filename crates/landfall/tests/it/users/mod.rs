//! People, their roles and their sessions, below the dashboard.

mod api;
mod guessing;
mod keys;
mod lifetime;
mod malformed;
mod members;
mod own_password;
mod several;
mod signing_in;

use std::net::IpAddr;
use std::sync::Arc;

use landfall_domain::role::Role;
use landfall_domain::user::Email;
use landfall_engine::sessions::{Client, NewSession, Session};
use landfall_engine::users::{ChangedMember, MemberEdit, NewUser};
use landfall_engine::{Caller, EngineError};

use crate::harness::Server;

/// A password that everybody here has.
const PASSWORD: &str = "correct horse battery";

/// The browser of these tests.
fn browser() -> Client {
    at("192.0.2.7")
}

fn at(address: &str) -> Client {
    let address: IpAddr = address.parse().unwrap();
    Client::new(Some(address), "Mozilla/5.0 (X11; Linux x86_64)")
}

fn email(name: &str) -> String {
    format!("{name}@acme.example")
}

fn new_user(name: &str, role: Role) -> NewUser {
    NewUser {
        email: Email::parse(&email(name)).unwrap(),
        name: None,
        role,
        password: Some(PASSWORD.to_owned()),
    }
}

fn role(role: Role) -> MemberEdit {
    MemberEdit { role: Some(role), ..MemberEdit::default() }
}

fn disabled(disabled: bool) -> MemberEdit {
    MemberEdit { disabled: Some(disabled), ..MemberEdit::default() }
}

fn reset() -> MemberEdit {
    MemberEdit { resets_password: true, ..MemberEdit::default() }
}

/// What a refusal is called, and what it says.
fn refused<T>(outcome: Result<T, EngineError>) -> (&'static str, String) {
    match outcome {
        Err(EngineError::Refused(refusal)) => (refusal.code(), refusal.to_string()),
        Err(EngineError::Unauthenticated) => ("unauthenticated", String::new()),
        Err(EngineError::Forbidden(_)) => ("forbidden", String::new()),
        Err(EngineError::TooFast { retry_after, .. }) => {
            ("too_fast", retry_after.as_secs().to_string())
        }
        Err(error) => panic!("{error}"),
        Ok(_) => ("done", String::new()),
    }
}

impl Server {
    async fn add(&self, name: &str, role: Role) -> ChangedMember {
        self.add_by(&self.admin, name, role).await
    }

    async fn add_by(&self, caller: &Caller, name: &str, role: Role) -> ChangedMember {
        self.engine.create_user(caller, new_user(name, role)).await.unwrap()
    }

    async fn try_sign_in(&self, name: &str, password: &str) -> Result<NewSession, EngineError> {
        self.try_sign_in_from(&browser(), name, password).await
    }

    async fn try_sign_in_from(
        &self,
        client: &Client,
        name: &str,
        password: &str,
    ) -> Result<NewSession, EngineError> {
        self.engine.sign_in_with_password(&email(name), password, client).await
    }

    /// Guesses a password, and gives what that is answered with.
    async fn guess(&self, name: &str) -> &'static str {
        refused(self.try_sign_in(name, "wrong").await).0
    }

    async fn change_password(
        &self,
        session: &Session,
        present: &str,
        new: &str,
    ) -> Result<NewSession, EngineError> {
        self.engine.change_own_password(session, present, new, &browser()).await
    }

    async fn sign_in(&self, name: &str) -> NewSession {
        self.try_sign_in(name, PASSWORD).await.unwrap()
    }

    async fn session(&self, opened: &NewSession) -> Arc<Session> {
        self.engine.session(&opened.token).await.unwrap()
    }

    /// Whether a session still opens anything.
    async fn is_live(&self, opened: &NewSession) -> bool {
        match self.engine.session(&opened.token).await {
            Ok(_) => true,
            Err(EngineError::Unauthenticated) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// The audit log of the first organization from its beginning: what was done, by whom, to whom.
    async fn audited(&self) -> Vec<String> {
        let page = landfall_store::queries::Page::first(1_000);
        let found = self.engine.list_audit(&self.admin, page).await.unwrap();
        let lines = found.iter().filter(|it| it.action.starts_with(['u', 's']));
        let mut lines: Vec<_> =
            lines.map(|it| format!("{} {}: {}", it.action, it.key_id, it.subject)).collect();
        // Entries of one moment have no order.
        lines.sort();
        lines
    }

    /// How many passwords were hashed until now.
    fn hashed(&self) -> u64 {
        let metrics = self.engine.shown_metrics().unwrap();
        let line =
            metrics.lines().find_map(|it| it.strip_prefix("landfall_passwords_hashed_total "));
        line.unwrap().parse().unwrap()
    }
}
