//! Who signed a request: the other way in, beside API keys.

use std::fmt;
use std::sync::Arc;

use landfall_domain::signing::{Claim, SECRET_OF_NO_KEY, SigningKey, slug_of};
use landfall_store::StoreError;
use landfall_store::rows::signing_key::{self, StoredSigningKey};

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::signing_keys::bound_to;

/// A caller whose signature was checked.
#[derive(Clone, Debug)]
pub struct Signer {
    /// Who it is; a signing key manages.
    pub caller: Caller,
    /// Whether the key opens URLs whose parts its signature does not cover.
    pub allows_legacy: bool,
}

/// Why a signed request is not taken for anyone's.
#[derive(Debug, thiserror::Error)]
pub enum NotSigned {
    /// It was signed too long ago, or is not signed yet. No key was looked at.
    #[error("the request was not signed within 300 seconds of now")]
    Untimely,
    /// The signature is nobody's, or its key calls too often, or we failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A key whose secret was opened.
#[derive(Clone)]
pub(crate) struct OpenKey {
    key: Arc<SigningKey>,
    secret: Arc<str>,
}

/// Shows which key it is, and not the secret.
impl fmt::Debug for OpenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenKey").field(&self.key.key_id).finish()
    }
}

impl Engine {
    /// Finds out who signed a body, and counts the call against the key's rate.
    ///
    /// An unknown key, a revoked one and a wrong signature are told apart to nobody.
    pub async fn authenticate_signed(
        &self,
        claim: Claim<'_>,
        body: &[u8],
    ) -> Result<Signer, NotSigned> {
        let now = self.ambient().now();
        if !claim.is_timely(now) {
            return Err(NotSigned::Untimely);
        }
        let slug = slug_of(claim.key_id).ok_or(EngineError::Unauthenticated)?;
        let found = self.open_signing_key(slug, claim.key_id).await?;
        // Of a long body the signature takes milliseconds, which would tell which keys there are.
        let secret = found.as_ref().map_or(SECRET_OF_NO_KEY, |open| &open.secret);
        let is_signed = claim.is_signed_with(secret, body);
        let live = found.filter(|open| is_signed && open.key.revoked_at.is_none());
        let key = live.ok_or(EngineError::Unauthenticated)?.key;
        self.shared.rate.take(key.organization, &key.key_id)?;
        self.shared.signing_keys.note_used(key.organization, &key.key_id, now);
        let caller = Caller::signing(key.organization, slug, key.key_id.clone());
        Ok(Signer { caller, allows_legacy: key.allows_legacy })
    }

    /// The key of that id with its secret, revoked or not.
    async fn open_signing_key(
        &self,
        slug: &str,
        key_id: &str,
    ) -> Result<Option<OpenKey>, EngineError> {
        let now = self.ambient().now();
        let keys = &self.shared.signing_keys;
        if let Some(known) = keys.find(slug, key_id, now) {
            return Ok(Some(known));
        }
        let wanted = (slug.to_owned(), key_id.to_owned());
        let (reader, era) = (&self.shared.store.reader, keys.era());
        let found = reader.read(move |db| signing_key::find(db, &wanted.0, &wanted.1)).await?;
        let Some(StoredSigningKey { key, sealed }) = found else { return Ok(None) };
        let corrupt = |error| StoreError::corrupt("signing key", error);
        let place = bound_to(key.organization, key_id);
        let plain = self.shared.sealer.open(&sealed, &place).map_err(corrupt)?;
        let secret =
            String::from_utf8(plain).map_err(|error| StoreError::corrupt("signing key", error))?;
        let open = OpenKey { key: Arc::new(key), secret: secret.into() };
        keys.remember((slug, key_id), open.clone(), now, era);
        Ok(Some(open))
    }
}
