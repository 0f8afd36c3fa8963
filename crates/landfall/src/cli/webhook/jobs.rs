//! Resends and replays of a range: started, watched, listed, stopped.

use std::time::Duration;

use clap::Args;
use hyper::Method;
use serde_json::json;

use super::super::api::parse;
use super::super::failure::Failure;
use super::super::path::Path;
use super::super::shapes::Page;
use super::One;
use super::find::Webhooks;
use super::outcome::{counts, jobs};
use super::range::Range;
use super::shapes::Job;

/// Often enough to see it move.
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub(super) struct StartArguments {
    /// The webhook's name or id
    webhook: String,
    #[command(flatten)]
    range: Range,
    /// Wait until it is done, and show how far it is; an interrupt leaves it running
    #[arg(long, short)]
    watch: bool,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct StopArguments {
    /// The webhook's name or id
    webhook: String,
    /// The job's id
    job: String,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
}

/// Starts a job.
pub(super) async fn start(
    arguments: StartArguments,
    verb: &'static str,
    webhooks: &Webhooks<'_>,
) -> Result<(), Failure> {
    let StartArguments { webhook, range, watch, json } = arguments;
    let at = webhooks.at(&webhook).await?;
    let body = range.body(webhooks.session.now());
    let answer = webhooks.api.send(Method::POST, at.clone().below(verb), &body).await?;
    let job: Job = parse(&answer)?;
    let stop = format!("landfall webhook stop-job '{webhook}' {}", job.id);
    if !watch {
        return webhooks.print(&answer, json, || {
            Ok(format!("Job {} is {}. Stop it with: {stop}", job.id, job.state))
        });
    }
    let watching = Watching { webhooks, at: at.below("jobs").below(&job.id), json };
    tokio::select! {
        outcome = watching.to_the_end(answer) => outcome,
        _ = tokio::signal::ctrl_c() => {
            Err(Failure::Interrupted(format!("job {} goes on; stop it with: {stop}", job.id)))
        }
    }
}

/// A job that is looked at again and again.
struct Watching<'a> {
    webhooks: &'a Webhooks<'a>,
    at: Path,
    json: bool,
}

impl Watching<'_> {
    /// Shows how far the job is until it ends; that something failed has an exit code of its own.
    async fn to_the_end(&self, first: String) -> Result<(), Failure> {
        let (mut body, mut shown) = (first, None);
        loop {
            let job: Job = parse(&body)?;
            if shown.as_ref() != Some(&job) {
                self.show(&job, &body)?;
            }
            if job.ended_at.is_some() {
                return self.end(&job);
            }
            shown = Some(job);
            body = self.look().await?;
        }
    }

    /// On a screen the line is drawn anew; elsewhere only changes are printed.
    fn show(&self, job: &Job, body: &str) -> Result<(), Failure> {
        let output = &self.webhooks.session.output;
        let line = format!("{} {}: {}", job.kind, job.state, counts(job));
        match (self.json, output.is_screen) {
            (true, _) => output.verbatim(body),
            (false, true) => output.progress(&line),
            (false, false) => output.text(&line),
        }
    }

    fn end(&self, job: &Job) -> Result<(), Failure> {
        let output = &self.webhooks.session.output;
        if output.is_screen && !self.json {
            output.text("")?;
        }
        match job.failed {
            0 => Ok(()),
            failed => Err(Failure::Undelivered(format!("{failed} were not delivered"))),
        }
    }

    /// The next look; a server that is away for a while is waited for.
    async fn look(&self) -> Result<String, Failure> {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match self.webhooks.api.get(self.at.clone()).await {
                Err(Failure::Unreachable(why)) => {
                    self.webhooks.session.output.note(&format!("{why}; trying again"));
                }
                outcome => return outcome,
            }
        }
    }
}

/// Lists the jobs of a webhook.
pub(super) async fn list(one: One, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let body = webhooks.api.get(webhooks.at(&one.webhook).await?.below("jobs")).await?;
    let now = webhooks.session.now();
    webhooks.print(&body, one.json, || {
        let page: Page<Job> = parse(&body)?;
        Ok(jobs(&page.items, now))
    })
}

/// Stops a job.
pub(super) async fn stop(stop: StopArguments, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let StopArguments { webhook, job, json } = stop;
    let path = webhooks.at(&webhook).await?.below("jobs").below(&job).below("stop");
    let body = webhooks.api.send(Method::POST, path, &json!({})).await?;
    webhooks.print(&body, json, || {
        let job: Job = parse(&body)?;
        Ok(format!("Job {} is {}: {}.", job.id, job.state, counts(&job)))
    })
}
