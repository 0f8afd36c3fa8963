//! `landfall events`: the log, read or followed.

pub(crate) mod follow;
mod frames;
pub(crate) mod render;

use clap::Args;
use serde::Deserialize;
use serde_json::value::RawValue;

use self::follow::Following;
use self::render::Event;
use super::api::{Api, parse};
use super::connection::ServerOptions;
use super::failure::Failure;
use super::path::Path;
use super::session::Session;

/// Without a number to begin after, this many of the newest events are shown.
const TAIL: u64 = 20;
/// The server gives no longer pages.
const PAGE: usize = 500;

/// The flags of `events`.
#[derive(Debug, Args)]
pub(crate) struct EventsArguments {
    /// Begin after the event of this number; 0 is the very beginning [default: the last 20]
    #[arg(long, value_name = "NUMBER")]
    pub after: Option<u64>,
    /// Go on with what happens, until interrupted; lost connections are made anew
    #[arg(long, short)]
    pub follow: bool,
    /// Only these types, separated by commas, such as deployment.completed or deployment.*
    #[arg(long, visible_alias = "type", value_name = "TYPES", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Print the server's JSON, an event on each line
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerOptions,
}

/// A page of the log, its events as they came.
#[derive(Debug, Deserialize)]
struct LogPage {
    items: Vec<Box<RawValue>>,
    /// The last event that was looked at, whether its type was wanted or not.
    last: u64,
}

#[derive(Debug, Deserialize)]
struct Head {
    #[serde(default)]
    last_sequence: u64,
}

/// Prints events.
pub(crate) async fn run(arguments: EventsArguments, session: &Session) -> Result<(), Failure> {
    let api = Api::find(&arguments.server, session)?;
    let after = match arguments.after {
        Some(after) => after,
        None => newest(&api).await?.saturating_sub(TAIL),
    };
    if arguments.follow {
        let following = Following { api: &api, session, types: types(&arguments), after };
        return following.run(async |json| print(json, session, &arguments)).await;
    }
    read(&api, session, &arguments, after).await
}

async fn newest(api: &Api<'_>) -> Result<u64, Failure> {
    let head: Head = parse(&api.get(Path::new("/organization")).await?)?;
    Ok(head.last_sequence)
}

/// Prints page after page, as far as the log goes.
async fn read(
    api: &Api<'_>,
    session: &Session,
    arguments: &EventsArguments,
    mut after: u64,
) -> Result<(), Failure> {
    loop {
        let path = Path::new("/events")
            .with("after", Some(after))
            .with("limit", Some(PAGE))
            .with("types", types(arguments));
        let LogPage { items, last } = parse(&api.get(path).await?)?;
        for item in &items {
            print(item.get(), session, arguments)?;
        }
        if last <= after {
            return Ok(());
        }
        after = last;
    }
}

/// The types as the API takes them.
fn types(arguments: &EventsArguments) -> Option<String> {
    (!arguments.types.is_empty()).then(|| arguments.types.join(","))
}

fn print(json: &str, session: &Session, arguments: &EventsArguments) -> Result<(), Failure> {
    if arguments.json {
        return session.output.verbatim(json);
    }
    session.output.text(&parse::<Event>(json)?.line())
}
