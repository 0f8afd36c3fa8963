//! Signing keys: what callers use that sign each request instead of sending a credential.
//!
//! Signed is `{timestamp}.{body}`: the timestamp as it was sent, one dot, the body's raw bytes. The
//! signature is the lower-case hexadecimal HMAC-SHA256 of that under the secret's own text
//! (Envtracker, "Webhook configuration").

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::id::OrganizationId;
use crate::time::Timestamp;

/// A signing key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// The organization it opens.
    pub organization: OrganizationId,
    /// Its id, such as `wk_acme_k2Xp9QwLrT`.
    pub key_id: String,
    /// What people call it.
    pub name: String,
    /// Whether it opens the URLs whose parts its signature does not cover.
    pub allows_legacy: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since then it opens nothing.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What a request says about its signature, as its headers have it.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The id of the signing key.
    pub key_id: &'a str,
    /// Seconds since 1970, in decimal.
    pub timestamp: &'a str,
    /// The signature.
    pub signature: &'a str,
}

/// A request may be signed so many seconds before or after it arrives.
pub const TOLERANCE_SECONDS: u64 = 300;

/// So long after it first came, a request is known again. One that is signed ahead of its time can
/// come for twice the tolerance; the rest is for clocks that are set back.
pub const KNOWN_AGAIN_FOR: Duration = Duration::from_secs(3 * TOLERANCE_SECONDS);

/// What a signature under an unknown key is compared with, so that the answer takes as long as under
/// a known one. It is as long as real secrets are, and opens nothing.
pub const SECRET_OF_NO_KEY: &str = "the-secret-of-no-key-which-opens-nothing";

/// More digits than this are no time of this age of the world.
const TIMESTAMP_DIGITS_MAX: usize = 12;

/// The id of a key: the organization can be found from it.
pub fn key_id(slug: &str, word: &str) -> String {
    format!("wk_{slug}_{word}")
}

/// The slug of the organization that a key id belongs to; a slug has no underscore.
pub fn slug_of(key_id: &str) -> Option<&str> {
    let (slug, word) = key_id.strip_prefix("wk_")?.split_once('_')?;
    (!slug.is_empty() && !word.is_empty()).then_some(slug)
}

impl Claim<'_> {
    /// Whether it was signed close enough to `now`. This can be told to anyone: no key is looked at.
    pub fn is_timely(&self, now: Timestamp) -> bool {
        let is_decimal = (1..=TIMESTAMP_DIGITS_MAX).contains(&self.timestamp.len())
            && self.timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let signed_at = self.timestamp.parse::<i64>().ok().filter(|_| is_decimal);
        signed_at.is_some_and(|at| seconds(now).abs_diff(at) <= TOLERANCE_SECONDS)
    }

    /// Whether this secret signed this body. How long it takes does not tell how much was right.
    pub fn is_signed_with(&self, secret: &str, body: &[u8]) -> bool {
        let wanted = sign(secret, self.timestamp, body);
        wanted.as_bytes().ct_eq(self.signature.as_bytes()).into()
    }
}

/// Whole seconds since 1970, as signers count them.
pub const fn seconds(time: Timestamp) -> i64 {
    time.as_micros() / 1_000_000
}

/// The signature of a body at a time.
pub fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let key = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let mut mac = key.expect("HMAC takes a key of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Envtracker's two recipes, for bash and for Node, agree on this.
    const SECRET: &str = "whsec_test";
    const BODY: &[u8] = br#"{"projectCode":"my-project","envCode":"production","repoCode":"my-app","pipeline":456,"status":"success","branch":"main","deployDate":"2024-01-15T10:30:00Z"}"#;
    const CLAIM: Claim<'_> = Claim {
        key_id: "wk_acme_1",
        timestamp: "1700000000",
        signature: "ca60a0eea5ff1e92e257586e0b9beda98b1948981b9861326c0dee6d92aa7a38",
    };

    #[test]
    fn the_known_answer_verifies_and_nothing_near_it_does() {
        assert!(CLAIM.is_signed_with(SECRET, BODY));
        assert!(!CLAIM.is_signed_with("whsec_tesu", BODY));
        assert!(!CLAIM.is_signed_with(SECRET, &[BODY, b" "].concat()));
        let upper = CLAIM.signature.to_uppercase();
        for claim in [
            Claim { timestamp: "1700000001", ..CLAIM },
            Claim { timestamp: "01700000000", ..CLAIM },
            Claim { signature: &upper, ..CLAIM },
            Claim { signature: &CLAIM.signature[..63], ..CLAIM },
            Claim { signature: "", ..CLAIM },
        ] {
            assert!(!claim.is_signed_with(SECRET, BODY), "{claim:?}");
        }
    }

    #[test]
    fn a_claim_is_timely_to_the_second_on_either_side() {
        for (ahead, is_timely) in
            [(-301, false), (-300, true), (0, true), (300, true), (301, false)]
        {
            // A server's clock stands between two seconds, a signer's never does.
            let now = Timestamp::from_micros((1_700_000_000 - ahead) * 1_000_000 + 999_999);
            assert_eq!(CLAIM.is_timely(now), is_timely, "{ahead}");
        }
    }

    #[test]
    fn what_is_no_decimal_number_is_never_timely() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        for timestamp in [
            "",
            " 1700000000",
            "+1700000000",
            "-1700000000",
            "1700000000.0",
            "1.7e9",
            "17000000000000",
        ] {
            assert!(!Claim { timestamp, ..CLAIM }.is_timely(now), "{timestamp}");
        }
    }

    #[test]
    fn a_key_id_leads_to_its_organization() {
        assert_eq!(slug_of(&key_id("acme-eu", "k2Xp9")), Some("acme-eu"));
        for text in ["", "wk_", "wk_acme", "wk_acme_", "wk__x", "sk_acme_x"] {
            assert_eq!(slug_of(text), None, "{text}");
        }
    }
}
