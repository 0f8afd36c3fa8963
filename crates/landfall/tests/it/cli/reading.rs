//! Looking at what was reported.

use super::Desk;

#[test]
fn what_was_deployed_is_seen_by_every_reading_command() {
    let desk = Desk::start();
    desk.deploy("shop", "1.4.2", "production");
    desk.deploy("shop", "1.5.0", "staging");
    desk.run("report build --application shop --version 1.6.0");

    let status = desk.run("status");
    assert!(status.starts_with("APPLICATION  staging   production\nshop"), "{status}");
    let history = desk.run("history shop --environment staging");
    assert!(history.contains("1.5.0") && !history.contains("1.4.2"), "{history}");
    let compared = desk.run("compare staging production");
    assert!(compared.contains("staging is ahead by 1 version"), "{compared}");
    let events = desk.run("events --types deployment.*");
    assert_eq!(events.lines().count(), 2, "{events}");
}

#[test]
fn json_is_what_the_server_says() {
    let desk = Desk::start();
    desk.deploy("shop", "1.4.2", "production");
    for command in ["status", "history", "compare production production", "key list", "org show"] {
        let json = desk.run(&format!("{command} --json"));
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(value.is_object(), "{command}: {json}");
    }
    let log = desk.run("events --after 0 --json");
    let numbers = log.lines().map(|line| {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        event["sequence"].as_u64().unwrap()
    });
    let count = u64::try_from(log.lines().count()).unwrap();
    assert!(numbers.eq(1..=count), "{log}");
}

#[test]
fn a_key_that_is_made_works_until_it_is_revoked() {
    let desk = Desk::start();
    let key = desk.run("key create dashboard --scope read");
    let look = || desk.user(&["status", "--api-key", key.trim()]).run().code;

    assert_eq!(look(), Some(0));
    assert!(desk.run("key list").contains("dashboard"));
    desk.run("key revoke k2");
    assert_eq!(look(), Some(4));
}

#[test]
fn an_organization_is_made_and_set() {
    let desk = Desk::start();
    let key = desk.run("org create acme-eu --name Acme");
    assert!(key.starts_with("sk_acme-eu_"), "made");
    assert!(desk.run("org list").contains("Acme"));

    let set = desk.run("org set --strict true --stale-after-hours 48");
    assert!(set.contains("stale_after_hours            48"), "{set}");
    let line = ["report", "deployment", "-a", "new", "--version", "1", "-e", "production"];
    assert_eq!(desk.user(&line).run().code, Some(3));
}
