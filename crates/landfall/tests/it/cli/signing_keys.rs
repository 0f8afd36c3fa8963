//! Signing keys and quotas from the command line.

use serde_json::Value;

use super::Desk;

impl Desk {
    fn listed(&self) -> Vec<Value> {
        let page: Value = serde_json::from_str(&self.run("signing-key list --json")).unwrap();
        page["items"].as_array().unwrap().clone()
    }
}

#[test]
fn a_signing_key_lives_from_its_making_to_its_end() {
    let desk = Desk::start();
    let secret = desk.run("signing-key create ci");
    let secret = secret.trim();
    assert_eq!((secret.len(), secret.lines().count()), (40, 1), "the secret alone is printed");
    let key = &desk.listed()[0];
    let id = key["key_id"].as_str().unwrap();
    assert!(id.starts_with("wk_default_"), "{key}");
    assert_eq!(key["allows_legacy"], true);

    let shown = desk.run("signing-key list");
    assert!(shown.contains("LEGACY URL") && shown.contains("live"), "{shown}");
    assert!(!shown.contains(secret));
    let set = desk.run(&format!("signing-key set {id} --allows-legacy false"));
    assert!(set.contains("  no  "), "{set}");
    assert_eq!(desk.listed()[0]["allows_legacy"], false);
    let revoked = desk.run(&format!("signing-key revoke {id}"));
    assert!(revoked.contains(id), "{revoked}");
    assert!(desk.run("signing-key list").contains("revoked"));
    let again = desk.user(&["signing-key", "revoke", id]).run();
    assert_eq!(again.code, Some(3), "{again:?}");
}

#[test]
fn a_signing_key_may_be_made_for_scripts_and_without_the_legacy_url() {
    let desk = Desk::start();
    let made = desk.run("signing-key create ci --allows-legacy false --json");
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(made["allows_legacy"], false);
    assert_eq!(made["secret"].as_str().unwrap().len(), 40);
}

#[test]
fn quotas_are_set_and_taken_away() {
    let desk = Desk::start();
    let set = desk.run("org set --environments-max 1 --applications-max 2");
    assert!(set.contains("environments_max") && set.contains("applications_max"), "{set}");
    desk.deploy("shop", "1", "production");
    let line = "report deployment -a shop --version 1 --environment staging";
    let ended = desk.user(&line.split(' ').collect::<Vec<_>>()).run();
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.errors.contains("environments_max"), "{}", ended.errors);
    desk.run("org set --environments-max none");
    desk.deploy("shop", "1", "staging");
    let bad = desk.user(&["org", "set", "--applications-max", "-1"]).run();
    assert_eq!(bad.code, Some(1), "{bad:?}");
}
