//! Signatures of the Standard Webhooks specification 1.0.0, symmetric (`v1`) and not (`v1a`).
//!
//! Signed is `{id}.{timestamp}.{body}`, so neither an id nor a timestamp may hold a dot. A secret
//! never shows in an error or in `Debug`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

const SECRET_SYMMETRIC: &str = "whsec_";
const SECRET_ASYMMETRIC: &str = "whsk_";
const PUBLIC: &str = "whpk_";
const VERSION_SYMMETRIC: &str = "v1";
const VERSION_ASYMMETRIC: &str = "v1a";
/// Tokens of one header that are looked at; each costs a pass over the body.
const TOKENS_MAX: usize = 16;

/// A webhook's secret, ready to sign.
#[derive(Clone)]
pub enum Key {
    /// Both ends know it: HMAC-SHA256.
    Symmetric(Vec<u8>),
    /// Only the sender knows it: ed25519.
    Asymmetric(SigningKey),
}

/// Why a text is no secret. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Neither kind of secret.
    #[error("a secret begins with `whsec_` (symmetric) or `whsk_` (asymmetric)")]
    Prefix,
    /// A public key can't sign.
    #[error("this is a public key (`whpk_`); a secret begins with `whsec_` or `whsk_`")]
    Public,
    /// Not base64 behind the prefix.
    #[error("what follows the secret's prefix is not padded standard base64")]
    Base64,
    /// A symmetric secret of another length.
    #[error("a `whsec_` secret holds 24 to 64 bytes, not {bytes}")]
    SymmetricLength {
        /// How many it holds.
        bytes: usize,
    },
    /// An asymmetric secret of another length.
    #[error("a `whsk_` secret holds 64 bytes (seed and public key), not {bytes}")]
    AsymmetricLength {
        /// How many it holds.
        bytes: usize,
    },
    /// The public half belongs to another seed.
    #[error("the two halves of the `whsk_` secret do not belong together")]
    Mismatch,
}

impl Key {
    const SYMMETRIC_BYTES_MIN: usize = 24;
    const SYMMETRIC_BYTES_MAX: usize = 64;
    /// Seed and public key, 32 bytes each.
    const ASYMMETRIC_BYTES: usize = 64;

    /// Reads `whsec_…` or `whsk_…`.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        if let Some(base64) = text.strip_prefix(SECRET_SYMMETRIC) {
            return Self::from_symmetric(decode(base64)?);
        }
        if let Some(base64) = text.strip_prefix(SECRET_ASYMMETRIC) {
            return Self::from_asymmetric(&decode(base64)?);
        }
        Err(if text.starts_with(PUBLIC) { InvalidKey::Public } else { InvalidKey::Prefix })
    }

    fn from_symmetric(bytes: Vec<u8>) -> Result<Self, InvalidKey> {
        if !(Self::SYMMETRIC_BYTES_MIN..=Self::SYMMETRIC_BYTES_MAX).contains(&bytes.len()) {
            return Err(InvalidKey::SymmetricLength { bytes: bytes.len() });
        }
        Ok(Self::Symmetric(bytes))
    }

    fn from_asymmetric(bytes: &[u8]) -> Result<Self, InvalidKey> {
        let pair: &[u8; Self::ASYMMETRIC_BYTES] =
            bytes.try_into().map_err(|_| InvalidKey::AsymmetricLength { bytes: bytes.len() })?;
        let key = SigningKey::from_keypair_bytes(pair).map_err(|_| InvalidKey::Mismatch)?;
        Ok(Self::Asymmetric(key))
    }

    /// The text of a new symmetric secret.
    pub fn symmetric(random: [u8; 32]) -> String {
        format!("{SECRET_SYMMETRIC}{}", STANDARD.encode(random))
    }

    /// The text of a new asymmetric secret.
    pub fn asymmetric(seed: [u8; 32]) -> String {
        let pair = SigningKey::from_bytes(&seed).to_keypair_bytes();
        format!("{SECRET_ASYMMETRIC}{}", STANDARD.encode(pair))
    }

    /// What a receiver needs in order to verify, `whpk_…`; `None` for a symmetric secret.
    pub fn public_text(&self) -> Option<String> {
        match self {
            Self::Symmetric(_) => None,
            Self::Asymmetric(key) => {
                Some(format!("{PUBLIC}{}", STANDARD.encode(key.verifying_key().as_bytes())))
            }
        }
    }

    /// One token of `webhook-signature`: `v1,…` or `v1a,…`.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        match self {
            Self::Symmetric(secret) => {
                let digest = digest(secret, id, timestamp, body);
                format!("{VERSION_SYMMETRIC},{}", STANDARD.encode(digest))
            }
            Self::Asymmetric(key) => {
                let signature = key.sign(&signed_content(id, timestamp, body));
                format!("{VERSION_ASYMMETRIC},{}", STANDARD.encode(signature.to_bytes()))
            }
        }
    }

    /// Whether one signature, without its version, is this key's.
    fn accepts(&self, signature: &[u8], id: &str, timestamp: i64, body: &[u8]) -> bool {
        match self {
            // Slices of unequal length are never equal; a `zip` would let an empty one through.
            Self::Symmetric(secret) => {
                digest(secret, id, timestamp, body).as_slice().ct_eq(signature).into()
            }
            Self::Asymmetric(key) => Signature::from_slice(signature).is_ok_and(|signature| {
                let content = signed_content(id, timestamp, body);
                key.verifying_key().verify_strict(&content, &signature).is_ok()
            }),
        }
    }

    const fn version(&self) -> &'static str {
        match self {
            Self::Symmetric(_) => VERSION_SYMMETRIC,
            Self::Asymmetric(_) => VERSION_ASYMMETRIC,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Symmetric(_) => "Symmetric(…)",
            Self::Asymmetric(_) => "Asymmetric(…)",
        })
    }
}

/// The value of `webhook-signature`: a token per key, with exactly one space between, as all
/// official libraries read it.
pub fn header(keys: &[Key], id: &str, timestamp: i64, body: &[u8]) -> String {
    let tokens: Vec<String> = keys.iter().map(|key| key.sign(id, timestamp, body)).collect();
    tokens.join(" ")
}

/// Whether any token of a `webhook-signature` was made with `secret`, compared in constant time.
///
/// The age of the timestamp is the caller's to judge.
pub fn verify(secret: &Key, header: &str, id: &str, timestamp: i64, body: &[u8]) -> bool {
    header.split(' ').take(TOKENS_MAX).filter_map(|token| token.split_once(',')).any(
        |(version, base64)| {
            version == secret.version()
                && STANDARD
                    .decode(base64)
                    .is_ok_and(|signature| secret.accepts(&signature, id, timestamp, body))
        },
    )
}

fn decode(base64: &str) -> Result<Vec<u8>, InvalidKey> {
    STANDARD.decode(base64).map_err(|_| InvalidKey::Base64)
}

fn digest(secret: &[u8], id: &str, timestamp: i64, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of every length");
    mac.update(id.as_bytes());
    mac.update(format!(".{timestamp}.").as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// Ed25519 reads its message twice, so it needs it in one piece.
fn signed_content(id: &str, timestamp: i64, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), format!(".{timestamp}.").as_bytes(), body].concat()
}

#[cfg(test)]
mod tests;
