//! The measurement itself, against the floor and a Landfall that only forwards.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use clap::Parser;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: DeliverArgs,
}

fn args(line: &str) -> DeliverArgs {
    Cli::parse_from(std::iter::once("deliver").chain(line.split_whitespace())).args
}

/// A server that delivers each report, within the request, to every webhook without a filter.
#[derive(Clone)]
pub(crate) struct Forwarder {
    /// By number, without those that were deleted.
    urls: Arc<Mutex<BTreeMap<usize, String>>>,
    pub(crate) created: Arc<Mutex<Vec<Value>>>,
    deleted: Arc<Mutex<u32>>,
    client: Client<HttpConnector, Body>,
    copies: usize,
}

impl Forwarder {
    pub(crate) fn new(copies: usize) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (urls, created, deleted) = Default::default();
        Self { urls, created, deleted, client, copies }
    }

    /// Its URL, and what ends it when dropped.
    pub(crate) async fn start(&self) -> (String, JoinSet<()>) {
        let router = Router::new()
            .route("/readyz", get(|| async { "ready" }))
            .route("/api/v1/webhooks", post(create))
            .route("/api/v1/webhooks/{id}", delete(remove).get(show))
            .route("/deployment-events/", post(report))
            .with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        (url, serving)
    }
}

async fn create(State(it): State<Forwarder>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let mut created = it.created.lock().unwrap();
    let id = created.len();
    if body["filters"].is_null() {
        it.urls.lock().unwrap().insert(id, body["url"].as_str().unwrap().to_owned());
    }
    created.push(body);
    (StatusCode::CREATED, Json(json!({"id": id, "secret": "whsec_1"})))
}

async fn remove(State(it): State<Forwarder>, Path(id): Path<usize>) -> StatusCode {
    it.urls.lock().unwrap().remove(&id);
    *it.deleted.lock().unwrap() += 1;
    StatusCode::NO_CONTENT
}

async fn show() -> Json<Value> {
    let health = json!({"behind": 0, "retrying": 0, "dead": 0, "breaker": "closed"});
    Json(json!({"name": "test", "health": health}))
}

async fn report(State(it): State<Forwarder>, Json(report): Json<Value>) -> Json<Value> {
    let kind = format!("deployment.{}", report["status"].as_str().unwrap());
    let data = json!({"deployment": {"invoke_id": report["invoke_id"]}});
    let body = Bytes::from(json!({"type": kind, "data": data}).to_string());
    let urls: Vec<_> = it.urls.lock().unwrap().values().cloned().collect();
    for url in urls.iter().cycle().take(urls.len() * it.copies) {
        let request = axum::http::Request::post(url).body(Body::from(body.clone())).unwrap();
        assert_eq!(it.client.request(request).await.unwrap().status(), 200);
    }
    Json(json!({}))
}

async fn measured(forwarder: &Forwarder, line: &str) -> DeliverResult {
    let (url, _serving) = forwarder.start().await;
    let args = args(&format!("--url {url} --key sk_1 --drain-seconds 0 {line}"));
    measure(&args, &Subject::prepare(&args.subject).unwrap()).await.unwrap()
}

#[tokio::test]
async fn every_event_reaches_every_webhook_that_matches() {
    let forwarder = Forwarder::new(1);

    let line = "--webhooks 2 --not-matching 40 --concurrency 3 --rate 100 --seconds 1";
    let result = measured(&forwarder, line).await;

    assert!(result.is_clean(), "{result}");
    assert_eq!((result.reports.accepted, result.deliveries.delivered), (100, 200));
    assert!(result.deliveries.latency.max_ms > 0.0);
    assert_eq!(*forwarder.deleted.lock().unwrap(), 42);
    let created = forwarder.created.lock().unwrap();
    let first = created.iter().find(|it| it["name"].as_str().unwrap().ends_with("-hook-0"));
    assert_eq!(
        (&first.unwrap()["events"], &first.unwrap()["concurrency"]),
        (&json!(["deployment.*"]), &json!(3))
    );
    let filters: Vec<_> = created.iter().filter(|it| !it["filters"].is_null()).collect();
    assert_eq!(filters.len(), 40);
}

#[tokio::test]
async fn duplicates_and_what_is_missing_fail_the_run_and_are_shown() {
    let twice = measured(&Forwarder::new(2), "--rate 20 --seconds 1").await;
    let never = measured(&Forwarder::new(0), "--rate 20 --seconds 1").await;

    assert!(!twice.is_clean() && !never.is_clean());
    assert!(twice.to_string().contains("| duplicates | 20 |"), "{twice}");
    assert!(never.to_string().contains("| missing | 20 |"), "{never}");
}

#[tokio::test]
async fn a_server_without_webhooks_is_told_from_one_that_is_down() {
    let router = Router::new().route("/readyz", get(|| async { "ready" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let args = args(&format!("--url http://{} --key k", listener.local_addr().unwrap()));
    let mut serving = JoinSet::new();
    serving.spawn(async move { axum::serve(listener, router).await.unwrap() });

    let refused = measure(&args, &Subject::prepare(&args.subject).unwrap()).await;

    let reason = format!("{:#}", refused.unwrap_err());
    assert_eq!(reason, "POST /api/v1/webhooks answers 404 instead of 201: ");
}

#[tokio::test]
async fn the_floor_delivers_all_that_it_sends() {
    let args = args("--floor --seconds 1 --rate 50 --webhooks 2 --concurrency 4");

    let result = measure_floor(&args, &tokio::runtime::Handle::current()).await.unwrap();

    assert!(result.is_clean(), "{result}");
    assert_eq!((result.setting.connections, result.deliveries.delivered), (8, 50));
}
