//! The webhooks of a run: created through the API before it, deleted afterwards.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{self, Client};
use crate::server::Server;

const PATH: &str = "/api/v1/webhooks";

/// Webhooks are created and deleted over so many connections.
const CONNECTIONS: usize = 32;

/// How much of an answer that was not expected is shown.
const SHOWN_BYTES_MAX: usize = 500;

/// Which webhooks a run wants.
pub(crate) struct Wanted {
    pub(crate) matching: u32,
    pub(crate) not_matching: u32,
    pub(crate) concurrency: u32,
    /// The name of the run, which begins their names.
    pub(crate) run: String,
}

#[derive(Deserialize)]
struct Created {
    id: Value,
}

/// How a webhook is doing, as the server tells it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Health {
    /// Events of the log that it has not looked at.
    pub(crate) behind: u64,
    /// Deliveries with a row of their own, since they are to be tried again.
    pub(crate) retrying: u64,
    /// Deliveries with a row of their own, since they failed for good.
    pub(crate) dead: u64,
    pub(crate) breaker: String,
}

#[derive(Deserialize)]
struct Shown {
    health: Health,
}

impl Wanted {
    /// The bodies of the requests that create them, with the URL that each path has.
    pub(crate) fn requests(&self, url_of: impl Fn(&str) -> String) -> Vec<Value> {
        let Self { matching, not_matching, concurrency, run } = self;
        let webhook = |kind: &str, number: u32| {
            json!({
                "name": format!("bench-{run}-{kind}-{number}"),
                "url": url_of(&format!("/{kind}/{number}")),
                "events": ["deployment.*"],
                "concurrency": concurrency,
            })
        };
        let matching = (0..*matching).map(|number| webhook("hook", number));
        let not_matching = (0..*not_matching).map(|number| {
            let mut webhook = webhook("none", number);
            webhook["filters"] = json!({"applications": [format!("nobody-reports-{number}")]});
            webhook
        });
        matching.chain(not_matching).collect()
    }
}

/// Creates webhooks, and returns their ids.
pub(crate) async fn create(server: &Server, bodies: Vec<Value>) -> anyhow::Result<Vec<String>> {
    let head = server.post_until_length(PATH);
    let requests = bodies.into_iter().map(|body| {
        let body = body.to_string();
        Request { text: format!("{head}{}\r\n\r\n{body}", body.len()), name: "POST", status: 201 }
    });
    let answers = exchange_all(server, requests.collect()).await?;
    answers.iter().map(|answer| id_in(answer)).collect()
}

/// Deletes webhooks.
pub(crate) async fn delete(server: &Server, ids: Vec<String>) -> anyhow::Result<()> {
    let requests = ids.into_iter().map(|id| {
        let text = server.delete(&format!("{PATH}/{id}"));
        Request { text, name: "DELETE", status: 204 }
    });
    exchange_all(server, requests.collect()).await.map(drop)
}

/// Asks how a webhook is doing.
pub(crate) async fn health(server: &Server, id: &str) -> anyhow::Result<Health> {
    let path = format!("{PATH}/{id}");
    let (status, body) = client::get(server, &path).await?;
    ensure!(status == 200, "GET {path} answers {status}: {}", shown(&body));
    let Shown { health } = serde_json::from_slice(&body)
        .with_context(|| format!("GET {path} answers without a health: {}", shown(&body)))?;
    Ok(health)
}

fn id_in(answer: &[u8]) -> anyhow::Result<String> {
    let read = || -> anyhow::Result<String> {
        let Created { id } = serde_json::from_slice(answer)?;
        // Ids may be numbers or text.
        Ok(id.as_str().map_or_else(|| id.to_string(), str::to_owned))
    };
    read().with_context(|| format!("POST {PATH} answers without an id: {}", shown(answer)))
}

/// A whole request, and the status that it should be answered with.
struct Request {
    text: String,
    name: &'static str,
    status: u16,
}

/// Sends requests, several at a time, and returns the answers in any order; the first one with
/// another status than expected ends it.
async fn exchange_all(
    server: &Server,
    requests: VecDeque<Request>,
) -> anyhow::Result<Vec<Vec<u8>>> {
    let connections = requests.len().min(CONNECTIONS);
    let requests = Arc::new(Mutex::new(requests));
    let mut working = JoinSet::new();
    for _ in 0..connections {
        working.spawn(exchange(server.clone(), Arc::clone(&requests)));
    }
    let mut answers = Vec::new();
    while let Some(some) = working.join_next().await {
        answers.extend(some.context("a connection's task ended early")??);
    }
    Ok(answers)
}

async fn exchange(
    server: Server,
    requests: Arc<Mutex<VecDeque<Request>>>,
) -> anyhow::Result<Vec<Vec<u8>>> {
    let next = || requests.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let mut client = Client::connect(&server).await?;
    let mut answers = Vec::new();
    while let Some(Request { text, name, status }) = next() {
        let head = client.exchange(text.as_bytes()).await;
        let head = head.with_context(|| format!("{name} {PATH} is not answered"))?;
        ensure!(
            head.status == status,
            "{name} {PATH} answers {} instead of {status}: {}",
            head.status,
            shown(client.body())
        );
        answers.push(client.body().to_vec());
        if head.closes {
            client = Client::connect(&server).await?;
        }
    }
    Ok(answers)
}

fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES_MAX)]).into_owned()
}
