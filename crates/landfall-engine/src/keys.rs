//! Making, listing and revoking API keys.

use landfall_domain::access::{ApiKey, KeyText, Scope};
use landfall_domain::event::AuditEntry;
use landfall_domain::id::{IdSource, OrganizationId, ProjectId};
use landfall_domain::refusal::Refusal;
use landfall_domain::time::Timestamp;
use landfall_store::rows::{api_key, audit, organization, session};
use landfall_store::{Connection, StoreError};
use tokio::sync::oneshot;

use crate::access::{Caller, hash_secret};
use crate::engine::Engine;
use crate::error::EngineError;

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Where reports go that name no project.
    pub default_project: Option<ProjectId>,
    /// After this it opens nothing.
    pub expires_at: Option<Timestamp>,
}

/// A key that was just made, with its text, which nobody sees again.
#[derive(Clone, Debug)]
pub struct MadeKey {
    /// What is remembered.
    pub key: ApiKey,
    /// `sk_<organization>_<key id>_<secret>`.
    pub text: String,
}

impl Engine {
    /// Makes a key in the caller's organization.
    pub async fn create_key(&self, caller: &Caller, new: NewKey) -> Result<MadeKey, EngineError> {
        caller.require(Scope::Admin)?;
        if new.scopes.is_empty() {
            return Err(invalid("scopes", "must name at least one of report, read, manage, admin"));
        }
        if new.expires_at.is_some_and(|end| end <= self.ambient().now()) {
            return Err(invalid("expires_at", "must be in the future"));
        }
        self.make_key(caller.organization, &caller.slug, &caller.key_id, new).await
    }

    /// Makes a key in any organization; for the first one of each.
    pub(crate) async fn make_key(
        &self,
        organization: OrganizationId,
        slug: &str,
        by: &str,
        new: NewKey,
    ) -> Result<MadeKey, EngineError> {
        let secret = self.secret();
        let NewKey { name, scopes, default_project, expires_at } = new;
        let draft = ApiKey {
            organization,
            key_id: String::new(),
            name,
            scopes,
            default_project,
            secret_hash: hash_secret(&secret),
            created_at: self.ambient().now(),
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let (by, entropy) = (by.to_owned(), self.ambient().entropy());
        let key = self.write(move |db| insert_numbered(db, draft, by, entropy)).await?;
        let text = format!("sk_{slug}_{}_{secret}", key.key_id);
        Ok(MadeKey { key, text })
    }

    /// Every key of the caller's organization, oldest first.
    pub async fn list_keys(&self, caller: &Caller) -> Result<Vec<ApiKey>, EngineError> {
        caller.require(Scope::Admin)?;
        let organization = caller.organization;
        Ok(self.shared.store.reader.read(move |db| api_key::list(db, organization)).await?)
    }

    /// Revokes a key; it opens nothing from now on.
    pub async fn revoke_key(&self, caller: &Caller, key_id: &str) -> Result<(), EngineError> {
        caller.require(Scope::Admin)?;
        let entry = AuditEntry {
            organization: caller.organization,
            at: self.ambient().now(),
            by: caller.key_id.clone(),
            action: "key.revoked".to_owned(),
            subject: key_id.to_owned(),
        };
        let entropy = self.ambient().entropy();
        let revoked = self.write(move |db| {
            let is_new = api_key::revoke(db, entry.organization, &entry.subject, entry.at)?;
            if is_new {
                session::end_of_key(db, entry.organization, &entry.subject)?;
                audit::append(db, &[entry], &mut IdSource::new(entropy))?;
            }
            Ok(is_new)
        });
        let revoked = revoked.await?;
        self.shared.keys.clear();
        self.shared.sessions.clear();
        if revoked { Ok(()) } else { Err(Refusal::not_found("live API key", key_id).into()) }
    }

    /// Makes sure that a key with this very text opens its organization with the scope `admin`.
    ///
    /// The organization is made if there is none of that slug.
    pub async fn preset_admin_key(&self, text: &str) -> Result<(), EngineError> {
        let Some(parts) = KeyText::parse(text) else {
            return Err(invalid(
                "LANDFALL_ADMIN_KEY",
                "must be sk_<organization>_<key id>_<secret>, the secret at least 32 characters",
            ));
        };
        let organization = self.ensure_organization(parts.organization).await?;
        let key = ApiKey {
            organization: organization.id,
            key_id: parts.key_id.to_owned(),
            name: "preset admin key".to_owned(),
            scopes: vec![Scope::Admin],
            default_project: None,
            secret_hash: hash_secret(parts.secret),
            created_at: self.ambient().now(),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        let slug = organization.slug;
        let preset = self.write(move |db| {
            let known = api_key::find(db, &slug, &key.key_id)?;
            api_key::preset(db, &key)?;
            if known.is_some_and(|known| known.secret_hash != key.secret_hash) {
                session::end_of_key(db, key.organization, &key.key_id)?;
            }
            Ok(())
        });
        preset.await?;
        self.shared.keys.clear();
        self.shared.sessions.clear();
        Ok(())
    }

    /// A new secret: 40 letters and digits, over 200 bits.
    pub(crate) fn secret(&self) -> String {
        self.random_word::<80>()
    }

    /// A random word of half as many letters and digits as bytes, over 5 bits each.
    pub(crate) fn random_word<const BYTES: usize>(&self) -> String {
        const ALPHABET: &[u8] = b"abcdefghijkmnopqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        let mut random = [0_u8; BYTES];
        self.ambient().fill(&mut random);
        let letter = |pair: &[u8]| {
            let number = usize::from(u16::from_be_bytes([pair[0], pair[1]]));
            char::from(ALPHABET[number % ALPHABET.len()])
        };
        random.chunks_exact(2).map(letter).collect()
    }

    /// Runs a write of its own, and returns what it gave.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (give, given) = oneshot::channel();
        let job = Box::new(move |db: &mut Connection| {
            // An error means that the caller went away.
            drop(give.send(work(db)?));
            Ok(())
        });
        self.shared.store.writer.run(job).await?;
        Ok(given.await.map_err(|_| StoreError::Closing)?)
    }
}

/// Gives a key the organization's next number that is free; a preset key may have taken one.
fn insert_numbered(
    db: &mut Connection,
    mut key: ApiKey,
    by: String,
    entropy: [u8; 16],
) -> Result<ApiKey, StoreError> {
    let taken = api_key::list(db, key.organization)?;
    loop {
        key.key_id = format!("k{}", organization::take_key_number(db, key.organization)?);
        if taken.iter().all(|other| other.key_id != key.key_id) {
            break;
        }
    }
    api_key::insert(db, &key)?;
    let entry = AuditEntry {
        organization: key.organization,
        at: key.created_at,
        by,
        action: "key.created".to_owned(),
        subject: key.key_id.clone(),
    };
    audit::append(db, &[entry], &mut IdSource::new(entropy))?;
    Ok(key)
}

fn invalid(field: &str, reason: &str) -> EngineError {
    Refusal::Invalid { field: field.to_owned(), reason: reason.to_owned() }.into()
}
