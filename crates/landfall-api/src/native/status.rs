//! `/status`: what is where. Cells are copied as they are stored, never parsed.

use std::convert::Infallible;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use landfall_domain::catalog::Environment;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::ApplicationId;
use landfall_domain::view::{CellView, Named};
use landfall_engine::status::{Matrix, MatrixFilter, MatrixRow, Rows};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::environments::read_type;
use super::page::Paging;
use super::problem::Problem;
use super::request::{By, query};
use super::text::json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// The route of the matrix.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_status))
}

/// What runs where.
#[derive(Serialize, Deserialize, ToSchema)]
struct StatusView {
    /// The number of the last event that it holds; follow the log from here.
    sequence: u64,
    /// The columns, in the order of promotion.
    environments: Vec<StatusEnvironmentView>,
    /// The rows, by project and name.
    applications: Vec<StatusApplicationView>,
    /// The cursor of the next page; null on the last one.
    next: Option<String>,
}

/// A column of the matrix.
#[derive(Serialize, Deserialize, ToSchema)]
struct StatusEnvironmentView {
    /// Its id.
    id: Uuid,
    /// Its code.
    code: String,
    /// Its name for people.
    name: String,
    /// `development`, `testing`, `staging`, `preview` or `production`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "production")]
    kind: EnvironmentType,
    /// Its place among those of its type.
    position: i64,
    /// Where it is found.
    url: Option<String>,
    /// Whether it is out of sight.
    archived: bool,
}

impl From<&Environment> for StatusEnvironmentView {
    fn from(environment: &Environment) -> Self {
        Self {
            id: environment.id.uuid(),
            code: environment.code.to_string(),
            name: environment.name.clone(),
            kind: environment.kind,
            position: environment.position,
            url: environment.url.clone(),
            archived: environment.archived_at.is_some(),
        }
    }
}

/// A row of the matrix.
#[derive(Serialize, Deserialize, ToSchema)]
struct StatusApplicationView {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// Its project.
    project: Named,
    /// What runs of it, where anything does.
    cells: Vec<StatusCellView>,
}

/// What runs in one environment and target.
#[derive(Serialize, Deserialize, ToSchema)]
struct StatusCellView {
    /// The environment's code.
    environment: String,
    /// Which part of it, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    target: Option<String>,
    /// The deployment in progress has not been heard of for long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stale: bool,
    /// What runs and what happens there.
    #[serde(flatten)]
    cell: CellView,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct StatusQuery {
    /// At most so many rows, 1 to 500, or `all`; 100 if absent.
    limit: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Only applications whose name holds this, in any case.
    application: Option<String>,
    /// Only applications of the project of this name.
    project: Option<String>,
    /// Only applications of the team of this code.
    team: Option<String>,
    /// Only these environments: codes, separated by commas or given several times.
    environment: Option<String>,
    /// Only environments of this type.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Archived environments too.
    archived: Option<bool>,
}

/// Show what runs where.
///
/// The header `server-timing` tells how long the server took.
#[utoipa::path(get, path = "/api/v1/status", tag = "status", params(StatusQuery),
    responses((status = 200, description = "A page of the matrix", body = StatusView)))]
async fn get_status(State(api): State<Api>, By(caller): By, uri: Uri) -> Result<Response, Problem> {
    let begun = Instant::now();
    let (filter, rows) = read(query(&join_environments(&uri))?)?;
    let matrix = api.engine.status(&caller, filter, rows).await?;
    let pieces = render(matrix).into_iter().map(Ok::<_, Infallible>);
    let body = Body::from_stream(stream::iter(pieces));
    let timing = format!("total;dur={:.3}", begun.elapsed().as_secs_f64() * 1e3);
    let headers =
        [(header::CONTENT_TYPE.as_str(), "application/json"), ("server-timing", timing.as_str())];
    Ok((headers, body).into_response())
}

fn read(query: StatusQuery) -> Result<(MatrixFilter, Rows), Rejection> {
    let StatusQuery { limit, cursor, application, project, team, environment, kind, archived } =
        query;
    let rows = if limit.as_deref() == Some("all") {
        Rows::All
    } else {
        let paging = Paging::read(limit.as_deref(), cursor)?;
        let after = paging.after()?.map(ApplicationId::from_uuid);
        Rows::Page { after, limit: paging.limit }
    };
    let codes = environment.unwrap_or_default();
    let codes = codes.split(',').map(str::trim).filter(|code| !code.is_empty());
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = MatrixFilter {
        text: given(application),
        project: given(project),
        team: given(team),
        environments: codes.map(str::to_owned).collect(),
        kind: given(kind).as_deref().map(read_type).transpose()?,
        with_archived: archived.unwrap_or(false),
    };
    Ok((filter, rows))
}

/// Makes one parameter of several `environment`s, since a query names each parameter once.
fn join_environments(uri: &Uri) -> Uri {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let (environments, mut others): (Vec<&str>, Vec<&str>) =
        pairs.partition(|pair| pair.starts_with("environment="));
    let codes = environments.iter().filter_map(|pair| pair.strip_prefix("environment="));
    let joined = format!("environment={}", codes.collect::<Vec<_>>().join(","));
    if !environments.is_empty() {
        others.push(&joined);
    }
    // What was a URI still is one with its parameters in another order.
    format!("/?{}", others.join("&")).parse().unwrap_or_else(|_| uri.clone())
}

/// The matrix as pieces of JSON, one for each row, so that its cells are copied no further.
fn render(matrix: Matrix) -> Vec<Bytes> {
    let Matrix { environments, rows, next, sequence } = matrix;
    let columns: Vec<StatusEnvironmentView> = environments.iter().map(Into::into).collect();
    let columns = json(&columns);
    let head = format!(r#"{{"sequence":{sequence},"environments":{columns},"applications":["#);
    let mut pieces = vec![Bytes::from(head)];
    for (index, row) in rows.into_iter().enumerate() {
        let MatrixRow { project, application, cells } = row;
        let comma = if index > 0 { "," } else { "" };
        let (id, name) = (application.id, json(application.name.as_str()));
        let project = json(&Named::from(&project));
        let begin = format!(r#"{comma}{{"id":"{id}","name":{name},"project":{project},"cells":["#);
        pieces.extend([Bytes::from(begin), Bytes::from(cells), Bytes::from_static(b"]}")]);
    }
    let next = json(&next.map(|id| id.to_string()));
    pieces.push(Bytes::from(format!(r#"],"next":{next}}}"#)));
    pieces
}
