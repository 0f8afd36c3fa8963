//! `POST /deployment-events/`: from Versioner's body to a report.

use landfall_domain::facts::Facts;
use landfall_domain::identity::RunKey;
use landfall_domain::report::{ProjectChoice, Report, Subject};
use landfall_domain::status::Status;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::fields::{Field, errors_from_metadata, metadata};
use crate::shared::json::check;
use crate::shared::rejection::Rejection;

/// Every field that any generation of Versioner's clients sends. Others are ignored.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    product_name: Field<'a>,
    #[serde(borrow, default)]
    version: Field<'a>,
    #[serde(borrow, default)]
    environment_name: Field<'a>,
    /// What the first GitHub Action called `environment_name`.
    #[serde(borrow, default)]
    environment: Field<'a>,
    #[serde(borrow, default)]
    status: Field<'a>,
    #[serde(borrow, default)]
    source_system: Field<'a>,
    #[serde(borrow, default)]
    build_number: Field<'a>,
    #[serde(borrow, default)]
    scm_sha: Field<'a>,
    #[serde(borrow, default)]
    scm_branch: Field<'a>,
    #[serde(borrow, default)]
    scm_repository: Field<'a>,
    #[serde(borrow, default)]
    deploy_url: Field<'a>,
    /// What older clients call `deploy_url`.
    #[serde(borrow, default)]
    build_url: Field<'a>,
    #[serde(borrow, default)]
    invoke_id: Field<'a>,
    #[serde(borrow, default)]
    deployed_by: Field<'a>,
    #[serde(borrow, default)]
    deployed_by_email: Field<'a>,
    #[serde(borrow, default)]
    deployed_by_name: Field<'a>,
    #[serde(borrow, default)]
    completed_at: Field<'a>,
    #[serde(borrow, default)]
    extra_metadata: Option<&'a RawValue>,
}

/// Reads a body.
pub(super) fn parse(body: &[u8]) -> Result<Report, Rejection> {
    let body: Body<'_> =
        serde_json::from_str(check(body)?).map_err(|error| Rejection::Json(error.to_string()))?;
    let application = body.product_name.required("product_name", 255)?;
    let version = body.version.required("version", 100)?;
    let environment = match body.environment_name {
        Field::Absent => body.environment.required("environment_name", 100)?,
        given => given.required("environment_name", 100)?,
    };
    let status = body.status.status("status")?;
    let status = status.ok_or_else(|| Rejection::field("status", "is required"))?;
    let completed_at = body.completed_at.time("completed_at")?;
    let url = body.deploy_url.short("deploy_url", 500)?;
    let mut facts = Facts {
        commit_sha: body.scm_sha.sha("scm_sha")?,
        branch: body.scm_branch.short("scm_branch", 100)?,
        repository: body.scm_repository.short("scm_repository", 500)?,
        build_number: body.build_number.number_or_short("build_number", 100)?,
        source_system: body.source_system.short("source_system", 50)?,
        url: url.or(body.build_url.short("build_url", 500)?),
        actor: body.deployed_by.short("deployed_by", 255)?,
        actor_email: body.deployed_by_email.short("deployed_by_email", 255)?,
        actor_name: body.deployed_by_name.short("deployed_by_name", 255)?,
        metadata: metadata(body.extra_metadata)?,
        ..Facts::default()
    };
    if status == Status::Failed {
        errors_from_metadata(&mut facts);
    }
    Ok(Report {
        subject: Subject::Deployment { environment, target: None },
        project: ProjectChoice::Default,
        application,
        version,
        status,
        key: RunKey {
            source_id: None,
            invoke_id: body.invoke_id.number_or_short("invoke_id", 255)?,
        },
        // The GitHub Action sends `completed_at` with every status; it means something at the end.
        told_at: completed_at.filter(|_| status.is_terminal()),
        facts: facts.into(),
    })
}
