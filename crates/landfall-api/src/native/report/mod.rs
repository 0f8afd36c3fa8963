//! Native reports: from a request with a build or deployment to what became of it.

mod body;
mod facts;

use axum::extract::Request;
use landfall_domain::outcome::Reported;
use landfall_domain::report::{ProjectChoice, Report};
use landfall_domain::status::Status;
use landfall_domain::text::ProjectName;
use landfall_domain::time::Timestamp;
use serde::de::DeserializeOwned;

pub(super) use self::body::{BuildBody, DeploymentBody};
use super::DIALECT;
use super::problem::Problem;
use crate::shared::api::Api;
use crate::shared::body::{Incoming, keep_refused, take_in_report};
use crate::shared::json;
use crate::shared::rejection::Rejection;

/// Takes in a report whose body is a `T`. One that is refused is kept.
pub(super) async fn take<T>(api: &Api, request: Request) -> Result<Reported, Problem>
where
    T: DeserializeOwned + TryInto<Report, Error = Rejection>,
{
    let mut incoming = take_in_report(api, request, DIALECT).await?;
    let report = match read::<T>(&incoming.body) {
        Ok(report) => report,
        Err(why) => {
            keep_refused(api, &incoming, DIALECT, &why).await;
            return Err(why.into());
        }
    };
    let idempotency = incoming.idempotency.take();
    let Incoming { caller, .. } = &incoming;
    Ok(api.engine.report(caller, report, idempotency, incoming.raw(DIALECT)).await?)
}

/// Reads a report whose body is a `T`.
pub(super) fn read<T>(body: &[u8]) -> Result<Report, Rejection>
where
    T: DeserializeOwned + TryInto<Report, Error = Rejection>,
{
    json::parse::<T>(body).and_then(TryInto::try_into)
}

/// What a report says about its status and its times.
struct Told {
    status: Option<String>,
    occurred_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
}

/// The same, understood.
struct Understood {
    status: Status,
    /// The report's own time.
    told_at: Option<Timestamp>,
    /// When the run began, where an end tells it.
    started_at: Option<Timestamp>,
}

impl Told {
    /// Without a status the run is completed; each status has a time of its own, else
    /// `occurred_at`.
    fn understand(self) -> Result<Understood, Rejection> {
        let Self { status, occurred_at, started_at, completed_at } = self;
        let status = status.map_or(Ok(Status::Completed), |word| Status::parse(&word));
        let status =
            status.map_err(|why| Rejection::field("status", format!("is wrong: {why}")))?;
        let told_at = match status {
            Status::Pending => None,
            Status::Started => started_at,
            Status::Completed | Status::Failed | Status::Aborted => completed_at,
        };
        Ok(Understood {
            status,
            told_at: told_at.or(occurred_at),
            started_at: started_at.filter(|_| status.is_terminal()),
        })
    }
}

fn choose(project: Option<ProjectName>) -> ProjectChoice {
    project.map_or(ProjectChoice::Default, ProjectChoice::Named)
}
