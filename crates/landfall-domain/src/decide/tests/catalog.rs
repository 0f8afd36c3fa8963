//! Names: made when first reported, renamed, archived, and refused by strict organizations.

use super::harness::{Ledger, completed, name};
use crate::command::{
    ApplicationEdit, Command, EnvironmentEdit, NewApplication, NewEnvironment, NewProject,
    ProjectEdit,
};
use crate::environment::EnvironmentType;
use crate::id::{EnvironmentId, ProjectId};
use crate::outcome::Outcome;
use crate::report::ProjectChoice;

fn environment(ledger: &Ledger) -> EnvironmentId {
    ledger.snapshot.catalog.environments.values().next().unwrap().id
}

pub(super) fn archive(ledger: &mut Ledger, id: EnvironmentId) {
    let edit = EnvironmentEdit { archived: Some(true), ..EnvironmentEdit::default() };
    ledger.decide(Command::EditEnvironment(id, edit)).unwrap();
}

pub(super) fn create_project(ledger: &mut Ledger, text: &str) -> ProjectId {
    let new = NewProject { name: name(text), description: None, team: None };
    match ledger.decide(Command::CreateProject(new)).unwrap() {
        Outcome::Project(project) => project.id,
        other => panic!("{other:?}"),
    }
}

pub(super) fn new_application(text: &str) -> Command {
    Command::CreateApplication(NewApplication {
        project: None,
        name: name(text),
        description: None,
        repository: None,
        team: None,
    })
}

#[test]
fn an_environment_is_created_once_and_its_name_tells_its_type() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").into("eu-prod-2"));
    ledger.send(completed("v2").into("eu-prod-2"));
    let created = ledger.log_after(0);
    let created = created.iter().filter(|line| *line == "environment.created").count();
    assert_eq!(created, 1);
    let known = ledger.snapshot.catalog.environment_coded("eu-prod-2").unwrap();
    assert_eq!(known.kind, EnvironmentType::Production);
}

#[test]
fn an_environment_that_two_nodes_archive_is_archived_once() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").into("pr-1"));
    let id = environment(&ledger);
    for _ in 0..2 {
        ledger.decide(Command::ArchiveEnvironment(id)).unwrap();
    }
    assert!(ledger.snapshot.catalog.environments.get(id).unwrap().archived_at.is_some());
    let told = ledger.log_after(0);
    assert_eq!(told.iter().filter(|line| *line == "environment.updated").count(), 1, "{told:?}");
}

#[test]
fn an_environment_that_was_created_by_hand_is_not_created_again() {
    let mut ledger = Ledger::at("12:00");
    let new = NewEnvironment {
        code: name("production"),
        name: None,
        kind: Some(EnvironmentType::Testing),
        team: None,
        url: None,
        position: None,
    };
    ledger.decide(Command::CreateEnvironment(new)).unwrap();
    ledger.send(completed("v1"));
    let told = ["environment.created", "application.created", "deployment.completed v1 current"];
    assert_eq!(ledger.log_after(0), told);
    let known = ledger.snapshot.catalog.environment_coded("production").unwrap();
    assert_eq!(known.kind, EnvironmentType::Testing);
}

#[test]
fn names_are_told_apart_by_case() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").into("Production"));
    ledger.send(completed("v1").into("production"));
    assert_eq!(ledger.snapshot.catalog.environments.len(), 2);
}

#[test]
fn a_renamed_application_is_still_found_by_its_old_name() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    let id = ledger.place("production", "").application;
    let edit = ApplicationEdit { name: Some(name("store")), ..ApplicationEdit::default() };
    ledger.decide(Command::EditApplication(id, edit)).unwrap();
    ledger.clock("12:10");
    ledger.send(completed("v2"));
    ledger.clock("12:20");
    ledger.send(completed("v3").of("store"));
    assert_eq!(ledger.snapshot.catalog.applications.len(), 1);
    assert_eq!(ledger.current(), Some("v3"));
}

#[test]
fn a_former_name_can_not_be_taken_by_another() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    let id = ledger.place("production", "").application;
    let to = |text| ApplicationEdit { name: Some(name(text)), ..ApplicationEdit::default() };
    ledger.decide(Command::EditApplication(id, to("store"))).unwrap();
    assert_eq!(ledger.decide(new_application("shop")).unwrap_err().code(), "name_taken");
    let other = match ledger.decide(new_application("other")).unwrap() {
        Outcome::Application(application) => application.id,
        other => panic!("{other:?}"),
    };
    let refusal = ledger.decide(Command::EditApplication(other, to("shop"))).unwrap_err();
    assert_eq!(refusal.code(), "name_taken");
    assert!(ledger.decide(Command::EditApplication(id, to("shop"))).is_ok());
}

#[test]
fn a_renamed_environment_is_still_found_by_its_old_code() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    let edit = EnvironmentEdit { code: Some(name("prod")), ..EnvironmentEdit::default() };
    ledger.decide(Command::EditEnvironment(environment(&ledger), edit)).unwrap();
    ledger.clock("12:10");
    ledger.send(completed("v2"));
    assert_eq!(ledger.snapshot.catalog.environments.len(), 1);
    assert_eq!(ledger.current(), Some("v2"));
}

#[test]
fn a_deleted_name_is_free_again() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    let old = environment(&ledger);
    ledger.decide(Command::DeleteEnvironment(old)).unwrap();
    ledger.send(completed("v2"));
    assert_ne!(ledger.place("production", "").environment, old);
    assert_eq!(ledger.current(), Some("v2"));
}

#[test]
fn an_archived_preview_is_revived_by_a_report() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").into("pr-123"));
    let id = environment(&ledger);
    ledger.clock("2026-03-20T12:00:00Z");
    archive(&mut ledger, id);
    let head = ledger.head();
    ledger.pass(std::time::Duration::from_secs(1));
    ledger.send(completed("v2").into("pr-123"));
    assert_eq!(ledger.snapshot.catalog.environments.get(id).unwrap().archived_at, None);
    let told = ["environment.updated", "deployment.completed v2 current"];
    assert_eq!(ledger.log_after(head), told);
}

#[test]
fn an_archived_preview_is_not_revived_by_history() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").into("pr-123"));
    let id = environment(&ledger);
    archive(&mut ledger, id);
    ledger.send(completed("v0").into("pr-123").told("11:00"));
    assert!(ledger.snapshot.catalog.environments.get(id).unwrap().archived_at.is_some());
}

#[test]
fn a_strict_organization_names_what_it_does_not_know() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    ledger.set(|settings| settings.strict = true);
    for (told, words) in [
        (completed("v1").of("shpo"), "application `shpo` is unknown"),
        (completed("v1").into("producton"), "environment `producton` is unknown"),
        (
            completed("v1").in_project(ProjectChoice::Named(name("webb"))),
            "project `webb` is unknown",
        ),
    ] {
        let refusal = ledger.try_send(told).unwrap_err();
        assert_eq!(refusal.code(), "unknown_name");
        assert!(refusal.to_string().starts_with(words), "{refusal}");
    }
    assert!(ledger.try_send(completed("v2")).is_ok(), "versions are always new");
}

#[test]
fn a_report_that_wants_its_project_to_exist_makes_none() {
    let mut ledger = Ledger::at("12:00");
    let told = || completed("v1").in_project(ProjectChoice::Existing(name("web")));
    let refusal = ledger.try_send(told()).unwrap_err();
    assert_eq!(refusal, crate::refusal::Refusal::not_found("project", "web"));
    assert_eq!(ledger.head(), 0);
    let id = create_project(&mut ledger, "web");
    let edit = ProjectEdit { name: Some(name("sites")), ..ProjectEdit::default() };
    ledger.decide(Command::EditProject(id, edit)).unwrap();
    ledger.send(told());
    let application = ledger.snapshot.catalog.application_named(id, "shop");
    assert!(application.is_some(), "a former name leads there too");
}

#[test]
fn a_key_whose_project_was_deleted_reports_to_the_default_project() {
    let mut ledger = Ledger::at("12:00");
    let web = create_project(&mut ledger, "web");
    ledger.decide(Command::DeleteProject(web)).unwrap();
    ledger.send(completed("v1"));
    ledger.clock("12:10");
    ledger.send(completed("v2").in_project(ProjectChoice::OfKey(web)));
    assert_eq!(ledger.snapshot.catalog.projects.len(), 2);
    assert_eq!(ledger.current(), Some("v2"));
}

#[test]
fn the_default_project_stays_whatever_it_is_called() {
    let mut ledger = Ledger::at("12:00");
    let id = ledger.snapshot.catalog.project_named("default").unwrap().id;
    let edit = ProjectEdit { name: Some(name("main")), ..ProjectEdit::default() };
    ledger.decide(Command::EditProject(id, edit)).unwrap();
    assert_eq!(ledger.decide(Command::DeleteProject(id)).unwrap_err().code(), "in_use");
    ledger.send(completed("v1"));
    assert_eq!(ledger.snapshot.catalog.projects.len(), 1);
}
