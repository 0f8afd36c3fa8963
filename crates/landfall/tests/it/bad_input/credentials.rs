//! Headers that are missing, wrong or too much.

use super::{Case, Dialect, check};
use crate::harness::Call;

/// What the header `Authorization` holds; nothing of it opens anything.
const CREDENTIALS: [&str; 10] = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer sk_default_k1_short",
    "Bearer sk_default_k1_0123456789abcdefghijklmnopqrstuv",
    "Bearer sk_nowhere_k1_0123456789abcdefghijklmnopqrstuv",
    "Bearer sk_default_k1_0123456789abcdef0123456789abcdef, Bearer x",
    "Basic dXNlcjpwYXNzd29yZA==",
    "Digest username=\"x\"",
    "sk_default_k1_0123456789abcdefghijklmnopqrstuv",
];
const MEDIA_TYPES: [&str; 6] = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "json",
    "application/jsonx",
];
const IDEMPOTENCY_KEYS: [&str; 3] = ["", "   ", "ключ"];

fn good(dialect: Dialect) -> Call {
    Call::post(dialect.path(), dialect.good().to_string())
}

#[tokio::test]
async fn a_credential_that_opens_nothing_is_refused() {
    let mut cases = Vec::new();
    for dialect in Dialect::ALL {
        let case = |name: &str, call| Case {
            dialect,
            name: name.to_owned(),
            call,
            status: 401,
            says: "API key",
            is_kept: false,
        };
        for value in CREDENTIALS {
            cases.push(case(value, good(dialect).with("authorization", value)));
        }
        let long = format!("Bearer sk_default_k1_{}", "x".repeat(10_000));
        cases.push(case("a long key", good(dialect).with("authorization", &long)));
        cases.push(case("no key", good(dialect).anonymous()));
        // Who may not send a body is told so, whatever the body holds.
        let bad = Call::post(dialect.path(), "{").with("authorization", "Bearer x");
        cases.push(case("a bad body", bad));
    }
    check(cases).await;
}

#[tokio::test]
async fn a_header_that_makes_no_sense_is_refused() {
    let mut cases = Vec::new();
    for dialect in Dialect::ALL {
        let mut add = |header: &str, value: &str, status, says| {
            let (name, call) = (format!("{header} {value}"), good(dialect).with(header, value));
            cases.push(Case { dialect, name, call, status, says, is_kept: true });
        };
        for value in MEDIA_TYPES {
            add("content-type", value, 415, "Content-Type must be application/json");
        }
        for value in IDEMPOTENCY_KEYS {
            add("idempotency-key", value, 400, "must be 1 to 255 visible ASCII characters");
        }
        let long = "x".repeat(256);
        add("idempotency-key", &long, 400, "must be 1 to 255 visible ASCII characters");
    }
    check(cases).await;
}
