//! Signing in and out, and looking at another organization.

use std::net::SocketAddr;

use askama::Template;
use axum::extract::{ConnectInfo, FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use landfall_domain::id::OrganizationId;
use landfall_engine::EngineError;
use landfall_engine::sessions::{Client, NewSession};
use serde::Deserialize;

use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::form::{Empty, Sent, is_of_this_site};
use crate::page::Alone;
use crate::session::{ACCOUNT_PATH, cookie_of, no_cookie};

/// The routes of signing in and out.
pub(crate) fn routes() -> Router<Dashboard> {
    Router::new()
        .route("/sign-in", get(form).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/organization-switch", post(switch))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Alone,
    wrong: Option<String>,
    next: String,
    email: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SignIn {
    next: String,
    email: String,
    password: String,
    key: String,
}

/// Where a request comes from, and what the browser says of itself.
pub(crate) struct From(pub Client);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self(Client::new(peer.map(|peer| peer.0.ip()), agent.unwrap_or_default())))
    }
}

async fn form(headers: HeaderMap, Query(SignIn { next, .. }): Query<SignIn>) -> Response {
    let page = Alone::of(&headers);
    html(&SignInPage { page, wrong: None, next: inside(&next), email: String::new() })
}

async fn sign_in(
    State(dashboard): State<Dashboard>,
    From(client): From,
    headers: HeaderMap,
    Form(sent): Form<SignIn>,
) -> Result<Response, Trouble> {
    if !is_of_this_site(&headers) {
        return Err(Trouble::ForeignForm);
    }
    match open(&dashboard, &sent, &client).await {
        Ok(new) => {
            let cookie = cookie_of(&new, dashboard.engine.ambient().now(), &headers);
            let user = new.session.user();
            let is_initial = user.is_some_and(|user| user.has_initial_password);
            let to = if is_initial { ACCOUNT_PATH.to_owned() } else { inside(&sent.next) };
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&to)).into_response())
        }
        Err(error @ EngineError::Unavailable(_)) => Err(error.into()),
        Err(error) => Ok(refused(&error, &sent, &headers)),
    }
}

async fn open(
    dashboard: &Dashboard,
    sent: &SignIn,
    client: &Client,
) -> Result<NewSession, EngineError> {
    let SignIn { email, password, key, .. } = sent;
    if key.is_empty() {
        dashboard.engine.sign_in_with_password(email, password, client).await
    } else {
        dashboard.engine.sign_in_with_key(key.trim(), client).await
    }
}

fn refused(error: &EngineError, sent: &SignIn, headers: &HeaderMap) -> Response {
    let is_key = !sent.key.is_empty();
    let (status, wrong) = match error {
        EngineError::Unauthenticated if is_key => {
            (StatusCode::UNAUTHORIZED, "This key opens nothing. Is it whole?".to_owned())
        }
        EngineError::Unauthenticated => {
            (StatusCode::UNAUTHORIZED, "E-mail or password is wrong.".to_owned())
        }
        EngineError::Forbidden(_) => (
            StatusCode::FORBIDDEN,
            "This key is good, but not an admin key; signing in takes one.".to_owned(),
        ),
        EngineError::TooFast { .. } => (StatusCode::TOO_MANY_REQUESTS, error.to_string()),
        other => (StatusCode::BAD_REQUEST, other.to_string()),
    };
    let page = Alone::of(headers);
    let (next, email) = (inside(&sent.next), sent.email.clone());
    (status, html(&SignInPage { page, wrong: Some(wrong), next, email })).into_response()
}

/// A path of this server: whoever is sent elsewhere after signing in was lured.
fn inside(next: &str) -> String {
    // Browsers drop tabs and line breaks, so behind one a second slash would lead out as well.
    let leads_out =
        next.starts_with("//") || next.contains('\\') || next.contains(char::is_control);
    let is_inside = next.starts_with('/') && !leads_out;
    if is_inside { next.to_owned() } else { "/".to_owned() }
}

async fn sign_out(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Sent { viewer, form: Empty {} }: Sent<Empty>,
) -> Result<Response, Trouble> {
    dashboard.engine.sign_out(&viewer.session).await?;
    let to = Redirect::to("/sign-in");
    Ok(([(header::SET_COOKIE, no_cookie(&headers))], to).into_response())
}

#[derive(Deserialize)]
struct Switch {
    organization: OrganizationId,
}

async fn switch(
    State(dashboard): State<Dashboard>,
    Sent { viewer, form }: Sent<Switch>,
) -> Result<Redirect, Trouble> {
    dashboard.engine.switch_organization(&viewer.session, form.organization).await?;
    Ok(Redirect::to("/"))
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn whoever_signs_in_stays_on_this_server() {
        for path in ["/", "/webhooks?a=b", "/events#7", "/ä"] {
            assert_eq!(inside(path), path);
        }
        for path in ["", "webhooks", "https://evil.example", "//evil.example", "/\\evil.example"] {
            assert_eq!(inside(path), "/", "{path}");
        }
        for path in ["/\t/evil.example", "/\n/evil.example", "/\r", "/a\u{7f}"] {
            assert_eq!(inside(path), "/", "{path:?}");
        }
    }
}
