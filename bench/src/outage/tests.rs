//! The measurement, against a server that keeps what it can't deliver and tries again.

use std::sync::{Arc, Mutex};

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
use tokio::task::JoinSet;

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: OutageArgs,
}

/// Owes every event to its one webhook, and delivers them from the newest to the oldest.
#[derive(Clone, Default)]
struct Keeper {
    url: Arc<Mutex<String>>,
    owed: Arc<Mutex<Vec<Bytes>>>,
}

impl Keeper {
    async fn start(&self) -> (String, JoinSet<()>) {
        let router = Router::new()
            .route("/readyz", get(|| async { "ready" }))
            .route("/api/v1/webhooks", post(create))
            .route("/api/v1/webhooks/1", get(show).delete(|| async { StatusCode::NO_CONTENT }))
            .route("/deployment-events/", post(report))
            .with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        serving.spawn(self.clone().deliver());
        (url, serving)
    }

    async fn deliver(self) {
        let client: Client<HttpConnector, Body> =
            Client::builder(TokioExecutor::new()).build_http();
        loop {
            tokio::task::yield_now().await;
            let Some(last) = self.owed.lock().unwrap().last().cloned() else { continue };
            let url = self.url.lock().unwrap().clone();
            let request = Request::post(url).body(Body::from(last)).unwrap();
            if client.request(request).await.is_ok() {
                self.owed.lock().unwrap().pop();
            }
        }
    }
}

async fn create(State(it): State<Keeper>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    body["url"].as_str().unwrap().clone_into(&mut it.url.lock().unwrap());
    (StatusCode::CREATED, Json(json!({"id": 1})))
}

async fn show(State(it): State<Keeper>) -> Json<Value> {
    let retrying = it.owed.lock().unwrap().len();
    Json(json!({"health": {"behind": 0, "retrying": retrying, "dead": 0, "breaker": "open"}}))
}

async fn report(State(it): State<Keeper>, Json(report): Json<Value>) -> Json<Value> {
    let mut owed = it.owed.lock().unwrap();
    let kind = format!("deployment.{}", report["status"].as_str().unwrap());
    let deployment = json!({"invoke_id": report["invoke_id"]});
    let data = json!({"sequence": owed.len(), "deployment": deployment});
    owed.push(Bytes::from(json!({"type": kind, "data": data}).to_string()));
    Json(json!({}))
}

#[tokio::test]
async fn what_happens_while_the_receiver_is_down_is_counted_and_awaited() {
    let (url, _serving) = Keeper::default().start().await;
    let line = format!("outage --url {url} --key sk_1 --events 39 --connections 4");
    let args = Cli::parse_from(line.split(' ')).args;
    let subject = Subject::prepare(&args.subject).unwrap();

    let result = measure(&args, &subject).await.unwrap();

    assert!(result.is_clean(), "{result}");
    let OutageResult { setting, outage, catch_up, memory } = &result;
    assert_eq!((setting.events, outage.reports.accepted, outage.health.retrying), (40, 40, 40));
    assert_eq!((catch_up.deliveries.delivered, catch_up.health.retrying), (40, 0));
    assert_eq!(catch_up.places_overtaken_max, 39);
    assert!(catch_up.seconds_until_all >= catch_up.seconds_until_first, "{result}");
    assert!(memory.max_kib.is_none());
    assert!(result.to_string().contains("| places that an event overtook, at most | 39 |"));
}
