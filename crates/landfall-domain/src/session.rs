//! Sessions of the dashboard: who holds one, and how long it lives.

use std::time::Duration;

use crate::id::{OrganizationId, SessionId, UserId};
use crate::time::Timestamp;

/// Who a session belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A person, who gave e-mail address and password.
    User(UserId),
    /// The API key of that id, in the session's organization.
    Key(String),
}

/// A session as it is remembered: without its token, of which only a hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// What it is listed and revoked by.
    pub id: SessionId,
    /// Whose it is.
    pub holder: Holder,
    /// The organization that it looks at now.
    pub organization: OrganizationId,
    /// What a form must give back, so that no other site can send it.
    pub csrf_secret: [u8; 32],
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends, however often it is used.
    pub expires_at: Timestamp,
    /// The browser that opened it, in its own words.
    pub user_agent: String,
    /// Where it was opened from; empty if nobody knows.
    pub address: String,
}

impl SessionRecord {
    /// A session that is not used for so long ends.
    pub const IDLE_MAX: Duration = Duration::from_hours(7 * 24);
    /// No session lives longer.
    pub const LIFETIME: Duration = Duration::from_hours(30 * 24);
    /// Its last use is noted no more often than this.
    pub const SEEN_EVERY: Duration = Duration::from_mins(1);
    /// What browsers say of themselves beyond this is not kept.
    pub const USER_AGENT_CHARS_MAX: usize = 200;

    /// When it ends unless it is used again.
    pub fn ends_at(&self) -> Timestamp {
        self.expires_at.min(self.last_seen_at + Self::IDLE_MAX)
    }

    /// Whether it opens anything at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.ends_at()
    }

    /// Whether its use at `now` is worth a note.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now.since(self.last_seen_at) >= Self::SEEN_EVERY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::IdSource;

    fn session() -> SessionRecord {
        let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let mut ids = IdSource::new([1; 16]);
        SessionRecord {
            id: ids.next(now),
            holder: Holder::Key("k1".to_owned()),
            organization: ids.next(now),
            csrf_secret: [0; 32],
            created_at: now,
            last_seen_at: now,
            expires_at: now + SessionRecord::LIFETIME,
            user_agent: String::new(),
            address: String::new(),
        }
    }

    #[test]
    fn a_session_ends_when_it_is_idle_and_at_the_latest_after_its_lifetime() {
        let mut session = session();
        let begun = session.created_at;
        let second = Duration::from_secs(1);
        assert!(session.is_live(begun + SessionRecord::IDLE_MAX - second));
        assert!(!session.is_live(begun + SessionRecord::IDLE_MAX));
        session.last_seen_at = begun + SessionRecord::LIFETIME - second;
        assert!(session.is_live(begun + SessionRecord::LIFETIME - second));
        assert!(!session.is_live(begun + SessionRecord::LIFETIME));
    }

    #[test]
    fn use_is_noted_once_a_minute() {
        let session = session();
        assert!(!session.is_due(session.last_seen_at + Duration::from_secs(59)));
        assert!(session.is_due(session.last_seen_at + SessionRecord::SEEN_EVERY));
    }
}
