//! `POST /build-events/`: from Versioner's body to a report.

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
    build_url: Field<'a>,
    #[serde(borrow, default)]
    invoke_id: Field<'a>,
    #[serde(borrow, default)]
    built_by: Field<'a>,
    #[serde(borrow, default)]
    built_by_email: Field<'a>,
    #[serde(borrow, default)]
    built_by_name: Field<'a>,
    #[serde(borrow, default)]
    started_at: Field<'a>,
    #[serde(borrow, default)]
    completed_at: Field<'a>,
    /// What `/version-events/` calls `completed_at`.
    #[serde(borrow, default)]
    built_at: Field<'a>,
    #[serde(borrow, default)]
    error_message: Field<'a>,
    #[serde(borrow, default)]
    error_code: Field<'a>,
    #[serde(borrow, default)]
    extra_metadata: Option<&'a RawValue>,
}

/// Reads a body. Without a status the build is completed.
pub(super) fn parse(body: &[u8]) -> Result<Report, Rejection> {
    let body: Body<'_> =
        serde_json::from_str(check(body)?).map_err(|error| Rejection::Json(error.to_string()))?;
    let application = body.product_name.required("product_name", 255)?;
    let version = body.version.required("version", 100)?;
    let status = body.status.status("status")?.unwrap_or(Status::Completed);
    let started_at = body.started_at.time("started_at")?;
    let completed_at = body.completed_at.time("completed_at")?;
    let completed_at = completed_at.or(body.built_at.time("built_at")?);
    let mut facts = Facts {
        started_at: started_at.filter(|_| status.is_terminal()),
        commit_sha: body.scm_sha.sha("scm_sha")?,
        branch: body.scm_branch.short("scm_branch", 100)?,
        repository: body.scm_repository.short("scm_repository", 500)?,
        build_number: body.build_number.number_or_short("build_number", 100)?,
        source_system: body.source_system.short("source_system", 50)?,
        url: body.build_url.short("build_url", 500)?,
        actor: body.built_by.short("built_by", 255)?,
        actor_email: body.built_by_email.short("built_by_email", 255)?,
        actor_name: body.built_by_name.short("built_by_name", 255)?,
        error_message: body.error_message.long("error_message", 4_000)?,
        error_code: body.error_code.number_or_short("error_code", 255)?,
        metadata: metadata(body.extra_metadata)?,
        ..Facts::default()
    };
    if status == Status::Failed {
        errors_from_metadata(&mut facts);
    }
    let told_at = match status {
        Status::Pending => None,
        Status::Started => started_at,
        Status::Completed | Status::Failed | Status::Aborted => completed_at,
    };
    Ok(Report {
        subject: Subject::Build,
        project: ProjectChoice::Default,
        application,
        version,
        status,
        key: RunKey {
            source_id: None,
            invoke_id: body.invoke_id.number_or_short("invoke_id", 255)?,
        },
        told_at,
        facts: facts.into(),
    })
}
