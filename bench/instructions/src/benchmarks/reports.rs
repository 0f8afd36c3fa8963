//! Reports as CI sends them.

use std::sync::Arc;

use landfall_domain::facts::Facts;
use landfall_domain::identity::RunKey;
use landfall_domain::report::{ProjectChoice, Report, Subject};
use landfall_domain::sha::CommitSha;
use landfall_domain::status::Status;
use landfall_domain::text::{ApplicationName, EnvironmentCode, VersionName};

/// The name of an application.
pub(crate) fn application(number: usize) -> String {
    format!("application-{number:05}")
}

/// The commit that every first version was built from, but for its last digits.
pub(crate) fn commit(number: usize) -> String {
    format!("3f5c1e9a7b2d4c6e8f0a1b2c3d4e5f607182{number:04x}")
}

/// A build that ended well.
pub(crate) fn build(number: usize, version: usize) -> anyhow::Result<Report> {
    report(number, version, Subject::Build, Status::Completed)
}

/// A deployment.
pub(crate) fn deployment(
    number: usize,
    environment: &str,
    version: usize,
    status: Status,
) -> anyhow::Result<Report> {
    let environment = EnvironmentCode::parse(environment)?;
    report(number, version, Subject::Deployment { environment, target: None }, status)
}

fn report(
    number: usize,
    version: usize,
    subject: Subject,
    status: Status,
) -> anyhow::Result<Report> {
    Ok(Report {
        subject,
        project: ProjectChoice::Default,
        application: ApplicationName::parse(&application(number))?,
        version: VersionName::parse(&format!("1.{version}.0"))?,
        status,
        key: RunKey { source_id: None, invoke_id: Some(format!("92847{version:02}{number:05}")) },
        told_at: None,
        facts: Arc::new(facts(number)?),
    })
}

fn facts(number: usize) -> anyhow::Result<Facts> {
    let name = application(number);
    Ok(Facts {
        commit_sha: Some(CommitSha::parse(&commit(number))?),
        branch: Some("main".to_owned()),
        repository: Some(format!("acme/{name}")),
        build_number: Some("482".to_owned()),
        source_system: Some("github".to_owned()),
        url: Some(format!("https://ci.example.com/acme/{name}/runs/9284710")),
        actor: Some("octo".to_owned()),
        metadata: Some(serde_json::from_str(r#"{"workflow":"deploy","attempt":"1"}"#)?),
        ..Facts::default()
    })
}
