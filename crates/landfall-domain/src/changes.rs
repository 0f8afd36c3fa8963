//! What a group of commands changed in an organization's ledger, on its way to where it is stored.

use std::sync::Arc;

use crate::build::Build;
use crate::catalog::{Application, Environment, Organization, Project, Team};
use crate::cell::Cell;
use crate::deployment::{Deployment, Place};
use crate::event::{AuditEntry, Event};
use crate::id::{
    ApplicationId, BuildId, DeploymentId, EnvironmentId, ProjectId, TeamId, VersionId,
};
use crate::snapshot::{Fallbacks, Snapshot};
use crate::version::Version;

/// Rows that were changed, by their keys.
pub type Changed<K, V> = Vec<(K, Arc<V>)>;

/// Everything that differs from what is stored. The rows are shared with the snapshot that they were
/// changed in, which may go on.
#[derive(Debug)]
pub struct Changes {
    /// The organization, and the head of its log.
    pub organization: Organization,
    /// Whether the organization's own row changed, beside the head.
    pub is_organization_changed: bool,
    /// Nouns.
    pub nouns: NounChanges,
    /// Versions.
    pub versions: Changed<VersionId, Version>,
    /// Builds.
    pub builds: Changed<BuildId, Build>,
    /// Deployments.
    pub deployments: Changed<DeploymentId, Deployment>,
    /// Cells.
    pub cells: Changed<Place, Cell>,
    /// Environments whose cells all go, because the environment was deleted.
    pub emptied_environments: Vec<EnvironmentId>,
    /// Applications whose cells all go, because the application was deleted.
    pub emptied_applications: Vec<ApplicationId>,
    /// What is appended to the log.
    pub events: Vec<Event>,
    /// What is appended to the audit log.
    pub audit: Vec<AuditEntry>,
}

/// Nouns that were changed.
#[derive(Debug)]
pub struct NounChanges {
    /// Projects.
    pub projects: Changed<ProjectId, Project>,
    /// Applications.
    pub applications: Changed<ApplicationId, Application>,
    /// Environments.
    pub environments: Changed<EnvironmentId, Environment>,
    /// Teams.
    pub teams: Changed<TeamId, Team>,
}

impl NounChanges {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.projects.is_empty()
            && self.applications.is_empty()
            && self.environments.is_empty()
            && self.teams.is_empty()
    }
}

impl Changes {
    /// Whether there is none of what others may have in memory: nouns, rows and the log.
    pub const fn are_unseen(&self) -> bool {
        self.nouns.is_empty()
            && self.versions.is_empty()
            && self.builds.is_empty()
            && self.deployments.is_empty()
            && self.cells.is_empty()
            && self.emptied_environments.is_empty()
            && self.emptied_applications.is_empty()
            && self.events.is_empty()
    }
}

impl Snapshot {
    /// Hands out what differs from what is stored. From then on the snapshot counts as stored, so that
    /// the next group may go on from it.
    pub fn take_changes(&mut self) -> Changes {
        self.fallbacks = Fallbacks::default();
        let nouns = NounChanges {
            projects: self.catalog.projects.take_changed(),
            applications: self.catalog.applications.take_changed(),
            environments: self.catalog.environments.take_changed(),
            teams: self.catalog.teams.take_changed(),
        };
        Changes {
            organization: self.organization.clone(),
            is_organization_changed: std::mem::take(&mut self.is_organization_changed),
            nouns,
            versions: self.versions.take_changed(),
            builds: self.builds.take_changed(),
            deployments: self.deployments.take_changed(),
            cells: self.cells.take_changed(),
            emptied_environments: std::mem::take(&mut self.emptied_environments),
            emptied_applications: std::mem::take(&mut self.emptied_applications),
            events: std::mem::take(&mut self.events),
            audit: std::mem::take(&mut self.audit),
        }
    }
}
