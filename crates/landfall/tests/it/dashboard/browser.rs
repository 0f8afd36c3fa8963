//! Somebody with a browser: signed in, and sending the forms that the pages hold.

use std::fmt::Write as _;

use landfall_domain::role::Role;
use landfall_domain::user::Email;
use landfall_engine::sessions::Client;
use landfall_engine::users::NewUser;

use crate::harness::{Answer, Call, Server};

pub(super) const PASSWORD: &str = "correct horse battery";

/// A browser with a session.
pub(super) struct Browser<'a> {
    server: &'a Server,
    cookie: String,
}

impl<'a> Browser<'a> {
    /// Signed in with the admin key.
    pub(super) async fn admin(server: &'a Server) -> Self {
        let client = Client::new(None, "test");
        let new = server.engine.sign_in_with_key(&server.admin_key, &client).await.unwrap();
        Self { server, cookie: format!("landfall_session={}", new.token) }
    }

    /// Signed in as a person of a role.
    pub(super) async fn of(server: &'a Server, role: Role) -> Self {
        let (email, client) =
            (format!("{}@acme.example", role.as_str()), Client::new(None, "test"));
        let new = NewUser {
            email: Email::parse(&email).unwrap(),
            name: None,
            role,
            password: Some(PASSWORD.to_owned()),
        };
        server.engine.create_user(&server.admin, new).await.unwrap();
        let new = server.engine.sign_in_with_password(&email, PASSWORD, &client).await.unwrap();
        Self { server, cookie: format!("landfall_session={}", new.token) }
    }

    /// What the sign-in answers to an address and a password, and the browser that sent them.
    pub(super) async fn sign_in(server: &'a Server, email: &str, password: &str) -> (Answer, Self) {
        let fields = [("email", email), ("password", password), ("next", "/timeline")];
        let answer = server.send(form("/sign-in", &fields).signed_in("")).await;
        let browser = Self { server, cookie: cookie_in(&answer) };
        (answer, browser)
    }

    /// The browser after an answer that brought another cookie.
    pub(super) fn after(&self, answer: &Answer) -> Self {
        Self { server: self.server, cookie: cookie_in(answer) }
    }

    /// Asks as the pages' script does.
    pub(super) async fn fetch(&self, path: &str) -> Answer {
        self.send(Call::new("GET", path).with("x-requested-with", "landfall")).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Call::new("GET", path)).await
    }

    /// The page at a path, which must be there.
    pub(super) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await.ok();
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        assert!(!answer.body.contains(" style="), "{path} has an inline style");
        answer.body
    }

    /// The page at a path with another cookie beside the session's.
    pub(super) async fn page_with_cookie(&self, path: &str, cookie: &str) -> Answer {
        let both = format!("{}; {cookie}", self.cookie);
        self.server.send(Call::new("GET", path).anonymous().with("cookie", &both)).await.ok()
    }

    /// Sends a form as the page would: with what proves that it is of this session.
    pub(super) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        let proof = [("csrf", csrf.as_str())];
        self.submit_bare(path, &[&proof, fields].concat()).await
    }

    /// Sends fields as they are.
    pub(super) async fn submit_bare(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form(path, fields)).await
    }

    /// Sends a form that a page of another site made.
    pub(super) async fn submit_from_elsewhere(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let csrf = self.csrf().await;
        let proof = [("csrf", csrf.as_str())];
        let call = form(path, &[&proof, fields].concat());
        self.send(call.with("sec-fetch-site", "cross-site")).await
    }

    async fn csrf(&self) -> String {
        let page = self.get("/settings/account").await.ok().body;
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    async fn send(&self, call: Call) -> Answer {
        self.server.send(call.signed_in(&self.cookie)).await
    }
}

/// The session's cookie that an answer brings; empty if none.
fn cookie_in(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

fn form(path: &str, fields: &[(&str, &str)]) -> Call {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let call = Call::post(path, pairs.join("&"));
    call.with("content-type", "application/x-www-form-urlencoded")
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
        encoded
    })
}
