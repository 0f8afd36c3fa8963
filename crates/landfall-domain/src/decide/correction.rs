//! Putting right what was wrong or is over.

use super::Context;
use crate::deployment::{Place, Voided};
use crate::event::{EventType, Noun, Verb};
use crate::id::{ApplicationId, DeploymentId, EnvironmentId};
use crate::outcome::{Decision, Outcome};
use crate::refusal::Refusal;
use crate::snapshot::Fallbacks;
use crate::text::TargetName;

impl Context<'_> {
    /// Declares that a deployment never happened; its cell falls back on the one before.
    ///
    /// Voiding it again changes nothing.
    pub(super) fn void(&mut self, id: DeploymentId, reason: Option<String>) -> Decision {
        let Some(known) = self.snapshot.deployments.get(id) else {
            return Err(Refusal::not_found("deployment", &id));
        };
        if known.voided.is_some() {
            return Ok(Outcome::Voided(Box::new(self.deployment_view(id))));
        }
        let at_place = known.place.clone();
        let voided = Voided { at: self.at, by: self.by.clone(), reason };
        self.snapshot.deployments.get_mut(id).expect("it was just found").voided = Some(voided);
        let before = self.track(&at_place, &[id]);
        self.fall_back(&at_place, id);
        let told = (self.at, before);
        let view = self.deployment_view(id);
        self.tell_deployment(EventType::new(Noun::Deployment, Verb::Voided), view.clone(), &told);
        self.audit("deployment.voided", id.to_string());
        Ok(Outcome::Voided(Box::new(view)))
    }

    /// Shows the cell of a voided deployment what it falls back on: the stored ones, and what other
    /// commands of the same group have brought.
    fn fall_back(&mut self, at_place: &Place, voided: DeploymentId) {
        let Fallbacks { completed, failed } = std::mem::take(&mut self.snapshot.fallbacks);
        let here = self.snapshot.deployments.values().filter(|d| d.place == *at_place);
        let mut others: Vec<DeploymentId> = here.map(|deployment| deployment.id).collect();
        others.extend(completed.into_iter().chain(failed));
        self.track(at_place, &others);
        if self.snapshot.is_alive(at_place) {
            // The next report is no repeat of what never happened.
            let cell = self.snapshot.cell_mut(at_place);
            cell.last_report.take_if(|last| last.deployment == voided);
        }
    }

    /// Says that an application no longer runs in an environment. Its cells must be loaded.
    pub(super) fn retire(
        &mut self,
        application: ApplicationId,
        environment: EnvironmentId,
        target: Option<TargetName>,
    ) -> Decision {
        let at_places: Vec<Place> = self
            .snapshot
            .places()
            .into_iter()
            .filter(|at_place| {
                at_place.application == application
                    && at_place.environment == environment
                    && target.as_ref().is_none_or(|target| target.as_str() == at_place.target)
            })
            .collect();
        let known = self.application(application)?;
        let in_environment = self.environment(environment)?;
        if at_places.is_empty() {
            return Err(Refusal::not_found("deployment of this application in", &environment));
        }
        for at_place in at_places {
            self.snapshot.cell_mut(&at_place).retired_at = Some(self.at);
        }
        let mut data = self.application_data(&known);
        data.environment = Some((&in_environment).into());
        data.target = target.map_or_else(String::new, TargetName::into_string);
        self.log(EventType::new(Noun::Application, Verb::Retired), data);
        self.audit("application.retired", format!("{application} from {environment}"));
        Ok(Outcome::Done)
    }
}
