//! What an operator says: the file, the environment, and what their values mean.
//!
//! An input is a file, and after a line of `====` a `NAME=value` on each line. A secret that is put in
//! between is never told, whatever is wrong around it.

#![no_main]

use std::collections::BTreeMap;
use std::path::PathBuf;

use landfall::settings::{Settings, Sources};
use landfall_domain::access::KeyText;
use landfall_engine::egress::{Egress, EgressOptions};
use landfall_engine::seal::MasterKey;
use landfall_store::Place;
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "sk_acme_k1_hunter2hunter2hunter2hunter2";

fuzz_target!(|input: &str| {
    // A file that is named is read, and some never end.
    if input.contains("hunter2") || input.contains("sslrootcert") {
        return;
    }
    let (file, variables) = input.split_once("\n====\n").unwrap_or((input, ""));
    let pairs = variables.lines().filter_map(|line| line.split_once('='));
    let environment = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut sources = sources(file.to_owned(), environment.collect());
    check(&sources);
    // What is written there goes on in the line of the secret.
    sources.file = Some((PathBuf::from("f"), format!("{file}admin_key = '{SECRET}'\n")));
    check(&sources);
    sources.environment.insert("LANDFALL_ADMIN_KEY".to_owned(), SECRET.to_owned());
    check(&sources);
});

fn sources(file: String, environment: BTreeMap<String, String>) -> Sources {
    Sources { flags: BTreeMap::new(), environment, file: Some((PathBuf::from("f"), file)) }
}

fn check(sources: &Sources) {
    let _ = sources.unknown_variables();
    let resolved = match sources.resolve() {
        Ok(resolved) => resolved,
        Err(why) => return check_told(&format!("{why:#}")),
    };
    resolved.shown().for_each(|(_, value, _)| check_told(&value));
    match resolved.settings() {
        Ok(settings) => check_settings(settings),
        Err(why) => check_told(&format!("{why:#}")),
    }
}

fn check_told(text: &str) {
    assert!(!text.contains(SECRET), "{text}");
}

fn check_settings(settings: Settings) {
    let Settings { database, egress_allow, egress_proxy, master_key, admin_key, .. } = settings;
    check_place(&database.unwrap_or_default());
    let options = EgressOptions {
        allow: egress_allow,
        proxy: egress_proxy.map(|text| with_secret(&text)),
        ..EgressOptions::default()
    };
    if let Err(why) = Egress::new(options) {
        check_told(&format!("{why:?} {why}"));
    }
    check_master_key(&master_key.unwrap_or_default());
    if let Some(key) = admin_key.as_deref().and_then(KeyText::parse) {
        let KeyText { organization, key_id, secret } = key;
        assert_eq!(admin_key, Some(format!("sk_{organization}_{key_id}_{secret}")));
    }
}

/// Before a `@` stands a password.
fn with_secret(url: &str) -> String {
    url.replacen("://", &format!("://me:{SECRET}@"), 1)
}

fn check_place(text: &str) {
    for text in [text.to_owned(), with_secret(text)] {
        match Place::parse(&text) {
            Ok(place @ Place::Database(_)) => check_told(&format!("{place:?} {place}")),
            Ok(Place::Directory(path)) => assert_eq!(path, PathBuf::from(&text)),
            Err(why) => check_told(&format!("{why:?} {why}")),
        }
    }
}

fn check_master_key(text: &str) {
    let Ok(key) = MasterKey::parse(text) else { return };
    let again = MasterKey::parse(&key.to_text()).expect("a key is written as one");
    assert_eq!(again.id(), key.id());
}
