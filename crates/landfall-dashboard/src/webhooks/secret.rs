//! A new secret on its way to the page that shows it once.
//!
//! It travels in a cookie that only that page gets and that ends with it: nothing on the server
//! remembers what was shown, and loading the page again shows it no more.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use landfall_domain::id::WebhookId;

use crate::page::cookie;

const COOKIE: &str = "landfall_new_secret";

/// Gives a secret along with an answer that leads to the webhook's settings.
pub(super) fn send(
    mut answer: Response,
    id: WebhookId,
    secret: &str,
    headers: &HeaderMap,
) -> Response {
    let is_secure = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let rest = if is_secure { "Max-Age=60; Secure" } else { "Max-Age=60" };
    set(&mut answer, id, secret, rest);
    answer
}

/// The secret that came along.
pub(super) fn take(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE).filter(|secret| !secret.is_empty()).map(str::to_owned)
}

/// Ends the cookie of a secret that is being shown.
pub(super) fn end(answer: &mut Response, id: WebhookId) {
    set(answer, id, "", "Max-Age=0");
}

fn set(answer: &mut Response, id: WebhookId, secret: &str, rest: &str) {
    let cookie =
        format!("{COOKIE}={secret}; Path=/webhooks/{id}/settings; HttpOnly; SameSite=Lax; {rest}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
