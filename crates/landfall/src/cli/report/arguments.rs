//! The flags of `landfall report`.

use clap::{ArgAction, Args, Subcommand};

use super::super::connection::ServerOptions;
use super::super::failure::EXIT_CODES;

const DEPLOYMENT_EXAMPLES: &str = "Examples:
  landfall report deployment --environment production
  landfall report deployment --environment production --status started
  landfall report deployment --environment production --status failed --error \"timed out\"
  landfall report deployment --application shop --version 1.4.2 --environment staging --target eu
  landfall report deployment --environment production --dry-run

Without flags, values come from the CI system's variables and from git: see docs/ci-systems.md.";

const BUILD_EXAMPLES: &str = "Examples:
  landfall report build
  landfall report build --version 1.4.2 --status started
  landfall report build --metadata image=registry.acme.example/shop:1.4.2
  landfall report build --dry-run

Without flags, values come from the CI system's variables and from git: see docs/ci-systems.md.";

/// What is reported.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Report that a version was, is being, or could not be deployed
    #[command(disable_version_flag = true)]
    #[command(after_help = format!("{DEPLOYMENT_EXAMPLES}\n\n{EXIT_CODES}"))]
    Deployment(Box<DeploymentArguments>),
    /// Report that a version was, is being, or could not be built
    #[command(disable_version_flag = true)]
    #[command(after_help = format!("{BUILD_EXAMPLES}\n\n{EXIT_CODES}"))]
    Build(Box<BuildArguments>),
}

/// The flags of `report deployment`.
#[derive(Debug, Default, Args)]
pub(crate) struct DeploymentArguments {
    /// Where it is deployed to, such as `production`
    #[arg(long, short, value_name = "CODE")]
    pub environment: Option<String>,
    /// Part of the environment, such as a region or a tenant
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    #[command(flatten)]
    pub flags: Flags,
    #[command(flatten)]
    pub sending: Sending,
}

/// The flags of `report build`.
#[derive(Debug, Default, Args)]
pub(crate) struct BuildArguments {
    #[command(flatten)]
    pub flags: Flags,
    #[command(flatten)]
    pub sending: Sending,
}

/// What is said in a report; what is not given is looked for.
#[derive(Debug, Default, Args)]
pub(crate) struct Flags {
    /// What is built or deployed
    #[arg(long, short, value_name = "NAME")]
    pub application: Option<String>,
    /// Which version of it
    #[arg(long = "version", value_name = "NAME")]
    pub version_name: Option<String>,
    /// How far it is: pending, started, completed, failed, aborted, or another word for one of them
    /// [default: completed]
    #[arg(long, short, value_name = "WORD")]
    pub status: Option<String>,
    /// Project of the application [default: the key's, else `default`]
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,
    /// Commit that the version was made from
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
    /// Branch of the commit
    #[arg(long, value_name = "NAME")]
    pub branch: Option<String>,
    /// Repository, such as acme/shop
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<String>,
    /// Number that the CI system gave to the build
    #[arg(long, value_name = "NUMBER")]
    pub build_number: Option<String>,
    /// Id of the CI run, the same in the report of its start and of its end
    #[arg(long, value_name = "ID")]
    pub invoke_id: Option<String>,
    /// Id that the reporting system itself has for this
    #[arg(long, value_name = "ID")]
    pub source_id: Option<String>,
    /// Name of the reporting system
    #[arg(long, value_name = "NAME")]
    pub source_system: Option<String>,
    /// Link to the CI run
    #[arg(long, value_name = "URL")]
    pub run_url: Option<String>,
    /// Login of who caused it; what was found of another person is then left out
    #[arg(long, value_name = "LOGIN")]
    pub by: Option<String>,
    /// Their e-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub by_email: Option<String>,
    /// Their name
    #[arg(long, value_name = "NAME")]
    pub by_name: Option<String>,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// What went wrong
    #[arg(long, value_name = "TEXT")]
    pub error: Option<String>,
    /// What went wrong, as a code
    #[arg(long, value_name = "CODE")]
    pub error_code: Option<String>,
    /// When it started, such as 2026-11-20T22:18:49Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub started_at: Option<String>,
    /// When it ended; for a backfill
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub completed_at: Option<String>,
    /// A fact of your own; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub metadata: Vec<(String, String)>,
}

/// How a report is sent.
#[derive(Debug, Args)]
pub(crate) struct Sending {
    /// Print what would be sent and where each value came from, and send nothing
    #[arg(long, help_heading = "Sending")]
    pub dry_run: bool,
    /// Seconds to wait for each answer; there are up to four attempts
    #[arg(long, value_name = "SECONDS", default_value_t = 30, help_heading = "Sending",
        value_parser = clap::value_parser!(u16).range(1..=600))]
    pub timeout: u16,
    /// With `false`, warn and succeed where the report fails: it never breaks a pipeline
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set,
        help_heading = "Sending")]
    pub fail_on_error: bool,
    /// Print the server's answer as JSON
    #[arg(long, help_heading = "Sending")]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerOptions,
}

impl Default for Sending {
    fn default() -> Self {
        let server = ServerOptions::default();
        Self { dry_run: false, timeout: 30, fail_on_error: true, json: false, server }
    }
}

fn time(text: &str) -> Result<String, String> {
    match landfall_domain::time::Timestamp::parse(text) {
        Ok(_) => Ok(text.trim().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err("must be KEY=VALUE, such as image=shop:1.4.2".to_owned()),
    }
}
