//! `/webhooks/{webhook}/jobs`: replays and resends of a range, watched and stopped.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::id::{JobId, WebhookId};
use landfall_domain::refusal::Refusal;
use landfall_domain::time::Timestamp;
use landfall_engine::Caller;
use landfall_engine::jobs::{JobKind, StoredJob};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::page::{Page, PageQuery};
use super::super::problem::Problem;
use super::super::request::{Asked, By, Sent, Word};
use super::path::{Within, webhook_id};
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// A resend or replay of a range of events.
#[derive(Serialize, ToSchema)]
pub(super) struct JobView {
    /// Its id.
    id: Uuid,
    /// `replay` or `resend_failed`.
    kind: String,
    /// `running`, `finished` or `stopped`.
    state: String,
    /// The first event of the range.
    first: u64,
    /// The last event of the range.
    last: u64,
    /// The last event that it is done with; one before `first` at the beginning.
    position: u64,
    /// Events in the range, whether they are sent or not.
    total: u64,
    /// Attempts that were delivered.
    delivered: u64,
    /// Attempts that failed.
    failed: u64,
    /// The id of the API key that asked for it.
    created_by: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

impl From<StoredJob> for JobView {
    fn from(job: StoredJob) -> Self {
        let StoredJob {
            organization: _,
            id,
            webhook: _,
            kind,
            state,
            first,
            last,
            position,
            delivered,
            failed,
            created_by,
            created_at,
            ended_at,
        } = job;
        Self {
            id: id.uuid(),
            kind,
            state,
            first,
            last,
            position,
            total: (last + 1).saturating_sub(first),
            delivered,
            failed,
            created_by,
            created_at,
            ended_at,
        }
    }
}

/// A range of the log: by numbers (`first`, `last`) or by when Landfall heard of the events
/// (`since`, `until`).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeBody {
    /// The number of the first event.
    #[serde(default)]
    #[schema(minimum = 1)]
    first: Option<u64>,
    /// The number of the last event; up to the head of the log if absent.
    #[serde(default)]
    last: Option<u64>,
    /// Events recorded from then on.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Events recorded up to then; up to now if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

async fn read_range(api: &Api, caller: &Caller, body: RangeBody) -> Result<(u64, u64), Problem> {
    let refused = |field, reason| Err(Rejection::field(field, reason).into());
    match body {
        RangeBody { first: Some(first), last, since: None, until: None } => {
            let last = last.unwrap_or(u64::MAX);
            if last < first {
                return refused("last", "must not be before `first`");
            }
            Ok((first, last))
        }
        RangeBody { first: None, last: None, since: Some(since), until } => {
            let until = until.unwrap_or(Timestamp::MAX);
            if until < since {
                return refused("until", "must not be before `since`");
            }
            Ok(api.engine.sequences_between(caller, since, until).await?)
        }
        RangeBody { since: None, until: None, .. } => {
            refused("first", "is required, with `last`; or give `since` and `until`")
        }
        RangeBody { first: None, last: None, .. } => refused("since", "is required with `until`"),
        RangeBody { .. } => refused("since", "can't be given beside `first` and `last`"),
    }
}

async fn start(
    api: &Api,
    word: &Word,
    kind: JobKind,
    Sent { caller, body }: Sent<RangeBody>,
) -> Result<(StatusCode, Json<JobView>), Problem> {
    caller.require(Scope::Manage)?;
    let range = read_range(api, &caller, body).await?;
    let job = api.engine.start_job(&caller, webhook_id(word)?, kind, range).await?;
    Ok((StatusCode::ACCEPTED, Json(job.into())))
}

/// Send every event of a range once more.
///
/// Those that the filters want, with the present settings, once each, whatever became of them
/// before. It works in every state and counts towards nothing.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/replay", tag = "webhooks",
    request_body = RangeBody,
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 202, description = "The job that does it", body = JobView)))]
pub(super) async fn replay(
    State(api): State<Api>,
    word: Word,
    sent: Sent<RangeBody>,
) -> Result<(StatusCode, Json<JobView>), Problem> {
    start(&api, &word, JobKind::Replay, sent).await
}

/// Send every delivery of a range that failed, for good or so far, once more.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/resend-failed", tag = "webhooks",
    request_body = RangeBody,
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 202, description = "The job that does it", body = JobView)))]
pub(super) async fn resend_failed(
    State(api): State<Api>,
    word: Word,
    sent: Sent<RangeBody>,
) -> Result<(StatusCode, Json<JobView>), Problem> {
    start(&api, &word, JobKind::ResendFailed, sent).await
}

/// List the jobs of a webhook, newest first.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/jobs", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id"), PageQuery),
    responses((status = 200, description = "A page of jobs", body = Page<JobView>)))]
pub(super) async fn list_jobs(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<JobView>>, Problem> {
    let paging = query.paging()?;
    let page = paging.of_history()?;
    let (id, before) = (webhook_id(&word)?, JobId::from_uuid(page.before));
    let found = api.engine.list_jobs(&caller, id, before, page.limit).await?;
    let page = paging.page(found, |job| job.id.to_string());
    Ok(Json(page.map(Into::into)))
}

/// Show a job.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/jobs/{job}", tag = "webhooks",
    params(("webhook" = String, Path, description = "The webhook's id"),
        ("job" = String, Path, description = "Its id")),
    responses((status = 200, description = "The job", body = JobView)))]
pub(super) async fn get_job(
    State(api): State<Api>,
    By(caller): By,
    within: Within,
) -> Result<Json<JobView>, Problem> {
    Ok(Json(find(&api, &caller, &within).await?.into()))
}

/// Stop a job.
///
/// Attempts that are under way end. A job that has ended stays as it is.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/jobs/{job}/stop", tag = "webhooks",
    params(("webhook" = String, Path, description = "The webhook's id"),
        ("job" = String, Path, description = "Its id")),
    responses((status = 200, description = "The job as it is now", body = JobView)))]
pub(super) async fn stop_job(
    State(api): State<Api>,
    By(caller): By,
    within: Within,
) -> Result<Json<JobView>, Problem> {
    caller.require(Scope::Manage)?;
    let job = find(&api, &caller, &within).await?;
    Ok(Json(api.engine.stop_job(&caller, job.id).await?.into()))
}

/// The job that a path names; a job of another webhook is none of this one's.
async fn find(api: &Api, caller: &Caller, within: &Within) -> Result<StoredJob, Problem> {
    let id = within.job()?;
    let webhook: WebhookId = within.webhook;
    api.engine.find_webhook(caller, webhook)?;
    let job = api.engine.find_job(caller, id).await?;
    if job.webhook != webhook {
        return Err(Refusal::not_found("job", &id).into());
    }
    Ok(job)
}
