//! `/events/stream`: the log as it grows, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream};
use landfall_engine::EngineError;
use landfall_engine::events::{Follower, StoredEvent};
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::IntoParams;

use super::events::{EventView, Types, read_sequence, write_event};
use super::problem::Problem;
use super::request::{Asked, By};
use crate::shared::api::Api;
use crate::shared::credentials::bearer;
use crate::shared::rejection::Rejection;

/// Proxies close a connection on which nothing is said for long.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);
/// A revoked key hears nothing any more after this at the latest.
const KEY_CHECKED_EVERY: Duration = Duration::from_secs(45);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamQuery {
    /// Begin after the event of this number; with those to come if absent.
    #[param(value_type = Option<u64>)]
    after: Option<String>,
    /// Only these types, separated by commas; `*` stands for anything, as in `deployment.*`.
    types: Option<String>,
}

/// Follow the log.
///
/// Server-sent events: `id` is the event's number, `event` its type, `data` the event as
/// `GET /events` shows it. A client that reconnects with `Last-Event-ID` misses nothing.
#[utoipa::path(get, path = "/api/v1/events/stream", tag = "events",
    params(StreamQuery, ("Last-Event-ID" = Option<u64>, Header,
        description = "The number of the last event that was received; wins over `after`")),
    responses((status = 200, description = "Events, as they come", body = EventView,
        content_type = "text/event-stream")))]
pub(super) async fn stream_events(
    State(api): State<Api>,
    headers: HeaderMap,
    By(caller): By,
    Asked(query): Asked<StreamQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let StreamQuery { after, types } = query;
    let last_id = headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default());
    let after = match (last_id, after) {
        (Some(id), _) => read_sequence("Last-Event-ID", id)?,
        (None, Some(after)) => read_sequence("after", &after)?,
        (None, None) => api.engine.own_organization(&caller).await?.next_sequence - 1,
    };
    let subscriber = Subscriber {
        follower: api.engine.follow(&caller, after).await?,
        types: Types::read(types.as_deref())?,
        found: Vec::new().into_iter(),
        check_at: Instant::now() + KEY_CHECKED_EVERY,
        api,
        headers,
    };
    let events = stream::unfold(subscriber, async |mut subscriber| {
        let event = subscriber.next().await?;
        Some((Ok(sse(&event)), subscriber))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_EVERY)))
}

/// One client that listens.
struct Subscriber {
    api: Api,
    headers: HeaderMap,
    types: Types,
    follower: Follower,
    found: std::vec::IntoIter<StoredEvent>,
    check_at: Instant,
}

impl Subscriber {
    /// The next event; `None` when the server closes or the key opens nothing any more.
    async fn next(&mut self) -> Option<StoredEvent> {
        loop {
            if Instant::now() >= self.check_at {
                self.check().await?;
            }
            let types = &self.types;
            if let Some(event) = self.found.find(|event| types.hold(&event.kind)) {
                return Some(event);
            }
            tokio::select! {
                found = self.follower.next() => self.found = take(found)?.into_iter(),
                () = tokio::time::sleep_until(self.check_at) => {}
            }
        }
    }

    /// Checks the key again. One that can't be checked right now is trusted until the next time.
    async fn check(&mut self) -> Option<()> {
        self.check_at = Instant::now() + KEY_CHECKED_EVERY;
        match bearer(&self.api, &self.headers).await {
            Err(EngineError::Unauthenticated) => None,
            Err(why) => {
                Rejection::from(why).log();
                Some(())
            }
            Ok(_) => Some(()),
        }
    }
}

/// What the follower found; a log that can't be read ends the stream, and the client comes again.
fn take<E: Into<EngineError>>(
    found: Result<Option<Vec<StoredEvent>>, E>,
) -> Option<Vec<StoredEvent>> {
    found.unwrap_or_else(|why| {
        Rejection::from(why.into()).log();
        None
    })
}

fn sse(event: &StoredEvent) -> Event {
    let mut data = String::with_capacity(event.data.len() + 128);
    write_event(&mut data, event);
    // A carriage return in JSON is white space between tokens, and would end a line here.
    let data = if data.contains('\r') { data.replace('\r', " ") } else { data };
    Event::default().id(event.sequence.to_string()).event(&*event.kind).data(data)
}
