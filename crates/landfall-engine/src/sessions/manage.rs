//! Looking at sessions, moving them to another organization, ending them.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::event::AuditEntry;
use landfall_domain::id::{IdSource, OrganizationId, SessionId};
use landfall_domain::refusal::Refusal;
use landfall_domain::session::Holder;
use landfall_store::rows::{audit, session};

use super::sign_in::note_sign_in;
use super::{Session, StoredSession, complete};
use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// Lets a person look at another of their organizations from now on.
    pub async fn switch_organization(
        &self,
        session: &Session,
        organization: OrganizationId,
    ) -> Result<Arc<Session>, EngineError> {
        let to = session.memberships.iter().find(|it| it.organization == organization);
        let to = to.ok_or_else(|| Refusal::not_found("organization", &organization))?;
        let mut record = session.record.clone();
        record.organization = to.organization;
        let now = self.ambient().now();
        let switched = self.write(move |db| {
            note_sign_in(db, &record, now)?;
            session::switch(db, record.id, record.organization)?;
            complete(db, record)
        });
        let switched = switched.await;
        self.shared.sessions.clear();
        switched?.map(Arc::new).ok_or(EngineError::Unauthenticated)
    }

    /// Ends a session; its token opens nothing from now on.
    pub async fn sign_out(&self, session: &Session) -> Result<(), EngineError> {
        let id = session.id();
        let ended = self.write(move |db| session::end(db, id)).await;
        self.shared.sessions.clear();
        ended.map(|_| ())
    }

    /// The caller's own live sessions in every organization, newest first.
    pub async fn list_own_sessions(
        &self,
        caller: &Caller,
    ) -> Result<Vec<StoredSession>, EngineError> {
        let holder = caller.holder();
        let organization = caller.organization;
        let reader = &self.shared.store.reader;
        let found = reader.read(move |db| match holder {
            Holder::User(id) => session::of_user(db, id),
            key @ Holder::Key(_) => {
                let mut found = session::of_organization(db, organization)?;
                found.retain(|it| it.record.holder == key);
                Ok(found)
            }
        });
        Ok(self.live(found.await?))
    }

    /// The live sessions that look at the caller's organization, newest first; for admins.
    pub async fn list_sessions(&self, caller: &Caller) -> Result<Vec<StoredSession>, EngineError> {
        caller.require(Scope::Admin)?;
        let organization = caller.organization;
        let reader = &self.shared.store.reader;
        let found = reader.read(move |db| session::of_organization(db, organization)).await?;
        Ok(self.live(found))
    }

    fn live(&self, mut found: Vec<StoredSession>) -> Vec<StoredSession> {
        let now = self.ambient().now();
        found.retain(|it| it.record.is_live(now));
        found
    }

    /// Ends a session of the caller's own or, for admins, one that looks at their organization.
    pub async fn revoke_session(&self, caller: &Caller, id: SessionId) -> Result<(), EngineError> {
        self.revoke_if(caller, id, may_revoke).await
    }

    /// Ends a session of the caller's own.
    pub async fn revoke_own_session(
        &self,
        caller: &Caller,
        id: SessionId,
    ) -> Result<(), EngineError> {
        self.revoke_if(caller, id, is_own).await
    }

    async fn revoke_if(
        &self,
        caller: &Caller,
        id: SessionId,
        may: fn(&Caller, &StoredSession) -> bool,
    ) -> Result<(), EngineError> {
        let reader = &self.shared.store.reader;
        let found = reader.read(move |db| session::find_by_id(db, id)).await?;
        let found = found.filter(|found| may(caller, found));
        let found = found.ok_or_else(|| Refusal::not_found("session", &id))?;
        let entry = self.audit_entry(caller, "session.revoked", &whose(&found));
        let entropy = self.ambient().entropy();
        let ended = self.write(move |db| {
            let is_new = session::end(db, id)?;
            if is_new {
                audit::append(db, &[entry], &mut IdSource::new(entropy))?;
            }
            Ok(is_new)
        });
        let ended = ended.await;
        self.shared.sessions.clear();
        if ended? { Ok(()) } else { Err(Refusal::not_found("session", &id).into()) }
    }

    /// Ends every session of a session's holder but that one.
    pub async fn revoke_other_sessions(&self, kept: &Session) -> Result<(), EngineError> {
        let caller = kept.caller();
        let entry = self.audit_entry(caller, "session.others_revoked", &caller.key_id);
        let (record, entropy) = (kept.record.clone(), self.ambient().entropy());
        let ended = self.write(move |db| {
            if session::end_others(db, &record)? > 0 {
                audit::append(db, &[entry], &mut IdSource::new(entropy))?;
            }
            Ok(())
        });
        let ended = ended.await;
        self.shared.sessions.clear();
        ended
    }

    /// An entry of the audit log of the caller's organization.
    pub(crate) fn audit_entry(&self, caller: &Caller, action: &str, subject: &str) -> AuditEntry {
        AuditEntry {
            organization: caller.organization,
            at: self.ambient().now(),
            by: caller.key_id.clone(),
            action: action.to_owned(),
            subject: subject.to_owned(),
        }
    }
}

fn may_revoke(caller: &Caller, found: &StoredSession) -> bool {
    is_own(caller, found) || (is_here(caller, found) && caller.allows(Scope::Admin))
}

/// A person's sessions are theirs wherever they look; a key's id means it only in its organization.
fn is_own(caller: &Caller, found: &StoredSession) -> bool {
    let holder = &found.record.holder;
    *holder == caller.holder() && (is_here(caller, found) || matches!(holder, Holder::User(_)))
}

fn is_here(caller: &Caller, found: &StoredSession) -> bool {
    found.record.organization == caller.organization
}

/// Whose session it is, in a word.
fn whose(found: &StoredSession) -> String {
    match (&found.email, &found.record.holder) {
        (Some(email), _) => email.to_string(),
        (None, Holder::Key(key_id)) => key_id.clone(),
        (None, Holder::User(id)) => id.to_string(),
    }
}
