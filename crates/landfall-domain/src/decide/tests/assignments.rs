//! Where applications are meant to run: noted beside what is known, and refused whole.

use super::catalog::create_project;
use super::harness::{Ledger, completed, name};
use crate::command::{ApplicationEdit, Assignment, Command};
use crate::outcome::{Decision, Outcome};
use crate::refusal::Refusal;

/// Applications of `default`, each with the environments that it is wanted in.
fn assign(ledger: &mut Ledger, wanted: &[(&str, &[&str])]) -> Decision {
    let assignments = wanted.iter().map(|(application, codes)| Assignment {
        application: name(application),
        environments: codes.iter().map(|code| name(code)).collect(),
    });
    let assignments = assignments.collect();
    ledger.decide(Command::AssignApplications { project: name("default"), assignments })
}

/// The codes of the environments that an application of `default` is meant to run in.
fn places(ledger: &Ledger, application: &str) -> Vec<String> {
    let catalog = &ledger.snapshot.catalog;
    let project = catalog.project_named("default").unwrap().id;
    let known = catalog.application_named(project, application).unwrap();
    let code = |id| catalog.environments.get(id).unwrap().code.to_string();
    known.environments.iter().copied().map(code).collect()
}

fn ledger() -> Ledger {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").into("production"));
    ledger.send(completed("v1").into("staging"));
    ledger
}

#[test]
fn an_assignment_makes_what_is_new_and_adds_to_what_is_known() {
    let mut ledger = ledger();
    let head = ledger.head();
    let wanted: &[(&str, &[&str])] =
        &[("shop", &["production"]), ("mail", &["staging", "production"])];
    let Outcome::Assigned(named) = assign(&mut ledger, wanted).unwrap() else { panic!() };
    assert_eq!(named.iter().map(|known| known.name.as_str()).collect::<Vec<_>>(), ["shop", "mail"]);
    assert_eq!(ledger.log_after(head), ["application.updated", "application.created"]);
    assign(&mut ledger, &[("shop", &["staging"])]).unwrap();
    assert_eq!(places(&ledger, "shop"), ["production", "staging"]);
    assert_eq!(places(&ledger, "mail"), ["staging", "production"]);
}

#[test]
fn a_repeated_assignment_says_nothing_new() {
    let mut ledger = ledger();
    let wanted: &[(&str, &[&str])] =
        &[("mail", &["staging", "staging"]), ("mail", &["production"]), ("shop", &[])];
    assign(&mut ledger, wanted).unwrap();
    assert_eq!(places(&ledger, "mail"), ["staging", "production"], "once each");
    let head = ledger.head();
    assert!(assign(&mut ledger, wanted).is_ok());
    assert_eq!(ledger.log_after(head), Vec::<String>::new());
}

#[test]
fn an_assignment_is_refused_whole() {
    let mut ledger = ledger();
    let before = format!("{:?}", ledger.snapshot);
    let unknown = assign(&mut ledger, &[("mail", &["staging"]), ("shop", &["moon"])]);
    assert_eq!(unknown, Err(Refusal::not_found("environment", "moon")));
    let command = Command::AssignApplications { project: name("web"), assignments: Vec::new() };
    assert_eq!(ledger.decide(command), Err(Refusal::not_found("project", "web")));
    assert_eq!(format!("{:?}", ledger.snapshot), before);
    ledger.set(|settings| settings.strict = true);
    let refusal = assign(&mut ledger, &[("shop", &["staging"]), ("mail", &[])]).unwrap_err();
    assert!(refusal.to_string().starts_with("application `mail` is unknown"), "{refusal}");
    assert_eq!(places(&ledger, "shop"), Vec::<String>::new());
    assert!(assign(&mut ledger, &[("shop", &["staging"])]).is_ok(), "what is known is not strict");
}

#[test]
fn an_application_is_looked_for_in_its_project() {
    let mut ledger = ledger();
    let web = create_project(&mut ledger, "web");
    let environments = vec![name("staging")];
    let assignments = vec![Assignment { application: name("shop"), environments }];
    ledger.decide(Command::AssignApplications { project: name("web"), assignments }).unwrap();
    assert!(ledger.snapshot.catalog.application_named(web, "shop").is_some());
    assert_eq!(places(&ledger, "shop"), Vec::<String>::new());
}

#[test]
fn an_edit_replaces_all_assignments_or_leaves_them() {
    let mut ledger = ledger();
    assign(&mut ledger, &[("shop", &["production", "staging"])]).unwrap();
    let id = ledger.place("production", "").application;
    let edit = |codes: &[&str]| ApplicationEdit {
        environments: Some(codes.iter().map(|code| name(code)).collect()),
        ..ApplicationEdit::default()
    };
    ledger.decide(Command::EditApplication(id, edit(&["staging"]))).unwrap();
    assert_eq!(places(&ledger, "shop"), ["staging"]);
    ledger.decide(Command::EditApplication(id, ApplicationEdit::default())).unwrap();
    assert_eq!(places(&ledger, "shop"), ["staging"]);
    let refusal = ledger.decide(Command::EditApplication(id, edit(&["moon"]))).unwrap_err();
    assert_eq!(refusal, Refusal::not_found("environment", "moon"));
    ledger.decide(Command::EditApplication(id, edit(&[]))).unwrap();
    assert_eq!(places(&ledger, "shop"), Vec::<String>::new());
}

#[test]
fn environments_that_are_gone_are_forgotten_by_the_next_assignment() {
    let mut ledger = ledger();
    assign(&mut ledger, &[("shop", &["staging"])]).unwrap();
    let gone = ledger.place("staging", "").environment;
    ledger.decide(Command::DeleteEnvironment(gone)).unwrap();
    assign(&mut ledger, &[("shop", &["production"])]).unwrap();
    assert_eq!(places(&ledger, "shop"), ["production"]);
}
