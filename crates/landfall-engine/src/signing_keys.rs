//! Making, listing, changing and revoking signing keys.

use landfall_domain::access::Scope;
use landfall_domain::event::AuditEntry;
use landfall_domain::id::{IdSource, OrganizationId};
use landfall_domain::refusal::Refusal;
use landfall_domain::signing::{self, SigningKey};
use landfall_store::rows::signing_key::StoredSigningKey;
use landfall_store::rows::{audit, signing_key};
use landfall_store::{Connection, StoreError};

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

/// A signing key that was just made, with its secret, which nobody sees again.
#[derive(Clone, Debug)]
pub struct MadeSigningKey {
    /// What is remembered.
    pub key: SigningKey,
    /// What requests are signed with, as text.
    pub secret: String,
}

impl Engine {
    /// Makes a signing key in the caller's organization.
    pub async fn create_signing_key(
        &self,
        caller: &Caller,
        name: String,
        allows_legacy: bool,
    ) -> Result<MadeSigningKey, EngineError> {
        caller.require(Scope::Admin)?;
        let secret = self.secret();
        let key = SigningKey {
            organization: caller.organization,
            key_id: signing::key_id(&caller.slug, &self.random_word::<20>()),
            name,
            allows_legacy,
            created_at: self.ambient().now(),
            revoked_at: None,
            last_used_at: None,
        };
        let stored = StoredSigningKey { sealed: self.seal_secret(&key, &secret), key: key.clone() };
        let insert = move |db: &mut Connection, _: &AuditEntry| {
            signing_key::insert(db, &stored).map(|()| true)
        };
        self.change_signing_key(caller, "signing_key.created", &key.key_id, insert).await?;
        Ok(MadeSigningKey { key, secret })
    }

    /// Every signing key of the caller's organization, oldest first.
    pub async fn list_signing_keys(&self, caller: &Caller) -> Result<Vec<SigningKey>, EngineError> {
        caller.require(Scope::Admin)?;
        let organization = caller.organization;
        Ok(self.shared.store.reader.read(move |db| signing_key::list(db, organization)).await?)
    }

    /// Opens or closes the legacy URLs to a key, from now on.
    pub async fn allow_legacy(
        &self,
        caller: &Caller,
        key_id: &str,
        allows_legacy: bool,
    ) -> Result<SigningKey, EngineError> {
        caller.require(Scope::Admin)?;
        let allow = move |db: &mut Connection, entry: &AuditEntry| {
            signing_key::allow_legacy(db, entry.organization, &entry.subject, allows_legacy)
        };
        self.change_signing_key(caller, "signing_key.updated", key_id, allow).await?;
        let all = self.list_signing_keys(caller).await?;
        let found = all.into_iter().find(|key| key.key_id == key_id);
        found.ok_or_else(|| Refusal::not_found("live signing key", key_id).into())
    }

    /// Revokes a signing key; it opens nothing from now on.
    pub async fn revoke_signing_key(
        &self,
        caller: &Caller,
        key_id: &str,
    ) -> Result<(), EngineError> {
        caller.require(Scope::Admin)?;
        let revoke = |db: &mut Connection, entry: &AuditEntry| {
            signing_key::revoke(db, entry.organization, &entry.subject, entry.at)
        };
        self.change_signing_key(caller, "signing_key.revoked", key_id, revoke).await
    }

    /// Changes a key together with its entry in the audit log, or tells that there is no such key.
    async fn change_signing_key(
        &self,
        caller: &Caller,
        action: &str,
        key_id: &str,
        change: impl FnOnce(&mut Connection, &AuditEntry) -> Result<bool, StoreError> + Send + 'static,
    ) -> Result<(), EngineError> {
        let entry = AuditEntry {
            organization: caller.organization,
            at: self.ambient().now(),
            by: caller.key_id.clone(),
            action: action.to_owned(),
            subject: key_id.to_owned(),
        };
        let entropy = self.ambient().entropy();
        let write = self.write(move |db| {
            let is_changed = change(db, &entry)?;
            if is_changed {
                audit::append(db, &[entry], &mut IdSource::new(entropy))?;
            }
            Ok(is_changed)
        });
        let is_changed = write.await?;
        self.shared.signing_keys.clear();
        if is_changed { Ok(()) } else { Err(Refusal::not_found("live signing key", key_id).into()) }
    }

    fn seal_secret(&self, key: &SigningKey, secret: &str) -> Vec<u8> {
        let mut nonce = [0; 24];
        self.ambient().fill(&mut nonce);
        let place = bound_to(key.organization, &key.key_id);
        self.shared.sealer.seal(secret.as_bytes(), &place, nonce)
    }
}

/// What a sealed secret is bound to, so that it can't be moved to another key.
pub(crate) fn bound_to(organization: OrganizationId, key_id: &str) -> Vec<u8> {
    [b"signing key ", organization.uuid().as_bytes().as_slice(), key_id.as_bytes()].concat()
}
