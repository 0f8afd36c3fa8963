//! One's own sessions: where one is signed in, and ending that.

use axum::extract::Path;
use landfall_domain::id::SessionId;
use landfall_engine::EngineError;
use landfall_engine::sessions::StoredSession;
use uuid::Uuid;

use super::super::desk::{Answer, Desk, Filled, done, told};
use super::super::moment::Moment;
use super::device::device;
use super::{PLACE, render};
use crate::form::Empty;

/// A session, as it is shown.
pub(super) struct Line {
    pub id: Uuid,
    pub device: String,
    /// What the browser says of itself.
    pub agent: String,
    pub address: String,
    pub since: Moment,
    pub seen: Moment,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// All of them; the one that asks first, then the newest.
pub(super) async fn lines(desk: &Desk) -> Result<Vec<Line>, EngineError> {
    let (this, now) = (desk.viewer.session.id(), desk.now());
    let found = desk.engine.list_own_sessions(desk.caller()).await?;
    let line = |StoredSession { record, email: _ }: StoredSession| Line {
        id: record.id.uuid(),
        device: device(&record.user_agent),
        agent: record.user_agent,
        address: record.address,
        since: Moment::of(record.created_at, now),
        seen: Moment::of(record.last_seen_at, now),
        is_this: record.id == this,
    };
    let mut lines: Vec<Line> = found.into_iter().map(line).collect();
    lines.sort_by_key(|line| !line.is_this);
    Ok(lines)
}

/// Ends one of them.
pub(super) async fn end(
    Path(id): Path<Uuid>,
    Filled { desk, form: Empty {} }: Filled<Empty>,
) -> Answer {
    match desk.engine.revoke_own_session(desk.caller(), SessionId::from_uuid(id)).await {
        Ok(()) => Ok(done(PLACE.path, "ended")),
        Err(why) => render(&desk, told(why)?).await,
    }
}

/// Ends all of them but the one that asks.
pub(super) async fn end_others(Filled { desk, form: Empty {} }: Filled<Empty>) -> Answer {
    desk.engine.revoke_other_sessions(&desk.viewer.session).await?;
    Ok(done(PLACE.path, "others-ended"))
}
