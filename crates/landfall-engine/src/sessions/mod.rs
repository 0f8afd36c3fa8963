//! Sessions of the dashboard: a token that a browser keeps, of which only a hash is stored.
//!
//! A session of a person acts with their role in the organization that it looks at; one that was
//! opened with an admin key acts as that key does, and dies with it.

mod manage;
mod sign_in;

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use landfall_domain::access::ApiKey;
use landfall_domain::id::SessionId;
use landfall_domain::role::Role;
use landfall_domain::session::{Holder, SessionRecord};
use landfall_domain::time::Timestamp;
use landfall_domain::user::User;
pub use landfall_store::rows::membership::Membership;
pub use landfall_store::rows::session::StoredSession;
use landfall_store::rows::{api_key, membership, organization, session, user};
use landfall_store::{Connection, StoreError};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::access::Caller;
use crate::engine::Engine;
use crate::era_cache::EraCache;
use crate::error::EngineError;

/// Sessions by the hash of their token, so that pages and live streams do not read each time.
pub(crate) type SessionCache = EraCache<[u8; 32], Arc<Session>>;

/// Who asks to sign in.
#[derive(Clone, Debug, Default)]
pub struct Client {
    address: Option<IpAddr>,
    user_agent: String,
}

impl Client {
    /// A client at an address, and what its browser says of itself.
    pub fn new(address: Option<IpAddr>, user_agent: &str) -> Self {
        let shown = user_agent.chars().filter(|c| !c.is_control());
        let user_agent = shown.take(SessionRecord::USER_AGENT_CHARS_MAX).collect();
        Self { address, user_agent }
    }
}

/// A session that was just opened, with its token, which nobody sees again.
#[derive(Clone)]
pub struct NewSession {
    /// What the browser keeps: 256 random bits, as text that fits a cookie.
    pub token: String,
    /// What it opens.
    pub session: Arc<Session>,
}

/// A live session, as of one moment.
pub struct Session {
    record: SessionRecord,
    identity: Identity,
    caller: Caller,
    organization_name: String,
    memberships: Vec<Membership>,
}

enum Identity {
    Person(User),
    Key(ApiKey),
}

impl Session {
    /// What it is listed and revoked by; no secret.
    pub const fn id(&self) -> SessionId {
        self.record.id
    }

    /// Who calls, and what they may do in the organization that it looks at.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The person who is signed in; none if it was opened with a key.
    pub const fn user(&self) -> Option<&User> {
        match &self.identity {
            Identity::Person(user) => Some(user),
            Identity::Key(_) => None,
        }
    }

    /// The key that it was opened with; none if a person is signed in.
    pub const fn key(&self) -> Option<&ApiKey> {
        match &self.identity {
            Identity::Person(_) => None,
            Identity::Key(key) => Some(key),
        }
    }

    /// The person's role in the organization that it looks at.
    pub fn role(&self) -> Option<Role> {
        let here = self.memberships.iter().find(|it| it.organization == self.record.organization);
        here.map(|membership| membership.role)
    }

    /// The name, for people, of the organization that it looks at; its id and slug are the caller's.
    pub fn organization_name(&self) -> &str {
        &self.organization_name
    }

    /// The organizations that it can look at, by slug; none if it was opened with a key, which
    /// stays where it belongs.
    pub fn organizations(&self) -> &[Membership] {
        &self.memberships
    }

    /// What every form of this session carries, so that no other site can send one.
    pub fn csrf(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.record.csrf_secret)
    }

    /// Whether a form came from a page of this session.
    pub fn is_csrf(&self, token: &str) -> bool {
        self.csrf().as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// When it ends unless it is used again.
    pub fn ends_at(&self) -> Timestamp {
        self.record.ends_at()
    }

    fn is_live(&self, now: Timestamp) -> bool {
        let holder_is_live = match &self.identity {
            Identity::Person(user) => user.disabled_at.is_none(),
            Identity::Key(key) => key.is_live(now),
        };
        holder_is_live && self.record.is_live(now)
    }
}

impl Engine {
    /// The live session of a token. Its use is noted, which keeps it alive.
    pub async fn session(&self, token: &str) -> Result<Arc<Session>, EngineError> {
        let (hash, now) = (hash_token(token), self.ambient().now());
        let cache = &self.shared.sessions;
        let found = match cache.find(&hash, now) {
            Some(known) => known,
            None => self.read_session(hash).await?.ok_or(EngineError::Unauthenticated)?,
        };
        if found.is_live(now) { Ok(found) } else { Err(EngineError::Unauthenticated) }
    }

    async fn read_session(&self, hash: [u8; 32]) -> Result<Option<Arc<Session>>, EngineError> {
        let (cache, now) = (&self.shared.sessions, self.ambient().now());
        let era = cache.era();
        let found = self.shared.store.reader.read(move |db| load(db, &hash)).await?;
        let Some(mut found) = found else { return Ok(None) };
        if found.is_live(now) && found.record.is_due(now) {
            self.note_seen(found.record.id, now).await;
            found.record.last_seen_at = now;
        }
        let found = Arc::new(found);
        cache.remember(hash, Arc::clone(&found), now, era);
        Ok(Some(found))
    }

    /// A note that is lost makes the session end a minute earlier, which is no reason to refuse it.
    async fn note_seen(&self, id: SessionId, now: Timestamp) {
        let noted = self.write(move |db| session::seen(db, id, now)).await;
        if let Err(error) = noted {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the use of a session was not noted; will try again");
        }
    }
}

/// What is stored and looked up of a token.
fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A session with all that it stands on; none if any of it is gone.
fn load(db: &mut Connection, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
    match session::find(db, token_hash)? {
        Some(found) => complete(db, found.record),
        None => Ok(None),
    }
}

fn complete(db: &mut Connection, record: SessionRecord) -> Result<Option<Session>, StoreError> {
    match &record.holder {
        Holder::User(id) => {
            let Some(found) = user::find(db, *id)? else { return Ok(None) };
            let memberships = membership::of_user(db, *id)?;
            Ok(of_person(record, found, memberships))
        }
        Holder::Key(key_id) => {
            let Some(here) = organization::find(db, record.organization)? else { return Ok(None) };
            let Some(key) = api_key::find(db, &here.slug, key_id)? else { return Ok(None) };
            let caller = Caller::of_key(&here.slug, &key);
            Ok(Some(Session {
                record,
                identity: Identity::Key(key),
                caller,
                organization_name: here.name,
                memberships: Vec::new(),
            }))
        }
    }
}

fn of_person(record: SessionRecord, user: User, memberships: Vec<Membership>) -> Option<Session> {
    let here = memberships.iter().find(|it| it.organization == record.organization)?;
    Some(Session {
        caller: Caller::of_user(&user, here),
        organization_name: here.name.clone(),
        identity: Identity::Person(user),
        memberships,
        record,
    })
}
