//! Everything that is a single text: names, commits, times, ids, patterns, keys, signatures, headers.
//!
//! The first line is what all of them read; the rest is what they are held against, such as a body that
//! is signed. What parses is written so that it parses to the same, and nobody's signature is accepted.

#![no_main]

use std::time::Duration;

use landfall_domain::access::KeyText;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::DeploymentId;
use landfall_domain::sha::CommitSha;
use landfall_domain::signing::{Claim, sign, slug_of};
use landfall_domain::status::Status;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_domain::user::Email;
use landfall_domain::webhook::glob::{Glob, folded};
use landfall_domain::webhook::retry::{Schedule, retry_after};
use landfall_domain::webhook::signature::{Key, verify};
use landfall_domain::webhook::verdict::{Answer, judge};
use landfall_engine::seal::{MasterKey, Sealer};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const NOW: Timestamp = Timestamp::from_micros(1_772_366_400_000_000);

fuzz_target!(|input: &str| {
    let (word, rest) = input.split_once('\n').unwrap_or((input, ""));
    check_names(word);
    check_times(word);
    check_glob(word, rest);
    check_headers(word, rest);
    check_api_key(word);
    check_webhook_secret(word, rest);
    check_request_signature(word, rest);
    check_seal(word, rest);
});

fn check_names(word: &str) {
    if let Ok(text) = Text::<100>::parse(word) {
        assert!(text.as_str().chars().count() <= 100 && !text.as_str().contains('\0'));
        assert_eq!(Text::parse(text.as_str()), Ok(text.clone()));
        let json = Value::from(text.as_str()).to_string();
        assert_eq!(serde_json::from_str::<Text<100>>(&json).ok(), Some(text));
    }
    if let Ok(sha) = CommitSha::parse(word) {
        assert_eq!(CommitSha::parse(sha.as_str()).as_ref(), Ok(&sha));
        assert!(sha.matches(&sha) && sha.clone().longer(sha.clone()) == sha);
    }
    if let Ok(id) = word.parse::<DeploymentId>() {
        assert_eq!(id.to_string().parse::<DeploymentId>().ok(), Some(id));
        assert_eq!(id.object_id().len(), 24);
    }
    if let Ok(email) = Email::parse(word) {
        assert_eq!(Email::parse(&email.to_string()).ok(), Some(email));
    }
    if let Ok(status) = Status::parse(word) {
        assert_eq!(Status::parse(status.as_str()), Ok(status));
    }
    let inferred = EnvironmentType::infer(word);
    assert_eq!(EnvironmentType::parse(inferred.as_str()), Some(inferred));
}

fn check_times(word: &str) {
    if let Ok(time) = Timestamp::parse(word) {
        assert_eq!(Timestamp::parse(&time.to_string()), Ok(time), "{time}");
    }
    if let Ok(schedule) = serde_json::from_str::<Schedule>(word) {
        let json = serde_json::to_string(&schedule).expect("numbers have a JSON");
        assert_eq!(serde_json::from_str::<Schedule>(&json).ok(), Some(schedule.clone()));
        let longest = Duration::from_secs(u64::from(Schedule::SECONDS_MAX) * 6 / 5);
        let delays = (0..=60).filter_map(|attempt| schedule.delay_after(attempt, u64::MAX));
        assert!(delays.max().is_none_or(|delay| delay <= longest));
    }
}

fn check_glob(pattern: &str, text: &str) {
    // The plain way takes the product of both lengths in memory.
    if text.len() > 1_000 {
        return;
    }
    let Ok(glob) = Glob::try_from(pattern.to_owned()) else { return };
    assert_eq!(glob.matches(text), matches_plainly(glob.as_str(), text), "{glob:?} {text:?}");
    // Names without wildcards are found by what they are in lower case, and never missed by that.
    let is_found = |name: String| !glob.matches(text) || name == folded(text);
    assert!(glob.literal().is_none_or(is_found), "{glob:?} {text:?}");
    assert_eq!(Glob::try_from(glob.as_str().to_owned()).as_ref(), Ok(&glob));
}

/// Which beginnings of the text each beginning of the pattern matches.
fn matches_plainly(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut matched = vec![false; text.len() + 1];
    matched[0] = true;
    for wanted in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        next[0] = matched[0] && wanted == '*';
        for (at, found) in text.iter().enumerate() {
            next[at + 1] = match wanted {
                '*' => matched[at + 1] || next[at],
                '?' => matched[at],
                _ => matched[at] && wanted.to_lowercase().eq(found.to_lowercase()),
            };
        }
        matched = next;
    }
    matched[text.len()]
}

fn check_headers(word: &str, rest: &str) {
    let hour = Duration::from_hours(1);
    assert!(retry_after(word, NOW).is_none_or(|wait| wait <= hour), "{word}");
    for status in [200, 301, 410, 422, 429, 503] {
        let (wait, wish) = (Some(word), Some(rest));
        let answer = Answer::Status { status, retry_after: wait, webhook_delivery: wish };
        assert!(judge(&answer, NOW).slow_down.is_none_or(|wait| wait <= hour), "{word}");
    }
}

fn check_api_key(word: &str) {
    if let Some(KeyText { organization, key_id, secret }) = KeyText::parse(word) {
        assert_eq!(word, format!("sk_{organization}_{key_id}_{secret}"));
    }
    if let Some(slug) = slug_of(word) {
        assert!(word.starts_with(&format!("wk_{slug}_")) && !slug.contains('_'));
    }
}

fn check_webhook_secret(word: &str, rest: &str) {
    let own = Key::parse(&Key::symmetric(*b"nobody but this test knows this."))
        .expect("it was made as one");
    assert!(!verify(&own, rest, "evt_1", 1, word.as_bytes()), "{rest} was accepted");
    let Ok(key) = Key::parse(word) else { return };
    let header = key.sign("evt_1", 1, rest.as_bytes());
    assert!(verify(&key, &header, "evt_1", 1, rest.as_bytes()));
    assert!(!verify(&key, &header, "evt_1", 2, rest.as_bytes()));
    assert!(!verify(&own, &header, "evt_1", 1, rest.as_bytes()));
}

fn check_request_signature(word: &str, rest: &str) {
    const SECRET: &str = "a secret that nobody knows";
    let signature = rest.lines().next().unwrap_or_default();
    let claim = Claim { key_id: "wk_a_b", timestamp: word, signature };
    assert!(!claim.is_signed_with(SECRET, rest.as_bytes()), "{signature} was accepted");
    assert!(!claim.is_timely(NOW) || word.bytes().all(|byte| byte.is_ascii_digit()), "{word}");
    let signature = &*sign(SECRET, word, rest.as_bytes());
    assert!(Claim { signature, ..claim }.is_signed_with(SECRET, rest.as_bytes()));
}

fn check_seal(word: &str, rest: &str) {
    let sealer = Sealer::new(MasterKey::from_bytes([7; 32]), Vec::new());
    assert!(sealer.open(word.as_bytes(), rest.as_bytes()).is_err(), "a foreign seal opened");
    let mut sealed = sealer.seal(word.as_bytes(), rest.as_bytes(), [9; 24]);
    let opened = sealer.open(&sealed, rest.as_bytes());
    assert_eq!(opened.as_deref(), Ok(word.as_bytes()));
    let place = word.len() % sealed.len();
    sealed[place] ^= 1;
    assert!(sealer.open(&sealed, rest.as_bytes()).is_err(), "a damaged seal opened");
}
