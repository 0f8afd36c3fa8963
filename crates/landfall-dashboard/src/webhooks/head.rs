//! What every page of one webhook begins with: what it is, how it is doing, and what to worry about.

use landfall_domain::id::{JobId, WebhookId};
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::State;
use landfall_domain::webhook::vendor::Vendor;
use landfall_engine::Engine;
use landfall_engine::jobs::JobKind;
use landfall_engine::webhooks::{Glance, WebhookNow, seen};
use uuid::Uuid;

use super::bar::Bar;
use super::list::behind;
use super::state::ShownState;
use super::told::Told;
use super::{Moment, TAB, clock, duration};
use crate::answer::Trouble;
use crate::page::Page;
use crate::session::SignedIn;

/// The pages of one webhook.
const PARTS: &[(&str, &str)] = &[
    ("", "Deliveries"),
    ("/test", "Test"),
    ("/replay", "Replay and resend"),
    ("/why", "Why not sent?"),
    ("/settings", "Settings"),
];

/// Jobs among which a replay of what was missed is looked for.
const JOBS: i64 = 50;

/// What surrounds a page of one webhook.
pub(super) struct Head {
    pub id: Uuid,
    pub may_manage: bool,
    pub is_ordered: bool,
    pub told: Option<(bool, &'static str)>,
    pub part: &'static str,
    pub name: String,
    pub url: String,
    pub format: &'static str,
    pub vendor: Option<&'static str>,
    pub state: ShownState,
    /// The state that the button leads to.
    pub change: (&'static str, &'static str),
    pub bar: Bar,
    pub numbers: Vec<(String, &'static str)>,
    pub last_success: Option<Moment>,
    pub worries: Vec<Worry>,
    pub missed: Option<(u64, u64)>,
}

/// Something that is not as it should be.
pub(super) struct Worry {
    pub class: &'static str,
    pub words: String,
    pub since: Option<Moment>,
    /// What comes next, at an instant.
    pub next: Option<(&'static str, Timestamp, String)>,
}

impl Head {
    /// What surrounds a page and what heads it, and the webhook that it is of.
    pub(super) async fn of(
        engine: &Engine,
        viewer: &SignedIn,
        id: WebhookId,
        (part, told): (&'static str, &Told),
    ) -> Result<(Page, Self, WebhookNow), Trouble> {
        let Glance { now: found, day } = engine.glance_webhook(&viewer.caller, id).await?;
        let now = engine.ambient().now();
        let sees_all = seen::may_see_all(&viewer.caller);
        let webhook = &found.armed.webhook;
        let health = &found.standing.health;
        let p50 = day.p50_us.map_or("–".to_owned(), duration);
        let head = Self {
            id: id.uuid(),
            may_manage: sees_all,
            is_ordered: webhook.config.ordered,
            told: told.sentence(),
            part,
            name: webhook.config.name.clone(),
            url: seen::url(&webhook.private, sees_all),
            format: webhook.config.format.as_str(),
            vendor: webhook.config.vendor.as_ref().map(Vendor::as_str),
            state: ShownState::of(&found),
            change: if webhook.state.is_enabled() {
                ("paused", "Pause")
            } else {
                ("enabled", "Resume")
            },
            bar: Bar::of(&day),
            numbers: vec![
                (p50, "median"),
                (behind(&found).to_string(), "behind"),
                (found.standing.in_flight.to_string(), "under way"),
                (found.retrying.to_string(), "retrying"),
                (found.dead.to_string(), "dead"),
            ],
            last_success: health.last_success_at.map(|at| Moment::of(at, now)),
            worries: worries(&found, now),
            missed: missed(engine, viewer, &found).await?,
        };
        Ok((Page::new(viewer, TAB, found.head), head, found))
    }

    /// The pages of the webhook: address, name, and whether it is this one.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let part = self.part;
        PARTS.iter().map(move |(path, name)| (*path, *name, *path == part))
    }
}

/// What went by unsent, unless it is being replayed or was.
async fn missed(
    engine: &Engine,
    viewer: &SignedIn,
    found: &WebhookNow,
) -> Result<Option<(u64, u64)>, Trouble> {
    let Some((first, last)) = found.standing.health.missed else { return Ok(None) };
    let (id, newest) = (found.armed.webhook.id, JobId::from_uuid(Uuid::max()));
    let jobs = engine.list_jobs(&viewer.caller, id, newest, JOBS).await?;
    let is_replayed = jobs.iter().any(|job| {
        let is_replay = job.kind == JobKind::Replay.as_str() && job.state != "stopped";
        is_replay && job.first <= first && job.last >= last
    });
    Ok((!is_replayed).then_some((first, last)))
}

fn worries(found: &WebhookNow, now: Timestamp) -> Vec<Worry> {
    let worries = [state_worry(found, now), health_worry(found, now), rest_worry(found, now)];
    worries.into_iter().flatten().collect()
}

fn state_worry(found: &WebhookNow, now: Timestamp) -> Option<Worry> {
    let webhook = &found.armed.webhook;
    let words = match &webhook.state {
        State::Enabled => return None,
        State::Paused => "Paused: what happens waits, and is sent when you resume it.".to_owned(),
        State::Disabled { reason } => {
            format!("It sends nothing: {}. What happens is skipped.", reason.in_words())
        }
    };
    let since = Some(Moment::of(webhook.state_at, now));
    Some(Worry { class: "note", words, since, next: None })
}

fn health_worry(found: &WebhookNow, now: Timestamp) -> Option<Worry> {
    let health = &found.standing.health;
    let next_probe = health.breaker.next_probe_at().map(|at| ("Next probe", at, clock(at)));
    let (since, words) = match (health.breaker.open_since(), health.failing_since) {
        (Some(since), _) => {
            let words = "Its receiver does not answer as it should. Everything waits, and probes \
                         find out when it is well again.";
            (since, words.to_owned())
        }
        (None, Some(since)) => {
            let words = match health.attempts_failed {
                1 => "The last attempt failed.".to_owned(),
                attempts => format!("The last {attempts} attempts failed."),
            };
            (since, words)
        }
        (None, None) => return None,
    };
    let since = Some(Moment::of(since, now));
    Some(Worry { class: "wrong", words, since, next: next_probe })
}

fn rest_worry(found: &WebhookNow, now: Timestamp) -> Option<Worry> {
    let until = found.standing.resting_until.filter(|until| *until > now)?;
    let words = "Its receiver asked to be left alone for a while.".to_owned();
    let next = Some(("Next attempt", until, clock(until)));
    Some(Worry { class: "note", words, since: None, next })
}
