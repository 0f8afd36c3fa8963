//! Every decision about an organization's ledger.
//!
//! A decision refuses before it changes anything, so a refused command leaves the snapshot, and
//! with it the other commands of its group, untouched.

mod assignment;
mod build;
mod catalog;
mod correction;
mod deployment;
mod naming;
mod placement;
mod quota;
mod report;
mod webhook;

use crate::command::{Command, Envelope};
use crate::id::IdSource;
use crate::outcome::{Decision, Outcome};
use crate::snapshot::Snapshot;

/// Decides one command and applies it to the snapshot.
pub fn decide(snapshot: &mut Snapshot, envelope: Envelope) -> Decision {
    let Envelope { actor, at, entropy, command } = envelope;
    let mut context = Context { snapshot, by: actor.key_id, at, ids: IdSource::new(entropy) };
    match command {
        Command::Report(report) => {
            context.report(&report).map(|reported| Outcome::Reported(Box::new(reported)))
        }
        Command::VoidDeployment { id, reason } => context.void(id, reason),
        Command::RetireApplication { application, environment, target } => {
            context.retire(application, environment, target)
        }
        Command::CreateProject(new) => context.create_project(new),
        Command::EnsureProject(name) => context.ensure_project(name),
        Command::EditProject(id, edit) => context.edit_project(id, edit),
        Command::DeleteProject(id) => context.delete_project(id),
        Command::CreateApplication(new) => context.create_application(new),
        Command::EditApplication(id, edit) => context.edit_application(id, edit),
        Command::DeleteApplication(id) => context.delete_application(id),
        Command::AssignApplications { project, assignments } => {
            context.assign_applications(&project, assignments)
        }
        Command::CreateEnvironment(new) => context.create_environment(new),
        Command::EditEnvironment(id, edit) => context.edit_environment(id, edit),
        Command::ArchiveEnvironment(id) => context.archive_environment(id),
        Command::DeleteEnvironment(id) => context.delete_environment(id),
        Command::CreateTeam(new) => context.create_team(new),
        Command::EditTeam(id, edit) => context.edit_team(id, edit),
        Command::DeleteTeam(id) => context.delete_team(id),
        Command::EditOrganization(edit) => context.edit_organization(edit),
        Command::NoteWebhook { webhook, notice } => Ok(context.note_webhook(webhook, notice)),
    }
}

/// What one decision works with.
struct Context<'a> {
    snapshot: &'a mut Snapshot,
    by: String,
    at: crate::time::Timestamp,
    ids: IdSource,
}

#[cfg(test)]
mod tests;
