//! Signatures, held against those of other implementations.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Known {
    secrets: Secrets,
    vectors: Vec<Vector>,
    #[serde(rename = "known_answers")]
    answers: Vec<KnownAnswer>,
}

#[derive(Deserialize)]
struct Secrets {
    current: String,
    previous: String,
    ed25519_secret: String,
    ed25519_public: String,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    id: String,
    timestamp: i64,
    body_b64: String,
    v1_current: String,
    v1_previous: String,
    v1a: String,
}

#[derive(Deserialize)]
struct KnownAnswer {
    secret: String,
    id: String,
    timestamp: i64,
    body: String,
    expect: String,
}

fn known() -> Known {
    serde_json::from_str(include_str!("../../../testdata/standard-webhooks-vectors.json")).unwrap()
}

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

#[test]
fn signatures_are_those_of_other_implementations() {
    let Known { secrets, vectors, answers } = known();
    let keys = [&secrets.ed25519_secret, &secrets.current, &secrets.previous].map(|s| key(s));
    for vector in vectors {
        let body = STANDARD.decode(&vector.body_b64).unwrap();
        let value = header(&keys, &vector.id, vector.timestamp, &body);
        let expected = [vector.v1a, vector.v1_current, vector.v1_previous].join(" ");
        assert_eq!(value, expected, "{}", vector.name);
        for key in &keys {
            assert!(verify(key, &value, &vector.id, vector.timestamp, &body));
            assert!(!verify(key, &value, &vector.id, vector.timestamp + 1, &body));
            assert!(!verify(key, &value, "other", vector.timestamp, &body));
            assert!(!verify(key, &value, &vector.id, vector.timestamp, b"other"));
        }
    }
    for answer in answers {
        let signed = key(&answer.secret).sign(&answer.id, answer.timestamp, answer.body.as_bytes());
        assert_eq!(signed, answer.expect);
    }
}

#[test]
fn empty_and_truncated_signatures_never_verify() {
    for secret in [Key::symmetric([7; 32]), Key::asymmetric([7; 32])] {
        let key = key(&secret);
        let whole = key.sign("evt_1", 1, b"{}");
        assert!(verify(&key, &whole, "evt_1", 1, b"{}"));
        for end in 0..whole.len() {
            assert!(!verify(&key, &whole[..end], "evt_1", 1, b"{}"), "{end}");
        }
        let (version, base64) = whole.split_once(',').unwrap();
        let bytes = STANDARD.decode(base64).unwrap();
        for length in 0..bytes.len() {
            let short = format!("{version},{}", STANDARD.encode(&bytes[..length]));
            assert!(!verify(&key, &short, "evt_1", 1, b"{}"), "{length}");
        }
        let long = format!("{version},{}", STANDARD.encode([&bytes[..], &[0]].concat()));
        assert!(!verify(&key, &long, "evt_1", 1, b"{}"));
        let swapped = if version == "v1" { "v1a" } else { "v1" };
        assert!(!verify(&key, &format!("{swapped},{base64}"), "evt_1", 1, b"{}"));
    }
}

#[test]
fn made_secrets_can_be_read_again() {
    let Known { secrets, .. } = known();
    let seed: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).unwrap());
    assert_eq!(Key::symmetric(seed), secrets.current);
    assert_eq!(Key::asymmetric(seed), secrets.ed25519_secret);
    assert_eq!(key(&secrets.ed25519_secret).public_text(), Some(secrets.ed25519_public));
    assert_eq!(key(&secrets.current).public_text(), None);
}

#[test]
fn what_is_no_secret_is_refused_without_repeating_it() {
    let secret = |prefix: &str, bytes: &[u8]| format!("{prefix}{}", STANDARD.encode(bytes));
    for (text, refusal) in [
        (String::new(), InvalidKey::Prefix),
        ("hunter2".to_owned(), InvalidKey::Prefix),
        (secret("whpk_", &[1; 32]), InvalidKey::Public),
        ("whsec_***".to_owned(), InvalidKey::Base64),
        (secret("whsec_", &[1; 23]), InvalidKey::SymmetricLength { bytes: 23 }),
        (secret("whsec_", &[1; 65]), InvalidKey::SymmetricLength { bytes: 65 }),
        (secret("whsk_", &[1; 32]), InvalidKey::AsymmetricLength { bytes: 32 }),
        (secret("whsk_", &[1; 64]), InvalidKey::Mismatch),
    ] {
        assert_eq!(Key::parse(&text).unwrap_err(), refusal);
    }
    assert_eq!(format!("{:?}", key(&Key::symmetric([1; 32]))), "Symmetric(…)");
    assert_eq!(format!("{:?}", key(&Key::asymmetric([1; 32]))), "Asymmetric(…)");
}
