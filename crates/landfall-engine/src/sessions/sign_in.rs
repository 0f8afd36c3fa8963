//! Opening sessions: with e-mail address and password, or with an admin key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use landfall_domain::access::Scope;
use landfall_domain::id::OrganizationId;
use landfall_domain::password;
use landfall_domain::session::{Holder, SessionRecord};
use landfall_domain::time::Timestamp;
use landfall_domain::user::{Email, User};
use landfall_store::rows::{membership, session, user};
use landfall_store::{Connection, StoreError};

use super::{Client, NewSession, complete, hash_token};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::passwords::{NOBODYS, Turn};
use crate::throttle::Subject;

/// A session that is ready to be stored, and its token.
struct Draft {
    token: String,
    record: SessionRecord,
}

impl Engine {
    /// Opens a session of a person, in the first of their organizations.
    ///
    /// An unknown address, a wrong password and a disabled person are told apart to nobody, not even
    /// by how long the answer takes.
    pub async fn sign_in_with_password(
        &self,
        email: &str,
        password: &str,
        client: &Client,
    ) -> Result<NewSession, EngineError> {
        let email = Email::parse(email).ok();
        let user = self.check_password(email, password, client).await?;
        self.open_for(user, client).await
    }

    /// Opens a session with a live API key that has the scope `admin`: for the first time, when
    /// there are no people yet.
    pub async fn sign_in_with_key(
        &self,
        api_key: &str,
        client: &Client,
    ) -> Result<NewSession, EngineError> {
        let subjects = subjects(None, client);
        self.shared.throttle.begin(&subjects, self.ambient().now())?;
        let authenticated = self.authenticate(api_key).await;
        if !matches!(authenticated, Err(EngineError::Unauthenticated)) {
            self.shared.throttle.undo(&subjects);
        }
        let caller = authenticated?;
        caller.require(Scope::Admin)?;
        let holder = Holder::Key(caller.key_id.clone());
        let draft = self.draft_session(holder, caller.organization, client);
        self.open(draft, |_| Ok(true)).await
    }

    /// The person whose address and password these are.
    pub(crate) async fn check_password(
        &self,
        email: Option<Email>,
        password: &str,
        client: &Client,
    ) -> Result<User, EngineError> {
        let subjects = subjects(email.as_ref(), client);
        let throttle = &self.shared.throttle;
        // First a turn, then the count: as many attempts as are hashed at one time may be uncounted.
        let turn = self.shared.passwords.turn().await?;
        throttle.begin(&subjects, self.ambient().now())?;
        let judged = self.judge_password(turn, email, password).await;
        let user = judged.inspect_err(|_| throttle.undo(&subjects))?;
        let user = user.ok_or(EngineError::Unauthenticated)?;
        throttle.undo(&subjects);
        throttle.forget(&user.email);
        Ok(user)
    }

    /// Makes one hash, whoever is asked for, and gives the person if all is right.
    async fn judge_password(
        &self,
        turn: Turn,
        email: Option<Email>,
        password: &str,
    ) -> Result<Option<User>, EngineError> {
        let (user, hash) = self.find_password(email).await?;
        // No password is that long, so there is nothing to compare.
        let is_too_long = password.chars().count() > password::CHARS_MAX;
        let asked = if is_too_long { String::new() } else { password.to_owned() };
        let is_right = turn.verify(asked, hash).await? && !is_too_long;
        Ok(user.filter(|user| is_right && user.disabled_at.is_none()))
    }

    /// The person of an address, and a hash to check a password against, whether there is one or not.
    async fn find_password(
        &self,
        email: Option<Email>,
    ) -> Result<(Option<User>, String), EngineError> {
        let reader = &self.shared.store.reader;
        let found = match email {
            Some(email) => reader.read(move |db| user::find_with_password(db, &email)).await?,
            None => None,
        };
        Ok(found.map_or_else(|| (None, NOBODYS.to_owned()), |(user, hash)| (Some(user), hash)))
    }

    /// Opens a session of a person whose password was checked.
    async fn open_for(&self, user: User, client: &Client) -> Result<NewSession, EngineError> {
        let id = user.id;
        let reader = &self.shared.store.reader;
        let memberships = reader.read(move |db| membership::of_user(db, id)).await?;
        let first = memberships.first().ok_or(EngineError::Unauthenticated)?;
        let draft = self.draft_session(Holder::User(id), first.organization, client);
        // The password may have become another one since it was checked.
        self.open(draft, move |db| Ok(user::find(db, id)?.is_some_and(|now| now == user))).await
    }

    /// Opens a session anew for a person who keeps the organization that they look at.
    pub(crate) async fn reopen_for(
        &self,
        user: &User,
        organization: OrganizationId,
        client: &Client,
    ) -> Result<NewSession, EngineError> {
        let draft = self.draft_session(Holder::User(user.id), organization, client);
        self.open(draft, |_| Ok(true)).await
    }

    fn draft_session(
        &self,
        holder: Holder,
        organization: OrganizationId,
        client: &Client,
    ) -> Draft {
        let now = self.ambient().now();
        let (mut token, mut csrf_secret) = ([0; 32], [0; 32]);
        self.ambient().fill(&mut token);
        self.ambient().fill(&mut csrf_secret);
        let record = SessionRecord {
            id: self.ambient().id(now),
            holder,
            organization,
            csrf_secret,
            created_at: now,
            last_seen_at: now,
            expires_at: now + SessionRecord::LIFETIME,
            user_agent: client.user_agent.clone(),
            address: client.address.map(|it| it.to_canonical().to_string()).unwrap_or_default(),
        };
        Draft { token: URL_SAFE_NO_PAD.encode(token), record }
    }

    /// Stores a session if what it stands on is still there.
    async fn open(
        &self,
        draft: Draft,
        still_stands: impl FnOnce(&mut Connection) -> Result<bool, StoreError> + Send + 'static,
    ) -> Result<NewSession, EngineError> {
        let Draft { token, record } = draft;
        let (hash, now) = (hash_token(&token), self.ambient().now());
        let opened = self.write(move |db| {
            let complete = if still_stands(db)? { complete(db, record.clone())? } else { None };
            let live = complete.filter(|session| session.is_live(now));
            if live.is_some() {
                note_sign_in(db, &record, now)?;
                session::insert(db, &hash, &record)?;
            }
            Ok(live)
        });
        let session = opened.await?.ok_or(EngineError::Unauthenticated)?;
        Ok(NewSession { token, session: session.into() })
    }
}

/// Notes that the person of a session, if it is one's, signed in to the organization it looks at.
pub(super) fn note_sign_in(
    db: &mut Connection,
    record: &SessionRecord,
    now: Timestamp,
) -> Result<(), StoreError> {
    match record.holder {
        Holder::User(id) => membership::note_sign_in(db, record.organization, id, now),
        Holder::Key(_) => Ok(()),
    }
}

/// What an attempt is counted for.
fn subjects(email: Option<&Email>, client: &Client) -> Vec<Subject> {
    let email = email.cloned().map(Subject::Email);
    email.into_iter().chain(client.address.map(Subject::address)).collect()
}
