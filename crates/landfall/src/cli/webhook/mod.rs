//! `landfall webhook`: who is told of what, how that goes, and what to do where it does not.

mod delivery;
mod event;
mod find;
mod jobs;
mod listen;
mod manage;
mod outcome;
mod range;
mod render;
mod settings;
mod shapes;
#[cfg(test)]
mod tests;
mod wanted;

use clap::{Args, Subcommand};

use self::find::Webhooks;
use super::api::Api;
use super::connection::ServerOptions;
use super::failure::{EXIT_CODES, Failure};
use super::session::Session;

/// `webhook` and its flags.
#[derive(Debug, Args)]
pub(crate) struct WebhookArguments {
    #[command(subcommand)]
    command: WebhookCommand,
    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Subcommand)]
enum WebhookCommand {
    /// Make a webhook; its secret is shown once
    #[command(
        after_help = "Examples:\n  landfall webhook create ops https://ops.acme.example/hook\n  \
        landfall webhook create releases https://hooks.slack.com/services/T0/B0/x --format slack \
        --event deployment.completed --environment-type production\n  landfall webhook create pager \
        https://pager.acme.example/hook --template pager.json --header 'X-Team: web'"
    )]
    Create(manage::CreateArguments),
    /// List the webhooks
    List {
        /// Print the server's JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a webhook and how it is doing
    Show(One),
    /// Change a webhook; what is not given stays
    #[command(after_help = "Examples:\n  landfall webhook edit ops --concurrency 16\n  \
        landfall webhook edit ops --event 'deployment.*' --clear application\n  \
        landfall webhook edit ops --enabled false")]
    Edit(manage::EditArguments),
    /// Delete a webhook; what it was owed is forgotten
    Delete {
        /// Its name or id
        webhook: String,
    },
    /// Send nothing for now; what happens meanwhile waits
    Pause(One),
    /// Go on sending
    Resume(One),
    /// Send a sample event, and say what came of it
    Test(event::TestArguments),
    /// Make another secret, shown once; deliveries are signed with both for a day
    RotateSecret(manage::RotateArguments),
    /// List deliveries, newest first
    #[command(after_help = "Examples:\n  landfall webhook deliveries ops\n  \
        landfall webhook deliveries ops --state dead")]
    Deliveries(delivery::ListArguments),
    /// Show a delivery: its attempts, what was sent, what came back
    Delivery(Within),
    /// Send an event once more
    Resend(Within),
    /// Give a delivery up that waits for another attempt
    Skip(Within),
    /// Say why an event was sent or not
    Explain(Within),
    /// Show what would be sent, without sending it
    #[command(after_help = "Examples:\n  landfall webhook preview ops --event 1042\n  \
        landfall webhook preview ops --type deployment.failed --template new.json")]
    Preview(event::PreviewArguments),
    /// Send again what failed in a range of the log
    #[command(
        after_help = "Examples:\n  landfall webhook resend-failed ops --since 2h --watch\n  \
        landfall webhook resend-failed ops --first 1000 --last 2000"
    )]
    ResendFailed(jobs::StartArguments),
    /// Send everything wanted in a range of the log, delivered or not
    #[command(after_help = "Examples:\n  landfall webhook replay ops --first 1000 --watch\n  \
        landfall webhook replay ops --since 2026-11-20T22:00:00Z --until 2026-11-20T23:00:00Z")]
    Replay(jobs::StartArguments),
    /// List resends and replays, newest first
    Jobs(One),
    /// Stop a resend or replay
    StopJob(jobs::StopArguments),
    /// Forward events to this machine as they happen, signed, without a webhook
    #[command(after_help = "Examples:\n  landfall webhook listen --forward \
        http://localhost:3000/hook\n  landfall webhook listen --forward http://localhost:3000/hook \
        --event 'deployment.*' --application shop --secret \"$WEBHOOK_SECRET\"")]
    Listen(listen::ListenArguments),
}

/// One webhook, and how to show what is said of it.
#[derive(Debug, Args)]
struct One {
    /// Its name or id
    webhook: String,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
}

/// One event, as a webhook is concerned with it.
#[derive(Debug, Args)]
struct Within {
    /// The webhook's name or id
    webhook: String,
    /// The event's number in the log
    #[arg(value_name = "SEQUENCE")]
    sequence: u64,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
}

/// The help's last paragraph: these verbs have a code of their own.
pub(crate) fn exit_codes() -> String {
    format!("{EXIT_CODES}\n  5  the receiver did not take what it was sent")
}

/// Does what is asked about webhooks.
pub(crate) async fn run(arguments: WebhookArguments, session: &Session) -> Result<(), Failure> {
    let api = Api::find(&arguments.server, session)?;
    let webhooks = Webhooks { api: &api, session };
    match arguments.command {
        WebhookCommand::Create(new) => manage::create(new, &webhooks).await,
        WebhookCommand::List { json } => manage::list(json, &webhooks).await,
        WebhookCommand::Show(one) => manage::show(one, &webhooks).await,
        WebhookCommand::Edit(edit) => manage::edit(edit, &webhooks).await,
        WebhookCommand::Delete { webhook } => manage::delete(&webhook, &webhooks).await,
        WebhookCommand::Pause(one) => manage::switch(one, "pause", &webhooks).await,
        WebhookCommand::Resume(one) => manage::switch(one, "resume", &webhooks).await,
        WebhookCommand::RotateSecret(rotate) => manage::rotate(rotate, &webhooks).await,
        WebhookCommand::Test(test) => event::test(test, &webhooks).await,
        WebhookCommand::Preview(preview) => event::preview(preview, &webhooks).await,
        WebhookCommand::Explain(within) => event::explain(within, &webhooks).await,
        WebhookCommand::Resend(within) => event::resend(within, &webhooks).await,
        WebhookCommand::Deliveries(list) => delivery::list(list, &webhooks).await,
        WebhookCommand::Delivery(within) => delivery::show(within, &webhooks).await,
        WebhookCommand::Skip(within) => delivery::skip(within, &webhooks).await,
        WebhookCommand::ResendFailed(range) => jobs::start(range, "resend-failed", &webhooks).await,
        WebhookCommand::Replay(range) => jobs::start(range, "replay", &webhooks).await,
        WebhookCommand::Jobs(one) => jobs::list(one, &webhooks).await,
        WebhookCommand::StopJob(stop) => jobs::stop(stop, &webhooks).await,
        WebhookCommand::Listen(listen) => listen::run(listen, &webhooks).await,
    }
}
