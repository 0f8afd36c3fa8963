//! Forms that change something: they count only if a page of this session made them.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, HeaderValue};
use landfall_domain::refusal::Refusal;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Dashboard;
use crate::answer::Trouble;
use crate::session::SignedIn;

/// A form that a viewer sent.
pub(crate) struct Sent<T> {
    /// Who sent it.
    pub viewer: SignedIn,
    /// Its fields.
    pub form: T,
}

/// A form that has buttons only.
#[derive(Deserialize)]
pub(crate) struct Empty {}

/// What proves that a page of the session made the form.
#[derive(Deserialize)]
struct Proof {
    #[serde(default)]
    csrf: String,
}

impl<T: DeserializeOwned> FromRequest<Dashboard> for Sent<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, dashboard: &Dashboard) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let viewer = SignedIn::from_request_parts(&mut parts, dashboard).await?;
        let headers = parts.headers.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), dashboard).await;
        let body = body.map_err(|why| unreadable(&why.body_text()))?;
        if !is_of_this_site(&headers) || !viewer.session.is_csrf(&proof(&headers, &body)) {
            return Err(Trouble::ForeignForm);
        }
        let form =
            serde_urlencoded::from_bytes(&body).map_err(|why| unreadable(&why.to_string()))?;
        Ok(Self { viewer, form })
    }
}

/// Browsers say where a request comes from; whoever says nothing is no browser of today.
pub(crate) fn is_of_this_site(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    matches!(site, None | Some(b"same-origin" | b"none"))
}

/// A script sends it in a header, a form in a field.
fn proof(headers: &HeaderMap, body: &[u8]) -> String {
    if let Some(text) = headers.get("x-csrf").and_then(|value| value.to_str().ok()) {
        return text.to_owned();
    }
    serde_urlencoded::from_bytes::<Proof>(body).map_or_else(|_| String::new(), |it| it.csrf)
}

fn unreadable(why: &str) -> Trouble {
    Refusal::Invalid { field: "form".to_owned(), reason: format!("can't be read: {why}") }.into()
}
