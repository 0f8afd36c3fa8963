//! Who is calling, and what they may do.

use std::sync::Arc;

use landfall_domain::access::{ApiKey, KeyText, Scope};
use landfall_domain::id::{OrganizationId, ProjectId, UserId};
use landfall_domain::session::Holder;
use landfall_domain::user::User;
use landfall_store::rows::api_key;
use landfall_store::rows::membership::Membership;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::engine::Engine;
use crate::error::EngineError;

/// A caller whose key or session was checked.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant; every use case stays within it.
    pub organization: OrganizationId,
    /// The tenant's slug.
    pub slug: String,
    /// The key's id or, of a person who is signed in, their e-mail address.
    pub key_id: String,
    /// Where reports go that name no project.
    pub default_project: Option<ProjectId>,
    user: Option<UserId>,
    scopes: Arc<[Scope]>,
}

impl Caller {
    /// Refuses a caller who may not do what needs `scope`.
    pub fn require(&self, scope: Scope) -> Result<(), EngineError> {
        if self.allows(scope) { Ok(()) } else { Err(EngineError::Forbidden(scope)) }
    }

    /// Whether the caller may do what needs `scope`.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|held| held.covers(scope))
    }

    /// The person who is signed in; none if a key calls.
    pub const fn user(&self) -> Option<UserId> {
        self.user
    }

    /// Whose the caller's sessions are.
    pub(crate) fn holder(&self) -> Holder {
        self.user.map_or_else(|| Holder::Key(self.key_id.clone()), Holder::User)
    }

    /// A person who is signed in, with their role in one organization.
    pub(crate) fn of_user(user: &User, membership: &Membership) -> Self {
        Self {
            organization: membership.organization,
            slug: membership.slug.clone(),
            key_id: user.email.to_string(),
            default_project: None,
            user: Some(user.id),
            scopes: membership.role.scopes().into(),
        }
    }

    /// Somebody who holds a key of the organization of that slug.
    pub(crate) fn of_key(slug: &str, key: &ApiKey) -> Self {
        Self {
            organization: key.organization,
            slug: slug.to_owned(),
            key_id: key.key_id.clone(),
            default_project: key.default_project,
            user: None,
            scopes: key.scopes.as_slice().into(),
        }
    }

    /// Whoever signed a request with a key that was checked.
    pub(crate) fn signing(organization: OrganizationId, slug: &str, key_id: String) -> Self {
        Self {
            organization,
            slug: slug.to_owned(),
            key_id,
            default_project: None,
            user: None,
            scopes: Arc::new([Scope::Manage]),
        }
    }

    /// Landfall itself, for work that no key asked for.
    pub(crate) fn system(organization: OrganizationId) -> Self {
        Self {
            organization,
            slug: String::new(),
            key_id: "system".to_owned(),
            default_project: None,
            user: None,
            scopes: Arc::new([Scope::Admin]),
        }
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
        let (key, scopes) = if let Some(known) = keys.find(text.organization, text.key_id, now) {
            known
        } else {
            let (slug, key_id) = (text.organization.to_owned(), text.key_id.to_owned());
            let (reader, era) = (&self.shared.store.reader, keys.era());
            let found = reader.read(move |db| api_key::find(db, &slug, &key_id)).await?;
            let key = found.ok_or(EngineError::Unauthenticated)?;
            let scopes: Arc<[Scope]> = key.scopes.clone().into();
            let known = (key, scopes);
            keys.remember((text.organization, text.key_id), known.clone(), now, era);
            known
        };
        let is_secret: bool = hash_secret(text.secret).ct_eq(&key.secret_hash).into();
        if !is_secret || !key.is_live(now) {
            return Err(EngineError::Unauthenticated);
        }
        self.shared.rate.take(key.organization, &key.key_id)?;
        keys.note_used(key.organization, &key.key_id, now);
        Ok(Caller {
            organization: key.organization,
            slug: text.organization.to_owned(),
            key_id: key.key_id,
            default_project: key.default_project,
            user: None,
            scopes,
        })
    }
}
