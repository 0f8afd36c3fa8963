//! How many applications and environments there may be: whatever would make one too many is refused.

use super::catalog::{archive, new_application};
use super::harness::{Ledger, completed, name};
use crate::command::{Assignment, Command, EnvironmentEdit, NewEnvironment};
use crate::refusal::Refusal;

fn reached(noun: &str, max: u32) -> Refusal {
    Refusal::QuotaReached { noun: noun.to_owned(), max }
}

fn new_environment(code: &str) -> Command {
    Command::CreateEnvironment(NewEnvironment {
        code: name(code),
        name: None,
        kind: None,
        team: None,
        url: None,
        position: None,
    })
}

/// With `shop` in `production`, and room for nothing else.
fn full() -> Ledger {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    ledger.set(|settings| {
        settings.applications_max = Some(1);
        settings.environments_max = Some(1);
    });
    ledger
}

#[test]
fn one_too_many_is_refused_however_it_would_be_made() {
    let mut ledger = full();
    let before = format!("{:?}", ledger.snapshot);
    for told in [completed("v1").of("mail"), completed("v1").of("mail").of_build()] {
        assert_eq!(ledger.try_send(told).unwrap_err(), reached("application", 1));
    }
    let elsewhere = ledger.try_send(completed("v1").into("staging"));
    assert_eq!(elsewhere.unwrap_err(), reached("environment", 1));
    assert_eq!(ledger.decide(new_application("mail")), Err(reached("application", 1)));
    assert_eq!(ledger.decide(new_environment("staging")), Err(reached("environment", 1)));
    let assignments =
        vec![Assignment { application: name("mail"), environments: vec![name("production")] }];
    let assign = Command::AssignApplications { project: name("default"), assignments };
    assert_eq!(ledger.decide(assign), Err(reached("application", 1)));
    assert_eq!(format!("{:?}", ledger.snapshot), before);
    ledger.pass(std::time::Duration::from_secs(1));
    ledger.send(completed("v2"));
}

#[test]
fn an_assignment_counts_all_that_it_would_make() {
    let mut ledger = full();
    ledger.set(|settings| settings.applications_max = Some(2));
    let assign = |names: &[&str]| {
        let assignments = names
            .iter()
            .map(|text| Assignment { application: name(text), environments: Vec::new() });
        let assignments = assignments.collect();
        Command::AssignApplications { project: name("default"), assignments }
    };
    let refusal = ledger.decide(assign(&["shop", "mail", "cart"])).unwrap_err();
    assert_eq!(refusal, reached("application", 2));
    assert!(ledger.decide(assign(&["shop", "mail", "mail"])).is_ok());
}

#[test]
fn what_is_deleted_or_archived_leaves_room() {
    let mut ledger = full();
    let place = ledger.place("production", "");
    archive(&mut ledger, place.environment);
    ledger.decide(new_environment("staging")).unwrap();
    ledger.decide(Command::DeleteApplication(place.application)).unwrap();
    ledger.decide(new_application("mail")).unwrap();
}

#[test]
fn an_archived_environment_comes_back_only_if_there_is_room() {
    let mut ledger = full();
    let id = ledger.place("production", "").environment;
    archive(&mut ledger, id);
    ledger.decide(new_environment("staging")).unwrap();
    let back = EnvironmentEdit { archived: Some(false), ..EnvironmentEdit::default() };
    let back = Command::EditEnvironment(id, back);
    assert_eq!(ledger.decide(back.clone()), Err(reached("environment", 1)));
    ledger.pass(std::time::Duration::from_secs(1));
    assert_eq!(ledger.try_send(completed("v2")).unwrap_err(), reached("environment", 1));
    ledger.send(completed("v0").told("11:00"));
    ledger.set(|settings| settings.environments_max = Some(2));
    assert!(ledger.decide(back).is_ok());
}

#[test]
fn a_limit_that_was_lowered_takes_nothing_away() {
    let mut ledger = full();
    ledger.set(|settings| {
        settings.applications_max = Some(0);
        settings.environments_max = Some(0);
    });
    ledger.pass(std::time::Duration::from_secs(1));
    ledger.send(completed("v2"));
    assert_eq!(ledger.current(), Some("v2"));
    assert_eq!(ledger.decide(new_environment("staging")), Err(reached("environment", 0)));
}
