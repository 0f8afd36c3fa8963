//! `/live`: tells pages that there is news. What is new they ask for themselves.
//!
//! All pages of a browser share one stream, which a worker of theirs holds: a browser has only six
//! connections to a server that speaks HTTP/1, and a stream keeps one.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use axum::routing::get;
use futures_util::{Stream, stream};
use landfall_engine::events::Follower;
use serde::Deserialize;
use uuid::Uuid;

use crate::Dashboard;
use crate::answer::Trouble;
use crate::session::SignedIn;

/// The route of the live stream.
pub(crate) fn routes() -> Router<Dashboard> {
    Router::new().route("/live", get(live))
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
    /// The organization that the pages show.
    organization: Option<Uuid>,
}

async fn live(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(After { after, organization }): Query<After>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Trouble> {
    // The session looks at another organization by now: its pages are out of date.
    if organization.is_some_and(|shown| shown != viewer.caller.organization.uuid()) {
        return Err(Trouble::SignedOutScript);
    }
    // A browser that connects again says what it heard last.
    let heard = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let follower = dashboard.engine.follow(&viewer.caller, heard.unwrap_or(after)).await?;
    let news = stream::unfold((follower, dashboard, viewer), next);
    Ok(Sse::new(news).keep_alive(KeepAlive::default()))
}

/// The next news; it ends with the server, and with the session.
async fn next(
    (mut follower, dashboard, viewer): (Follower, Dashboard, SignedIn),
) -> Option<(Result<Event, Infallible>, (Follower, Dashboard, SignedIn))> {
    let events = follower.next().await.ok()??;
    let is_signed_in = viewer.is_still_signed_in(&dashboard.engine).await;
    let last = events.last().filter(|_| is_signed_in)?;
    // Browsers drop an event without data.
    let number = last.sequence.to_string();
    let event = Event::default().event("news").id(&number).data(&number);
    Some((Ok(event), (follower, dashboard, viewer)))
}
