//! Versions are immutable: one commit each.

use super::harness::{Ledger, completed, failed};
use crate::command::{Command, OrganizationEdit};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::view::Flag;

fn commit_of(ledger: &Ledger) -> Option<&str> {
    let version = ledger.snapshot.versions.values().next().unwrap();
    version.commit_sha.as_ref().map(crate::sha::CommitSha::as_str)
}

#[test]
fn a_build_with_another_sha_is_refused() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").of_build().sha("abc1234def"));
    let refusal = ledger.try_send(completed("v1").of_build().sha("fff1234def")).unwrap_err();
    assert_eq!(refusal.code(), "version_conflict");
    assert_eq!(refusal.to_string(), "Version v1 already exists with different SHA");
    assert_eq!(commit_of(&ledger), Some("abc1234def"));
}

#[test]
fn a_build_with_a_prefix_of_seven_is_the_same_and_the_longer_sha_is_kept() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").of_build().sha("abc1234"));
    ledger.send(completed("v1").of_build().sha("ABC1234def"));
    assert_eq!(commit_of(&ledger), Some("abc1234def"));
    ledger.send(completed("v1").of_build().sha("abc1234"));
    assert_eq!(commit_of(&ledger), Some("abc1234def"));
    assert!(ledger.try_send(completed("v1").of_build().sha("abc1234fff")).is_err());
}

#[test]
fn a_build_with_a_prefix_of_six_is_refused() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").of_build().sha("abc1234def"));
    assert!(ledger.try_send(completed("v1").of_build().sha("abc123")).is_err());
}

#[test]
fn a_failed_build_pins_its_version_too() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(failed("v1").of_build().sha("abc1234"));
    assert!(ledger.try_send(completed("v1").of_build().sha("fff1234")).is_err());
}

#[test]
fn a_promotion_with_another_sha_is_recorded_and_flagged() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").of_build().sha("abc1234def"));
    let same = ledger.send(completed("v1").into("staging").sha("abc1234"));
    assert_eq!(same.flags(), []);
    let other = ledger.send(completed("v1").sha("fff1234def"));
    assert_eq!(other.flags(), [Flag::OtherSha]);
    assert_eq!(other.run.commit_sha.as_deref(), Some("fff1234def"));
    assert_eq!(ledger.current(), Some("v1"));
    assert_eq!(commit_of(&ledger), Some("abc1234def"));
}

#[test]
fn a_promotion_with_another_sha_is_refused_where_the_organization_says_so() {
    let mut ledger = Ledger::at("12:00");
    ledger.set(|settings| settings.refuse_other_sha = true);
    ledger.send(completed("v1").of_build().sha("abc1234def"));
    let refusal = ledger.try_send(completed("v1").sha("fff1234def")).unwrap_err();
    assert!(matches!(refusal, Refusal::VersionConflict { .. }));
    assert!(ledger.try_send(completed("v1").sha("abc1234")).is_ok());
}

#[test]
fn a_deployment_only_hints_at_a_commit_until_a_build_pins_one() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").sha("fff1234"));
    assert_eq!(commit_of(&ledger), Some("fff1234"));
    ledger.send(completed("v1").of_build().sha("abc1234"));
    assert_eq!(commit_of(&ledger), Some("abc1234"));
}

#[test]
fn a_build_with_a_shorter_name_of_the_hinted_commit_keeps_the_longer() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").sha("abc1234def"));
    ledger.send(completed("v1").of_build().sha("abc1234"));
    assert_eq!(commit_of(&ledger), Some("abc1234def"));
}

#[test]
fn settings_out_of_bounds_are_refused_by_name() {
    let mut ledger = Ledger::at("12:00");
    let settings = Settings { stale_after_hours: 0, ..Settings::default() };
    let edit = OrganizationEdit { name: None, settings: Some(settings) };
    let refusal = ledger.decide(Command::EditOrganization(edit)).unwrap_err();
    assert_eq!(refusal.to_string(), "`stale_after_hours` must be from 1 to 8760");
    assert_eq!(ledger.snapshot.organization.settings, Settings::default());
}
