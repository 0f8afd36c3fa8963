//! Looking at sessions, moving them to another organization, ending them.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::event::AuditEntry;
use landfall_domain::id::{IdSource, OrganizationId, SessionId};
use landfall_domain::refusal::Refusal;
use landfall_domain::session::Holder;
use landfall_store::rows::{audit, session};

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
        let switched = self.write(move |db| {
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
        let reader = &self.shared.store.reader;
        let found = reader.read(move |db| session::find_by_id(db, id)).await?;
        let found = found.filter(|found| may_revoke(caller, found));
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
    let is_here = found.record.organization == caller.organization;
    let is_own = found.record.holder == caller.holder()
        && (is_here || matches!(found.record.holder, Holder::User(_)));
    is_own || (is_here && caller.allows(Scope::Admin))
}

/// Whose session it is, in a word.
fn whose(found: &StoredSession) -> String {
    match (&found.email, &found.record.holder) {
        (Some(email), _) => email.to_string(),
        (None, Holder::Key(key_id)) => key_id.clone(),
        (None, Holder::User(id)) => id.to_string(),
    }
}
