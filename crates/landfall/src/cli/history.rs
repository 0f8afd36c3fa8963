//! `landfall history`: which deployments there were, newest first.

use std::time::Duration;

use clap::Args;
use landfall_domain::time::Timestamp;

use super::age::{age, exact};
use super::api::{Api, parse};
use super::connection::ServerOptions;
use super::failure::Failure;
use super::output::{FAILED, IN_PROGRESS};
use super::path::Path;
use super::session::Session;
use super::shapes::{Actor, Page, Run};
use super::table::table;

/// The server gives no longer pages.
const LIMIT_MAX: i64 = 500;

/// The flags of `history`.
#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    /// Only of this application
    pub application: Option<String>,
    /// Only to this environment
    #[arg(long, short, value_name = "CODE")]
    pub environment: Option<String>,
    /// Only those that are so far: pending, started, completed, failed or aborted
    #[arg(long, short, value_name = "WORD")]
    pub status: Option<String>,
    /// Only of this version; needs the application
    #[arg(long = "version", value_name = "NAME")]
    pub version_name: Option<String>,
    /// Only to this target
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// How many to show, up to 500
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 20,
        value_parser = clap::value_parser!(u16).range(1..=LIMIT_MAX))]
    pub limit: u16,
    /// Go on after this page: the `next` of its JSON
    #[arg(long, value_name = "CURSOR")]
    pub cursor: Option<String>,
    /// Print the server's JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerOptions,
}

/// Shows a page of deployments.
pub(crate) async fn run(arguments: HistoryArguments, session: &Session) -> Result<(), Failure> {
    let path = Path::new("/deployments")
        .with("application", arguments.application)
        .with("environment", arguments.environment)
        .with("target", arguments.target)
        .with("version", arguments.version_name)
        .with("status", arguments.status)
        .with("limit", Some(arguments.limit))
        .with("cursor", arguments.cursor);
    let body = Api::find(&arguments.server, session)?.get(path).await?;
    if arguments.json {
        return session.output.verbatim(&body);
    }
    let page: Page<Run> = parse(&body)?;
    session.output.text(&render(&page.items, session.now()))?;
    if let Some(next) = page.next {
        session.output.note(&format!("There are more: add --cursor {next}"));
    }
    Ok(())
}

fn render(deployments: &[Run], now: Timestamp) -> String {
    if deployments.is_empty() {
        return "No deployment matches.".to_owned();
    }
    let row = |run: &Run| {
        vec![
            age(now, run.ended_at.unwrap_or(run.began_at)),
            run.application.name.clone(),
            run.version.name.clone(),
            run.place(),
            status(run),
            run.duration_ms.map(|ms| exact(Duration::from_millis(ms))).unwrap_or_default(),
            run.actor.as_ref().and_then(Actor::word).unwrap_or_default().to_owned(),
        ]
    };
    let heading = ["AGE", "APPLICATION", "VERSION", "ENVIRONMENT", "STATUS", "TOOK", "BY"];
    table(&heading, deployments.iter().map(row).collect())
}

fn status(run: &Run) -> String {
    let word = &run.status;
    let text = match word.as_str() {
        "failed" | "aborted" => format!("{FAILED} {word}"),
        "pending" | "started" => format!("{IN_PROGRESS} {word}"),
        _ => word.clone(),
    };
    if run.voided.is_some() { format!("{text} (voided)") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deployments_are_told_in_a_line_each() {
        let page = r#"{"items": [
            {"id": "0193", "status": "started", "began_at": "2026-11-20T22:17:00Z",
             "created_at": "2026-11-20T22:17:00Z",
             "project": {"id": "1", "name": "default"}, "application": {"id": "2", "name": "shop"},
             "environment": {"id": "3", "code": "production", "name": "Production", "type": "production"},
             "target": "eu", "version": {"id": "4", "name": "1.5.0"}, "actor": {"name": "Ada L."}},
            {"id": "0192", "status": "failed", "began_at": "2026-11-20T19:00:00Z",
             "ended_at": "2026-11-20T19:01:30Z", "duration_ms": 90000,
             "created_at": "2026-11-20T19:00:00Z", "actor": {"login": "grace", "name": "Grace H."},
             "project": {"id": "1", "name": "default"}, "application": {"id": "2", "name": "shop"},
             "environment": {"id": "3", "code": "staging", "name": "Staging", "type": "staging"},
             "target": "", "version": {"id": "4", "name": "1.5.0"}},
            {"id": "0191", "status": "completed", "began_at": "2026-11-10T19:00:00Z",
             "ended_at": "2026-11-10T19:00:00Z", "duration_ms": 0,
             "created_at": "2026-11-10T19:00:00Z", "voided": {"at": "2026-11-11T00:00:00Z", "by": "k1"},
             "project": {"id": "1", "name": "default"}, "application": {"id": "2", "name": "cart"},
             "environment": {"id": "3", "code": "staging", "name": "Staging", "type": "staging"},
             "target": "", "version": {"id": "4", "name": "2025.11"}}
        ], "next": null}"#;
        let page: Page<Run> = parse(page).unwrap();
        let now = Timestamp::parse("2026-11-20T22:18:49Z").unwrap();
        insta::assert_snapshot!(render(&page.items, now), @"
        AGE  APPLICATION  VERSION  ENVIRONMENT      STATUS              TOOK    BY
        1m   shop         1.5.0    production / eu  ◐ started                   Ada L.
        3h   shop         1.5.0    staging          ✕ failed            1m 30s  grace
        10d  cart         2025.11  staging          completed (voided)  0s
        ");
    }
}
