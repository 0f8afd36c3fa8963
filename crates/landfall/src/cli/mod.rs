//! The client side of the command line: every command that a person or a pipeline runs.
//!
//! A command is a file, or a folder, with its flags, what it asks the server and how it shows the
//! answer. None decides anything about builds and deployments: the server does.

mod age;
mod api;
mod backup;
mod client;
mod compare;
mod completions;
mod config_file;
mod connection;
mod copy;
mod detect;
mod environment;
mod events;
mod failure;
#[cfg(fuzzing)]
pub mod fuzzing;
mod history;
mod key;
mod login;
mod organization;
mod output;
mod path;
mod report;
mod retry;
mod session;
mod shapes;
mod signing_key;
mod status;
mod table;
mod user;
mod webhook;

use std::process::ExitCode;

use clap::Subcommand;

#[cfg(feature = "otel")]
pub(crate) use self::client::{Http, http};
pub(crate) use self::environment::environment;
use self::failure::{EXIT_CODES, Failure};
use self::session::Session;

/// The commands of the client.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Report a build or a deployment, mostly from CI
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Show what runs where
    #[command(after_help = format!("Examples:\n  landfall status\n  landfall status --watch\n  \
        landfall status --type production --application shop\n  landfall status --json\n\n\
        ◐ a deployment is in progress, ✕ the last one failed, ◌ one has been silent for long\n\n\
        {EXIT_CODES}"))]
    Status(status::StatusArguments),
    /// Show past deployments, newest first
    #[command(disable_version_flag = true)]
    #[command(after_help = format!("Examples:\n  landfall history shop\n  landfall history \
        --environment production --status failed\n  landfall history shop --version 1.4.2 --json\n\n\
        {EXIT_CODES}"))]
    History(history::HistoryArguments),
    /// Compare two environments
    #[command(after_help = format!("Examples:\n  landfall compare staging production\n  \
        landfall compare staging production --all --json\n\nThat something differs is no failure: \
        the exit code is 0.\n\n{EXIT_CODES}"))]
    Compare(compare::CompareArguments),
    /// Read the log of events, or follow it
    #[command(after_help = format!("Examples:\n  landfall events\n  landfall events --follow\n  \
        landfall events --after 0 --json\n  landfall events --follow --types deployment.completed,\
        deployment.failed\n\n{EXIT_CODES}"))]
    Events(events::EventsArguments),
    /// List, make and revoke API keys
    #[command(after_help = format!("Examples:\n  landfall key list\n  landfall key create ci\n  \
        landfall key revoke k3\n\n{EXIT_CODES}"))]
    Key(key::KeyArguments),
    /// List, make, set and revoke signing keys, for callers that sign as Envtracker's do
    #[command(after_help = format!("Examples:\n  landfall signing-key list\n  \
        landfall signing-key create ci\n  landfall signing-key revoke wk_default_k2Xp9QwLrT\n\n\
        {EXIT_CODES}"))]
    SigningKey(signing_key::SigningKeyArguments),
    /// Show, list, make and set organizations
    #[command(after_help = format!("Examples:\n  landfall org show\n  landfall org create acme-eu\n  \
        landfall org set --strict true\n\n{EXIT_CODES}"))]
    Org(organization::OrganizationArguments),
    /// List, add, change and remove people
    #[command(after_help = format!("Examples:\n  landfall user list\n  landfall user add \
        ada@acme.example --role admin\n  landfall user role ada@acme.example manager\n  \
        landfall user password ada@acme.example\n\n{EXIT_CODES}"))]
    User(user::UserArguments),
    /// Make and watch webhooks, send again what failed, forward events to this machine
    #[command(after_help = format!("Examples:\n  landfall webhook create ops \
        https://ops.acme.example/hook --event 'deployment.*'\n  landfall webhook show ops\n  \
        landfall webhook deliveries ops --state dead\n  landfall webhook resend-failed ops --since 2h \
        --watch\n  landfall webhook listen --forward http://localhost:3000/hook\n\n{}",
        webhook::exit_codes()))]
    Webhook(Box<webhook::WebhookArguments>),
    /// Sign in to a server, and keep its address and key
    Login(login::LoginArguments),
    /// Copy a data directory into one file, while the server runs or not
    #[command(after_help = "Examples:\n  landfall backup landfall-2026-11-20.db\n  \
        landfall backup /backups/landfall.db --data /var/lib/landfall")]
    Backup(backup::CopyArguments),
    /// Put a copy into an empty data directory
    #[command(
        after_help = "Examples:\n  landfall restore landfall-2026-11-20.db --data ./restored"
    )]
    Restore(backup::CopyArguments),
    /// Check that a copy is intact, and say what it holds
    #[command(after_help = "Examples:\n  landfall verify landfall-2026-11-20.db")]
    Verify(backup::VerifyArguments),
    /// Copy all data to another place: a data directory or a PostgreSQL, from either to either
    #[command(after_help = "Examples:\n  landfall copy --from ./landfall-data --to \
        postgres://landfall@db.example/landfall\n  landfall copy --from \
        postgres://landfall@db.example/landfall --to ./landfall-data")]
    Copy(copy::CopyArguments),
    /// Print a shell's completions
    #[command(after_help = "Examples:\n  landfall completions bash > \
        /etc/bash_completion.d/landfall\n  landfall completions fish > \
        ~/.config/fish/completions/landfall.fish")]
    Completions(completions::CompletionsArguments),
}

/// Runs a command, tells how it failed if it did, and gives the code to end with.
pub(crate) async fn run(command: ClientCommand) -> ExitCode {
    match perform(command, &Session::of_process()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::ReaderLeft) {
                output::tell_failure(&failure);
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Prints what clap has to say, and gives the code to end with: clap's own would be 2, which means
/// an unreachable server here.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Whoever closed the output does not want to read it.
    drop(error.print());
    if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn perform(command: ClientCommand, session: &Session) -> Result<(), Failure> {
    match command {
        ClientCommand::Report(command) => report::run(command, session).await,
        ClientCommand::Status(arguments) => status::run(arguments, session).await,
        ClientCommand::History(arguments) => history::run(arguments, session).await,
        ClientCommand::Compare(arguments) => compare::run(arguments, session).await,
        ClientCommand::Events(arguments) => events::run(arguments, session).await,
        ClientCommand::Key(arguments) => key::run(arguments, session).await,
        ClientCommand::SigningKey(arguments) => signing_key::run(arguments, session).await,
        ClientCommand::Org(arguments) => organization::run(arguments, session).await,
        ClientCommand::User(arguments) => user::run(arguments, session).await,
        ClientCommand::Webhook(arguments) => webhook::run(*arguments, session).await,
        ClientCommand::Login(arguments) => login::run(arguments, session).await,
        ClientCommand::Backup(arguments) => backup::backup(arguments, session).await,
        ClientCommand::Restore(arguments) => backup::restore(arguments, session).await,
        ClientCommand::Verify(arguments) => backup::verify(arguments, session).await,
        ClientCommand::Copy(arguments) => copy::run(arguments, session).await,
        ClientCommand::Completions(arguments) => completions::run(&arguments, session),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory, Subcommand};

    use crate::arguments::Arguments;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_and_flag_of_the_client_is_in_the_documentation() {
        let documentation = include_str!("../../../../docs/cli.md");
        let client = super::ClientCommand::augment_subcommands(Command::new("landfall"));
        let mut names = Vec::new();
        collect(&client, "landfall", &mut names);
        let missing: Vec<_> = names.iter().filter(|name| !documentation.contains(*name)).collect();
        assert!(missing.is_empty(), "docs/cli.md lacks {missing:?}");
    }

    fn collect(command: &Command, path: &str, names: &mut Vec<String>) {
        let flags = command.get_arguments().filter_map(|argument| argument.get_long());
        names.extend(flags.map(|flag| format!("--{flag}")));
        for inner in command.get_subcommands() {
            let path = format!("{path} {}", inner.get_name());
            if !inner.has_subcommands() {
                names.push(path.clone());
            }
            collect(inner, &path, names);
        }
    }
}
