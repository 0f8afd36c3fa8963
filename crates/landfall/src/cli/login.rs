//! `landfall login`: keeps a server and a key, once the server has accepted it.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::{Command, Stdio};

use clap::Args;

use super::api::{Api, parse};
use super::client::{Client, DEADLINE};
use super::config_file::{self, ConfigFile};
use super::connection::{Address, Connection, Secret};
use super::environment::find;
use super::failure::{EXIT_CODES, Failure};
use super::organization::Organization;
use super::path::Path;
use super::session::Session;

/// The flags of `login`.
#[derive(Debug, Args)]
#[command(after_help = format!("Examples:\n  landfall login --url https://landfall.acme.example\n  \
    landfall login --url https://landfall.acme.example < key.txt\n\n{EXIT_CODES}"))]
pub(crate) struct LoginArguments {
    /// Address of the server
    #[arg(
        long,
        value_name = "URL",
        help = "Address of the server; asked for if it is not given [env: LANDFALL_URL]"
    )]
    pub url: Option<String>,
    /// The key
    #[arg(
        long,
        visible_alias = "api-key",
        value_name = "KEY",
        help = "The key; asked for, or read \
        from the standard input, if it is not given [env: LANDFALL_API_KEY]"
    )]
    pub key: Option<Secret>,
}

/// Checks the key against the server, then keeps both.
pub(crate) async fn run(arguments: LoginArguments, session: &Session) -> Result<(), Failure> {
    let Some(file) = config_file::path(&session.variables) else {
        return Err(Failure::local("there is no home directory; set XDG_CONFIG_HOME"));
    };
    let connection = ask_for(arguments, session)?;
    let Connection { address, key } = connection.clone();
    let api = Api::new(Client::new(connection, DEADLINE), session);
    let welcome = match api.get(Path::new("/organization")).await {
        Ok(body) => format!("organization {}", parse::<Organization>(&body)?.slug),
        // A key for pipelines is known to the server, and may not read.
        Err(Failure::Forbidden(_)) => "with a key that can report but not read".to_owned(),
        Err(failure) => return Err(failure),
    };
    let (url, api_key) = (Some(address.to_string()), Some(key.reveal().to_owned()));
    config_file::save(&file, &ConfigFile { url, api_key })?;
    let file = file.display();
    session.output.text(&format!("Signed in to {address}, {welcome}. Kept in {file}."))
}

fn ask_for(arguments: LoginArguments, session: &Session) -> Result<Connection, Failure> {
    let variables = &session.variables;
    let url = arguments.url.or_else(|| find(variables, "LANDFALL_URL").map(str::to_owned));
    let url = url.map_or_else(|| prompt("Address of the server: ", session), Ok)?;
    let address = Address::parse(&url)?;
    let key = arguments.key.or_else(|| find(variables, "LANDFALL_API_KEY").map(Secret::new));
    let key = match key {
        Some(key) => key,
        None => Secret::new(&prompt_unseen("API key (not shown): ", session)?),
    };
    if key.reveal().is_empty() {
        return Err(Failure::NotSignedIn("no API key was given".to_owned()));
    }
    Ok(Connection { address, key })
}

fn prompt(question: &str, session: &Session) -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        // Asked on the standard error: the standard output may be a file.
        let mut stderr = io::stderr().lock();
        // If nobody sees the question, nobody answers it either.
        drop(write!(stderr, "{question}").and_then(|()| stderr.flush()));
    } else {
        session.output.note(question.trim_end());
    }
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::Local(anyhow::Error::new(error).context("no answer to read")))?;
    Ok(answer.trim().to_owned())
}

/// Asks without showing what is typed, where the terminal can be told so.
fn prompt_unseen(question: &str, session: &Session) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        return prompt(question, session);
    }
    echo("-echo");
    let answer = prompt(question, session);
    echo("echo");
    session.output.note("");
    answer
}

/// Without `stty` the key is shown as it is typed, which is no reason to refuse it.
fn echo(setting: &str) {
    let stty = Command::new("stty").arg(setting).stdin(Stdio::inherit()).status();
    drop(stty);
}
