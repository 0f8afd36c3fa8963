//! Webhooks: who is told of what, how it goes, and what to do when it does not.

mod bar;
mod deliveries;
mod form;
mod head;
mod jobs;
mod list;
mod pretty;
mod secret;
mod settings;
mod state;
mod test;
mod told;
mod verbs;
mod why;

use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use landfall_domain::id::WebhookId;
use landfall_domain::time::Timestamp;
use uuid::Uuid;

use crate::Dashboard;
use crate::answer::Trouble;
use crate::filters::age;

/// The tab of all these pages.
const TAB: &str = "/webhooks";

/// The routes of webhooks.
pub(crate) fn routes() -> Router<Dashboard> {
    Router::new()
        .route("/webhooks", get(list::list))
        .route("/webhooks/new", get(form::new).post(form::create))
        .route("/webhooks/preview", post(form::preview::preview))
        .route("/webhooks/{id}", get(deliveries::list))
        .route("/webhooks/{id}/edit", get(form::edit).post(form::update))
        .route("/webhooks/{id}/deliveries/{sequence}", get(deliveries::show))
        .route("/webhooks/{id}/deliveries/{sequence}/resend", post(verbs::resend))
        .route("/webhooks/{id}/deliveries/{sequence}/skip", post(verbs::skip))
        .route("/webhooks/{id}/test", get(test::form).post(test::send))
        .route("/webhooks/{id}/replay", get(jobs::list).post(jobs::start))
        .route("/webhooks/{id}/jobs/{job}", get(jobs::show))
        .route("/webhooks/{id}/jobs/{job}/stop", post(jobs::stop))
        .route("/webhooks/{id}/why", get(why::why))
        .route("/webhooks/{id}/settings", get(settings::settings))
        .route("/webhooks/{id}/state", post(verbs::set_state))
        .route("/webhooks/{id}/rotate", post(verbs::rotate))
        .route("/webhooks/{id}/delete", post(verbs::delete))
}

/// The webhook that a path names; a word that is no id names nothing.
fn webhook_id(word: &str) -> Result<WebhookId, Trouble> {
    Uuid::parse_str(word).map(WebhookId::from_uuid).map_err(|_| Trouble::NotFound)
}

/// The number of an event in a path.
fn sequence_of(word: &str) -> Result<u64, Trouble> {
    word.parse().map_err(|_| Trouble::NotFound)
}

/// Back to a page of a webhook, where a word says what was done.
fn back(id: WebhookId, page: &str, told: &str) -> Response {
    Redirect::to(&format!("/webhooks/{id}{page}?told={told}")).into_response()
}

/// A time as a row tells it.
#[derive(Clone)]
struct Moment {
    at: Timestamp,
    age: String,
}

impl Moment {
    fn of(at: Timestamp, now: Timestamp) -> Self {
        Self { at, age: age(at, now) }
    }
}

/// The time of the day, for what is near.
fn clock(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} UTC", text.get(11..19).unwrap_or(&text))
}

/// An instant, to the second.
fn exact(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {}", text.get(..10).unwrap_or_default(), clock(at))
}

/// How long something took, as short as it is exact enough.
fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        10_000..1_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_the_unit_that_fits() {
        for (micros, told) in [
            (950, "950 µs"),
            (1_940, "1.9 ms"),
            (25_400, "25 ms"),
            (999_999, "999 ms"),
            (15_040_000, "15.0 s"),
        ] {
            assert_eq!(duration(micros), told);
        }
    }

    #[test]
    fn the_time_of_the_day_is_told_to_the_second() {
        let at = Timestamp::parse("2026-03-01T12:05:09.25Z").unwrap();
        assert_eq!(clock(at), "12:05:09 UTC");
        assert_eq!(exact(at), "2026-03-01 12:05:09 UTC");
    }
}
