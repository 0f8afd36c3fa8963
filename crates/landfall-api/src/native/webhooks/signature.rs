//! How deliveries are signed, and which secrets fit.

use landfall_domain::webhook::Config;
use landfall_domain::webhook::signature::Key;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::shared::rejection::Rejection;

/// How deliveries are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WebhookSignature)]
pub(super) enum Signature {
    /// HMAC-SHA256 (`v1`): both ends know the secret.
    Hmac,
    /// Ed25519 (`v1a`): receivers verify with the public key.
    Ed25519,
}

impl Signature {
    /// The kind that a secret is for.
    pub(super) fn of_secret(secret: &str) -> Result<Self, Rejection> {
        match Key::parse(secret) {
            Ok(Key::Symmetric(_)) => Ok(Self::Hmac),
            Ok(Key::Asymmetric(_)) => Ok(Self::Ed25519),
            Err(why) => Err(Rejection::field("secret", format!("is wrong: {why}"))),
        }
    }

    /// The kind that a webhook signs with.
    pub(super) const fn of(config: &Config) -> Self {
        if config.is_asymmetric { Self::Ed25519 } else { Self::Hmac }
    }

    /// Refuses a secret that is for the other kind.
    pub(super) fn require_fit(self, secret: &str) -> Result<(), Rejection> {
        if Self::of_secret(secret)? == self {
            return Ok(());
        }
        let reason = match self {
            Self::Hmac => "must begin with `whsec_`, since `signature` is hmac",
            Self::Ed25519 => "must begin with `whsk_`, since `signature` is ed25519",
        };
        Err(Rejection::field("secret", reason))
    }

    /// The kind that a new webhook signs with: as it is wanted, else as its secret is.
    pub(super) fn of_new(secret: Option<&str>, wanted: Option<Self>) -> Result<Self, Rejection> {
        match (secret, wanted) {
            (Some(secret), Some(wanted)) => wanted.require_fit(secret).map(|()| wanted),
            (Some(secret), None) => Self::of_secret(secret),
            (None, wanted) => Ok(wanted.unwrap_or(Self::Hmac)),
        }
    }
}
