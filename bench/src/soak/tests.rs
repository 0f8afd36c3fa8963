//! The soak itself, for a moment, against a server that delivers within each report's request.

use std::sync::Mutex;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: SoakArgs,
}

/// Delivers to those that are well only, and forgets the deployment whose invoke id ends so.
#[derive(Clone)]
struct Forwarder {
    urls: Arc<Mutex<Vec<String>>>,
    client: Client<HttpConnector, Body>,
    forgets: Option<&'static str>,
}

impl Forwarder {
    async fn start(forgets: Option<&'static str>) -> (String, JoinSet<()>) {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let it = Self { urls: Arc::default(), client, forgets };
        let router = Router::new()
            .route("/api/v1/webhooks", post(create).get(|| async { "[]" }))
            .route("/api/v1/webhooks/1", get(show).delete(|| async { StatusCode::NO_CONTENT }))
            .route(
                "/api/v1/deployments",
                post(|| async { StatusCode::BAD_REQUEST }).get(|| async {}),
            )
            .route("/deployment-events/", post(report))
            .route("/metrics", get(|| async { "landfall_store_queued 3\n" }))
            .fallback(|| async { StatusCode::OK })
            .with_state(it);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        (url, serving)
    }
}

async fn create(State(it): State<Forwarder>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let url = body["url"].as_str().unwrap();
    if url.contains("/hook/") {
        it.urls.lock().unwrap().push(url.to_owned());
    }
    (StatusCode::CREATED, Json(json!({"id": 1})))
}

async fn show() -> Json<Value> {
    Json(json!({"health": {"behind": 0, "retrying": 7, "dead": 0, "breaker": "open"}}))
}

async fn report(State(it): State<Forwarder>, Json(report): Json<Value>) -> Json<Value> {
    let urls = it.urls.lock().unwrap().clone();
    let invoke_id = report["invoke_id"].as_str().unwrap();
    let is_forgotten = it.forgets.is_some_and(|end| invoke_id.ends_with(end));
    let kind = format!("deployment.{}", report["status"].as_str().unwrap());
    let body = json!({"type": kind, "data": {"deployment": {"invoke_id": invoke_id}}});
    let body = Bytes::from(body.to_string());
    for url in urls.iter().filter(|_| !is_forgotten) {
        let request = Request::post(url).body(Body::from(body.clone())).unwrap();
        it.client.request(request).await.unwrap();
    }
    Json(json!({}))
}

/// A soak of a second, of this very process.
async fn soak(forgets: Option<&'static str>) -> SoakResult {
    let (url, _serving) = Forwarder::start(forgets).await;
    let process_id = std::process::id();
    let line = format!(
        "soak --url {url} --key sk_1 --pid {process_id} --minutes 0.0167 --rate 20 --connections 2 \
         --queries 200 --streams 0 --webhooks 2 --sample-seconds 0.05 --drain-seconds 0"
    );
    let args = Cli::parse_from(line.split_whitespace()).args;
    let subject = Subject::prepare(&args.subject).unwrap();
    measure(&args, &subject, None, &Handle::current()).await.unwrap()
}

#[tokio::test]
async fn everything_that_is_asked_for_is_done_and_seen() {
    let result = soak(None).await;

    assert!(result.is_whole(), "{result}");
    assert_eq!((result.reports.accepted, result.deliveries.delivered), (22, 44), "{result}");
    assert!(result.queries.answered > 0, "{result}");
    assert_eq!(result.receivers.iter().map(|it| it.health.retrying).collect::<Vec<_>>(), [7, 7, 7]);
    let seen = |found: fn(&sample::Sample) -> bool| result.samples.iter().any(found);
    assert!(seen(|it| it.queued == Some(3.0)) && seen(|it| it.process.is_some()));
    assert!(seen(|it| it.latencies.contains_key("report")));
    assert!(charts::of(&result.samples).iter().all(|(_, chart)| chart.to_string().len() > 500));
}

#[tokio::test]
async fn what_never_reaches_a_receiver_fails_the_soak() {
    let result = soak(Some("-3")).await;

    assert_eq!((result.deliveries.missing, result.is_clean()), (4, false), "{result}");
}
