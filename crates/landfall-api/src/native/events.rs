//! `/events`: the log. What an event says is copied as it is stored, never parsed.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use landfall_domain::event::EventData;
use landfall_domain::time::Timestamp;
use landfall_engine::events::StoredEvent;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{LIMIT_MAX, Paging};
use super::problem::Problem;
use super::request::{Asked, By};
use super::stream;
use super::text::push;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// A request looks through so many pages of the log for events of its types.
const PAGES_MAX: usize = 20;

/// The routes of the log.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_events)).routes(routes!(stream::stream_events))
}

/// A page of the log.
#[derive(Serialize, Deserialize, ToSchema)]
struct EventPageView {
    /// The events, in order.
    items: Vec<EventView>,
    /// The number of the last event that was looked at: the `after` of the next page.
    last: u64,
}

/// An event.
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct EventView {
    /// Its number in the organization, from 1, without gaps.
    sequence: u64,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "deployment.completed")]
    kind: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// When Landfall heard of it.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Timestamp,
    /// Everything it says.
    data: EventData,
}

/// Appends an event as an [`EventView`].
pub(super) fn write_event(out: &mut String, event: &StoredEvent) {
    let StoredEvent { sequence, kind, at, recorded_at, data } = event;
    push(out, format_args!(r#"{{"sequence":{sequence},"type":"{kind}","timestamp":"{at}""#));
    push(out, format_args!(r#","recorded_at":"{recorded_at}","data":{data}}}"#));
}

/// Which types of events are asked for: names in which `*` stands for anything.
pub(super) struct Types(Vec<String>);

impl Types {
    /// Each is held against every event; there are fewer types than this.
    const ENTRIES_MAX: usize = 50;

    /// Reads a list separated by commas; none means all.
    pub(super) fn read(list: Option<&str>) -> Result<Self, Rejection> {
        let globs = list.unwrap_or_default().split(',').map(str::trim);
        let globs = globs.filter(|glob| !glob.is_empty()).map(str::to_ascii_lowercase);
        let globs: Vec<String> = globs.collect();
        if globs.len() > Self::ENTRIES_MAX {
            let (length, most) = (globs.len(), Self::ENTRIES_MAX);
            let reason = format!("has {length} entries; at most {most} are allowed, so use `*`");
            return Err(Rejection::field("types", reason));
        }
        Ok(Self(globs))
    }

    /// Whether events of this type are asked for.
    pub(super) fn hold(&self, kind: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|glob| matches(glob, kind))
    }
}

/// Looks for each part of the pattern once: of all places the first one leaves most to the others.
fn matches(glob: &str, text: &str) -> bool {
    let Some((head, tail)) = glob.split_once('*') else { return glob == text };
    let (parts, end) = tail.rsplit_once('*').unwrap_or(("", tail));
    let inner = text.strip_prefix(head).and_then(|rest| rest.strip_suffix(end));
    let Some(mut rest) = inner else { return false };
    parts.split('*').all(|part| {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
        true
    })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EventsQuery {
    /// Only events after this number; 0 if absent.
    #[param(value_type = Option<u64>)]
    after: Option<String>,
    /// At most so many items, 1 to 500; 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// Only these types, separated by commas; `*` stands for anything, as in `deployment.*`.
    types: Option<String>,
}

/// Reads the number of an event.
pub(super) fn read_sequence(name: &str, text: &str) -> Result<u64, Rejection> {
    text.trim().parse().map_err(|_| Rejection::field(name, "must be the number of an event"))
}

/// List events in order.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(EventsQuery),
    responses((status = 200, description = "A page of the log", body = EventPageView)))]
async fn list_events(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<EventsQuery>,
) -> Result<Response, Problem> {
    let EventsQuery { after, limit, types } = query;
    let mut last = after.map_or(Ok(0), |text| read_sequence("after", &text))?;
    let limit = Paging::read(limit.as_deref(), None)?.limit;
    let types = Types::read(types.as_deref())?;
    let mut found = Vec::new();
    for _ in 0..PAGES_MAX {
        let wanted = if types.0.is_empty() { limit } else { LIMIT_MAX };
        let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
        let events = api.engine.events_after(&caller, last, wanted).await?;
        let is_end = events.is_empty();
        for event in events {
            if found.len() == limit {
                break;
            }
            last = event.sequence;
            if types.hold(&event.kind) {
                found.push(event);
            }
        }
        if is_end || found.len() == limit || types.0.is_empty() {
            break;
        }
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], render(&found, last)).into_response())
}

fn render(events: &[StoredEvent], last: u64) -> String {
    let mut out = String::from(r#"{"items":["#);
    for (index, event) in events.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_event(&mut out, event);
    }
    push(&mut out, format_args!(r#"],"last":{last}}}"#));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(list: &str) -> Types {
        Types::read(Some(list)).unwrap()
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (list, kind, holds) in [
            ("", "build.started", true),
            ("*", "build.started", true),
            ("deployment.*", "deployment.completed", true),
            ("deployment.*", "build.completed", false),
            ("*.failed, *.aborted", "build.failed", true),
            ("Deployment.Completed", "deployment.completed", true),
            ("deployment", "deployment.completed", false),
            ("*ment.*ed", "deployment.completed", true),
            ("*ment.*ed", "deployment.pending", false),
            ("*e*e*e*d", "deployment.completed", true),
            ("*e*e*e*e*e*", "deployment.completed", false),
            ("deployment.*.completed", "deployment.completed", false),
            ("**", "deployment.completed", true),
        ] {
            assert_eq!(types(list).hold(kind), holds, "{list} {kind}");
        }
    }

    /// Trying every place for every star would take longer than anybody waits.
    #[test]
    fn a_pattern_full_of_stars_is_answered() {
        assert!(!types(&"*e".repeat(1_000)).hold("deployment.completed"));
        assert!(types(&"*".repeat(10_000)).hold("deployment.completed"));
    }

    #[test]
    fn more_patterns_than_there_are_types_are_refused() {
        let of = |count| vec!["a.*"; count].join(",");
        assert!(Types::read(Some(&of(Types::ENTRIES_MAX))).is_ok());
        let why = Types::read(Some(&of(Types::ENTRIES_MAX + 1))).err().unwrap();
        assert!(why.to_string().contains("has 51 entries"), "{why}");
    }
}
