//! The floor: the same web stack and the same JSON as Landfall's report endpoint, and nothing else.
//!
//! What Landfall's rate is to this one's is what deciding and storing cost. It also answers with as many
//! bytes as are asked for, and tells live streams of reports, as floors of reading and of following.

mod stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use uuid::Uuid;

use self::stream::Streams;
use crate::output;

/// Far above any answer that is compared with.
const BYTES_MAX: usize = 64 << 20;

#[derive(Debug, clap::Args)]
pub(crate) struct FloorArgs {
    /// Where to listen; port 0 takes a free one. The address is printed.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
}

/// Versioner, `POST /deployment-events/`: the request.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "parsing all fields is what is measured")]
struct Report {
    product_name: String,
    version: String,
    environment_name: String,
    status: String,
    source_system: Option<String>,
    build_number: Option<String>,
    scm_sha: Option<String>,
    scm_branch: Option<String>,
    scm_repository: Option<String>,
    deploy_url: Option<String>,
    build_url: Option<String>,
    invoke_id: Option<String>,
    deployed_by: Option<String>,
    deployed_by_email: Option<String>,
    deployed_by_name: Option<String>,
    completed_at: Option<String>,
    skip_preflight_checks: Option<bool>,
    extra_metadata: Option<Box<RawValue>>,
}

/// What requests share.
struct Shared {
    next_id: AtomicU64,
    streams: Streams,
}

/// The response, as far as every client generation reads it.
#[derive(Debug, Serialize)]
struct Answer {
    id: Uuid,
    deployment_id: Uuid,
    event_id: Uuid,
    product_id: Uuid,
    version_id: Uuid,
    environment_id: Uuid,
    product_name: String,
    version: String,
    environment_name: String,
    status: String,
    deployed_at: &'static str,
    extra_metadata: Option<Box<RawValue>>,
}

/// Serves until the process is ended.
pub(crate) fn run(args: &FloorArgs) -> anyhow::Result<()> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().build().context("cannot start the floor's runtime")?.block_on(async {
        let listener = TcpListener::bind(args.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}", args.listen))?;
        output::announce(&format!("floor listening on http://{}", listener.local_addr()?));
        // On a worker: the accept loop then shares its thread with connections, as Landfall's does.
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener));
        serving.join_next().await.context("the accept loop was never started")??
    })
}

async fn serve(listener: TcpListener) -> anyhow::Result<()> {
    let service = TowerToHyperService::new(routes());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.context("cannot accept a connection")?;
                connections.spawn(serve_connection(stream, service.clone()));
            }
            // A connection's end is its client's business; it is only taken off the list.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(
    stream: TcpStream,
    service: TowerToHyperService<Router>,
) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    Ok(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await?)
}

fn routes() -> Router {
    Router::new()
        .route("/deployment-events/", post(answer_report))
        .route("/readyz", get(|| async { "ready" }))
        .route("/bytes/{count}", get(answer_bytes))
        .route("/stream", get(follow))
        .with_state(Arc::new(Shared { next_id: AtomicU64::new(1), streams: Streams::default() }))
}

async fn answer_bytes(Path(count): Path<usize>) -> Bytes {
    Bytes::from(vec![b'.'; count.min(BYTES_MAX)])
}

async fn follow(State(shared): State<Arc<Shared>>) -> Response {
    shared.streams.follow()
}

async fn answer_report(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let report: Report = match serde_json::from_slice(&body) {
        Ok(report) => report,
        Err(error) => {
            let detail = serde_json::json!({"detail": error.to_string()});
            return (StatusCode::BAD_REQUEST, Json(detail)).into_response();
        }
    };
    shared.streams.tell(&report.status, report.invoke_id.as_deref(), &body);
    let id = Uuid::from_u128(shared.next_id.fetch_add(1, Ordering::Relaxed).into());
    match serde_json::to_vec(&answer(report, id)) {
        Ok(body) => ([JSON], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

const JSON: (HeaderName, &str) = (header::CONTENT_TYPE, "application/json");

fn answer(report: Report, id: Uuid) -> Answer {
    Answer {
        id,
        deployment_id: id,
        event_id: id,
        product_id: id,
        version_id: id,
        environment_id: id,
        product_name: report.product_name,
        version: report.version,
        environment_name: report.environment_name,
        status: report.status,
        deployed_at: "2026-11-20T22:18:49.661Z",
        extra_metadata: report.extra_metadata,
    }
}
