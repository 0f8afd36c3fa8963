//! Replays and resends of a range: started here, watched and stopped.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use landfall_domain::access::Scope;
use landfall_domain::id::JobId;
use landfall_domain::refusal::Refusal;
use landfall_domain::time::Timestamp;
use landfall_engine::jobs::{JobKind, StoredJob};
use landfall_engine::{Caller, Engine};
use serde::Deserialize;
use uuid::Uuid;

use super::head::Head;
use super::state::ShownState;
use super::told::Told;
use super::verbs::invalid;
use super::{Moment, back, webhook_id};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::form::{Empty, Sent};
use crate::page::Page;
use crate::session::SignedIn;

/// Jobs of a page.
const PAGE: usize = 20;

/// A job as it is shown.
struct ShownJob {
    id: Uuid,
    webhook: Uuid,
    kind: &'static str,
    state: ShownState,
    is_running: bool,
    first: u64,
    last: u64,
    done: u64,
    total: u64,
    delivered: u64,
    failed: u64,
    by: String,
    at: Moment,
    may_manage: bool,
    csrf: String,
}

impl ShownJob {
    fn of(job: StoredJob, now: Timestamp, (may_manage, csrf): (bool, &str)) -> Self {
        let total = (job.last + 1).saturating_sub(job.first);
        let is_running = job.state == "running";
        Self {
            id: job.id.uuid(),
            webhook: job.webhook.uuid(),
            kind: if job.kind == JobKind::Replay.as_str() { "replay" } else { "resend failed" },
            state: state_of(&job.state),
            is_running,
            first: job.first,
            last: job.last,
            done: (job.position + 1).saturating_sub(job.first).min(total),
            total,
            delivered: job.delivered,
            failed: job.failed,
            by: job.created_by,
            at: Moment::of(job.created_at, now),
            may_manage,
            csrf: csrf.to_owned(),
        }
    }
}

fn state_of(word: &str) -> ShownState {
    match word {
        "running" => ShownState { class: "started", shape: "◐", word: "running" },
        "finished" => ShownState { class: "completed", shape: "●", word: "finished" },
        _ => ShownState { class: "aborted", shape: "–", word: "stopped" },
    }
}

#[derive(Template)]
#[template(path = "webhook_replay.html")]
struct ReplayPage {
    page: Page,
    head: Head,
    jobs: Vec<ShownJob>,
    next: Option<Uuid>,
}

#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<Uuid>,
}

pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(word): Path<String>,
    Query(Before { before }): Query<Before>,
    Query(told): Query<Told>,
) -> Result<Response, Trouble> {
    let (engine, id) = (&dashboard.engine, webhook_id(&word)?);
    let before = JobId::from_uuid(before.unwrap_or_else(Uuid::max));
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = engine.list_jobs(&viewer.caller, id, before, limit).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| has_more).map(|job| job.id.uuid());
    let (page, head, _) = Head::of(engine, &viewer, id, ("/replay", &told)).await?;
    let now = engine.ambient().now();
    let viewed = (head.may_manage, page.csrf.as_str());
    let jobs = found.into_iter().map(|job| ShownJob::of(job, now, viewed)).collect();
    Ok(html(&ReplayPage { page, head, jobs, next }))
}

/// What is to be sent again: a range by numbers or by times.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Range {
    kind: String,
    first: String,
    last: String,
    since: String,
    until: String,
}

pub(super) async fn start(
    State(dashboard): State<Dashboard>,
    Path(word): Path<String>,
    Sent { viewer, form }: Sent<Range>,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Manage)?;
    let (engine, id) = (&dashboard.engine, webhook_id(&word)?);
    let kind = match form.kind.as_str() {
        "replay" => JobKind::Replay,
        "resend_failed" => JobKind::ResendFailed,
        _ => return Err(invalid("kind", "must be replay or resend_failed")),
    };
    let range = read_range(engine, &viewer.caller, &form).await?;
    engine.start_job(&viewer.caller, id, kind, range).await?;
    Ok(back(id, "/replay", "started"))
}

async fn read_range(engine: &Engine, caller: &Caller, form: &Range) -> Result<(u64, u64), Trouble> {
    let Range { first, last, since, until, kind: _ } = form;
    let [first, last, since, until] = [first, last, since, until].map(|text| text.trim());
    match (first, since) {
        ("", "") => Err(invalid("first", "or a time from when on must be given")),
        (_, "") => {
            let first = number("first", first)?;
            let last = if last.is_empty() { u64::MAX } else { number("last", last)? };
            if last < first {
                return Err(invalid("last", "must not be before the first event"));
            }
            Ok((first, last))
        }
        ("", _) => {
            let since = time("since", since)?;
            let until = if until.is_empty() { Timestamp::MAX } else { time("until", until)? };
            if until < since {
                return Err(invalid("until", "must not be before the beginning"));
            }
            Ok(engine.sequences_between(caller, since, until).await?)
        }
        _ => Err(invalid("first", "and a time can't be given together")),
    }
}

fn number(field: &str, text: &str) -> Result<u64, Trouble> {
    text.parse().map_err(|_| invalid(field, "must be the number of an event"))
}

/// Browsers send what is typed into a field for a time without its zone; the form says UTC.
fn time(field: &str, text: &str) -> Result<Timestamp, Trouble> {
    Timestamp::parse(text).map_err(|why| invalid(field, &format!("is no time: {why}")))
}

#[derive(Template)]
#[template(path = "webhook_job.html")]
struct JobPart {
    job: ShownJob,
}

/// One job, as it goes on.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path((word, job)): Path<(String, Uuid)>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let job = find(engine, &viewer.caller, (&word, job)).await?;
    let may_manage = viewer.caller.require(Scope::Manage).is_ok();
    let now = engine.ambient().now();
    let csrf = &viewer.session.csrf();
    Ok(html(&JobPart { job: ShownJob::of(job, now, (may_manage, csrf)) }))
}

pub(super) async fn stop(
    State(dashboard): State<Dashboard>,
    Path((word, job)): Path<(String, Uuid)>,
    Sent { viewer, .. }: Sent<Empty>,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Manage)?;
    let job = find(&dashboard.engine, &viewer.caller, (&word, job)).await?;
    dashboard.engine.stop_job(&viewer.caller, job.id).await?;
    Ok(back(job.webhook, "/replay", "stopped"))
}

/// The job that a path names; a job of another webhook is none of this one's.
async fn find(
    engine: &Engine,
    caller: &Caller,
    (word, job): (&str, Uuid),
) -> Result<StoredJob, Trouble> {
    let webhook = webhook_id(word)?;
    engine.find_webhook(caller, webhook)?;
    let found = engine.find_job(caller, JobId::from_uuid(job)).await?;
    if found.webhook == webhook { Ok(found) } else { Err(Refusal::not_found("job", &job).into()) }
}
