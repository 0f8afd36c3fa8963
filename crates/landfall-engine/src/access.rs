//! Who is calling, and what they may do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use landfall_domain::access::{ApiKey, KeyText, Scope};
use landfall_domain::id::{OrganizationId, ProjectId};
use landfall_domain::time::Timestamp;
use landfall_store::rows::api_key;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::engine::Engine;
use crate::error::EngineError;

/// A caller whose key was checked.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant; every use case stays within it.
    pub organization: OrganizationId,
    /// The tenant's slug.
    pub slug: String,
    /// The key's id.
    pub key_id: String,
    /// Where reports go that name no project.
    pub default_project: Option<ProjectId>,
    scopes: Arc<[Scope]>,
}

impl Caller {
    /// Refuses a caller who may not do what needs `scope`.
    pub fn require(&self, scope: Scope) -> Result<(), EngineError> {
        if self.scopes.iter().any(|held| held.covers(scope)) {
            Ok(())
        } else {
            Err(EngineError::Forbidden(scope))
        }
    }

    /// Landfall itself, for work that no key asked for.
    pub(crate) fn system(organization: OrganizationId) -> Self {
        Self {
            organization,
            slug: String::new(),
            key_id: "system".to_owned(),
            default_project: None,
            scopes: Arc::new([Scope::Admin]),
        }
    }
}

/// Keys that were used lately, so that a report reads none from the store.
#[derive(Default)]
pub(crate) struct KeyCache {
    known: Mutex<HashMap<(String, String), Known>>,
}

struct Known {
    key: ApiKey,
    scopes: Arc<[Scope]>,
    read_at: Timestamp,
    used_at: Option<Timestamp>,
}

impl KeyCache {
    /// A key that another node revoked is refused after this at the latest.
    const TRUSTED_FOR: Duration = Duration::from_secs(2);
    /// More keys than this are forgotten, all at once.
    const KEYS_MAX: usize = 10_000;

    fn find(&self, text: &KeyText<'_>, now: Timestamp) -> Option<(ApiKey, Arc<[Scope]>)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get_mut(&(text.organization.to_owned(), text.key_id.to_owned()))?;
        if now.since(found.read_at) > Self::TRUSTED_FOR {
            return None;
        }
        Some((found.key.clone(), Arc::clone(&found.scopes)))
    }

    fn remember(&self, text: &KeyText<'_>, key: &ApiKey, now: Timestamp) -> Arc<[Scope]> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= Self::KEYS_MAX {
            known.clear();
        }
        let scopes: Arc<[Scope]> = key.scopes.clone().into();
        let slot = (text.organization.to_owned(), text.key_id.to_owned());
        let used_at = known.get(&slot).and_then(|known| known.used_at);
        let entry = Known { key: key.clone(), scopes: Arc::clone(&scopes), read_at: now, used_at };
        known.insert(slot, entry);
        scopes
    }

    fn note_used(&self, text: &KeyText<'_>, now: Timestamp) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = (text.organization.to_owned(), text.key_id.to_owned());
        if let Some(found) = known.get_mut(&slot) {
            found.used_at = Some(now);
        }
    }

    /// Forgets all, so that an edit acts at once.
    pub(crate) fn clear(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The keys that were used since this was asked last.
    pub(crate) fn take_used(&self) -> Vec<(OrganizationId, String, Timestamp)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let used = known.values_mut().filter_map(|known| {
            let at = known.used_at.take()?;
            Some((known.key.organization, known.key.key_id.clone(), at))
        });
        used.collect()
    }
}

/// What is remembered of a secret.
pub(crate) fn hash_secret(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl Engine {
    /// Finds out who holds a key, and counts the call against the key's rate.
    ///
    /// A wrong secret, an unknown key, a revoked and an expired one are told apart to nobody.
    pub async fn authenticate(&self, key: &str) -> Result<Caller, EngineError> {
        let text = KeyText::parse(key).ok_or(EngineError::Unauthenticated)?;
        let now = self.ambient().now();
        let keys = &self.shared.keys;
        let (key, scopes) = if let Some(known) = keys.find(&text, now) {
            known
        } else {
            let (slug, key_id) = (text.organization.to_owned(), text.key_id.to_owned());
            let reader = &self.shared.store.reader;
            let found = reader.read(move |db| api_key::find(db, &slug, &key_id)).await?;
            let key = found.ok_or(EngineError::Unauthenticated)?;
            let scopes = keys.remember(&text, &key, now);
            (key, scopes)
        };
        let is_secret: bool = hash_secret(text.secret).ct_eq(&key.secret_hash).into();
        if !is_secret || !key.is_live(now) {
            return Err(EngineError::Unauthenticated);
        }
        self.shared.rate.take(key.organization, &key.key_id)?;
        keys.note_used(&text, now);
        Ok(Caller {
            organization: key.organization,
            slug: text.organization.to_owned(),
            key_id: key.key_id,
            default_project: key.default_project,
            scopes,
        })
    }
}
