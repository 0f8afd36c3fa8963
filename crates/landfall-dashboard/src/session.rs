//! Who looks at a page: the cookie that holds a session's token.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use landfall_domain::time::Timestamp;
use landfall_engine::sessions::{NewSession, Session};
use landfall_engine::{Caller, Engine, EngineError};

use crate::Dashboard;
use crate::answer::Trouble;
use crate::board::own_url;
use crate::page::{cookie, theme_of};

const COOKIE: &str = "landfall_session";

/// One's own account.
pub(crate) const ACCOUNT_PATH: &str = "/settings/account";
/// Where one's own password is changed.
pub(crate) const PASSWORD_PATH: &str = "/settings/account/password";

/// A viewer who is signed in.
#[derive(Clone)]
pub(crate) struct SignedIn {
    /// The session, as of this request.
    pub session: Arc<Session>,
    /// What the viewer may do, in the organization that is shown.
    pub caller: Caller,
    /// `light` or `dark`, where the viewer chose one.
    pub theme: Option<&'static str>,
    /// The server's own address, as the viewer's browser knows it.
    pub url: String,
    token: String,
}

impl SignedIn {
    /// Whether the session goes on.
    pub(crate) async fn is_still_signed_in(&self, engine: &Engine) -> bool {
        engine.session(&self.token).await.is_ok()
    }

    /// Who looks, in words.
    pub(crate) fn who(&self) -> String {
        let session = &self.session;
        match (session.user(), session.key()) {
            (Some(user), _) => user.email.to_string(),
            (None, Some(key)) => format!("API key {}", key.key_id),
            (None, None) => String::new(),
        }
    }

    /// How a key of the organization looks; the one that was signed in with, if one was.
    pub(crate) fn key_shape(&self) -> String {
        let slug = &self.caller.slug;
        match self.session.key() {
            Some(key) => format!("sk_{slug}_{}_…", key.key_id),
            None => format!("sk_{slug}_…"),
        }
    }
}

impl FromRequestParts<Dashboard> for SignedIn {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Trouble> {
        let Some(token) = cookie(&parts.headers, COOKIE) else { return Err(signed_out(parts)) };
        let token = token.to_owned();
        match dashboard.engine.session(&token).await {
            Ok(session) if is_kept_out(&session, parts) => Err(kept_out(parts)),
            Ok(session) => Ok(Self {
                caller: session.caller().clone(),
                session,
                theme: theme_of(&parts.headers),
                url: own_url(&parts.headers),
                token,
            }),
            Err(EngineError::Unauthenticated) => Err(signed_out(parts)),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whoever has a password that somebody else has seen gets no further than to choose another one.
fn is_kept_out(session: &Session, parts: &Parts) -> bool {
    let has_initial = session.user().is_some_and(|user| user.has_initial_password);
    has_initial && !matches!(parts.uri.path(), ACCOUNT_PATH | PASSWORD_PATH | "/sign-out")
}

/// A page leads to the choice; a script is told to load its page again.
fn kept_out(parts: &Parts) -> Trouble {
    if is_script(&parts.headers) { Trouble::SignedOutScript } else { Trouble::InitialPassword }
}

/// A page leads to the sign-in and back; a script is told only.
fn signed_out(parts: &Parts) -> Trouble {
    let is_page = parts.method == Method::GET && !is_script(&parts.headers);
    if !is_page {
        return Trouble::SignedOutScript;
    }
    let next = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    Trouble::SignedOut(next.to_owned())
}

fn is_script(headers: &HeaderMap) -> bool {
    headers.contains_key("x-requested-with") || headers.contains_key("hx-request")
}

/// The cookie of a session that was just opened. The browser forgets it when the session would end
/// at the latest; whether it ended before, the server knows.
pub(crate) fn cookie_of(new: &NewSession, now: Timestamp, headers: &HeaderMap) -> HeaderValue {
    let seconds = new.session.ends_at().since(now).as_secs().max(60);
    set_cookie(&new.token, seconds, headers)
}

/// The cookie of nobody.
pub(crate) fn no_cookie(headers: &HeaderMap) -> HeaderValue {
    set_cookie("", 0, headers)
}

/// No script reads it, and no other site's form sends it.
fn set_cookie(token: &str, seconds: u64, headers: &HeaderMap) -> HeaderValue {
    let is_secure = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let secure = if is_secure { "; Secure" } else { "" };
    let text =
        format!("{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
