//! `landfall status`: what runs where, once or for as long as someone looks.

mod render;
mod shapes;
#[cfg(test)]
mod tests;

use std::time::Duration;

use clap::Args;

use self::render::render;
use self::shapes::Matrix;
use super::api::{Api, parse};
use super::connection::ServerOptions;
use super::failure::Failure;
use super::path::Path;
use super::session::Session;

/// Often enough to watch a deployment, rare enough not to be felt by the server.
const WATCH_INTERVAL: Duration = Duration::from_secs(2);

/// The flags of `status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// Only applications whose name holds this text
    #[arg(long, short, value_name = "TEXT")]
    pub application: Option<String>,
    /// Only applications of this project
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,
    /// Only these environments, separated by commas
    #[arg(long, short, value_name = "CODES")]
    pub environment: Option<String>,
    /// Only environments of this type: development, testing, staging, preview, production
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// Print the server's JSON
    #[arg(long)]
    pub json: bool,
    /// Show it anew when it changes, until interrupted
    #[arg(long, short)]
    pub watch: bool,
    #[command(flatten)]
    pub server: ServerOptions,
}

/// Shows the matrix.
pub(crate) async fn run(arguments: StatusArguments, session: &Session) -> Result<(), Failure> {
    let api = Api::find(&arguments.server, session)?;
    let body = api.get(path(&arguments)).await?;
    if arguments.watch {
        return watch(&arguments, session, &api, body).await;
    }
    if arguments.json {
        return session.output.verbatim(&body);
    }
    session.output.text(&render(&parse(&body)?, session.now(), session.output.width))
}

fn path(arguments: &StatusArguments) -> Path {
    Path::new("/status")
        .with("application", arguments.application.as_ref())
        .with("project", arguments.project.as_ref())
        .with("environment", arguments.environment.as_ref())
        .with("type", arguments.kind.as_ref())
        .with("limit", Some("all"))
}

/// On a screen every look is drawn, since ages change; elsewhere only changes are printed.
async fn watch(
    arguments: &StatusArguments,
    session: &Session,
    api: &Api<'_>,
    first: String,
) -> Result<(), Failure> {
    let (mut body, mut shown) = (first, None);
    loop {
        let matrix: Matrix = parse(&body)?;
        let is_new = shown.replace(matrix.sequence) != Some(matrix.sequence);
        let text = || render(&matrix, session.now(), session.output.width);
        match (arguments.json, session.output.is_screen) {
            (false, true) => session.output.screen(&text())?,
            (false, false) if is_new => session.output.text(&format!("{}\n", text()))?,
            (true, _) if is_new => session.output.verbatim(&body)?,
            _ => {}
        }
        body = look(arguments, session, api).await?;
    }
}

/// The next look; a server that is away for a while is waited for.
async fn look(
    arguments: &StatusArguments,
    session: &Session,
    api: &Api<'_>,
) -> Result<String, Failure> {
    loop {
        tokio::time::sleep(WATCH_INTERVAL).await;
        match api.get(path(arguments)).await {
            Err(Failure::Unreachable(why)) => session.output.note(&format!("{why}; trying again")),
            outcome => return outcome,
        }
    }
}
