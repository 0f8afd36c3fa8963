//! The receivers of a soak: those that are well and keep the book, one that is slow, one that is down,
//! and one that is up and down.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::deliver::book::Book;
use crate::deliver::webhooks::{self, Health, Wanted};
use crate::faults::fault::Fault;
use crate::faults::receiver::Faulty;
use crate::port::Port;
use crate::server::Server;
use crate::sink::Sink;
use crate::subject::Subject;

/// How long the slow one takes to answer.
const SLOW: Duration = Duration::from_millis(200);
/// Requests that a webhook may have outstanding.
const CONCURRENCY: u32 = 8;

/// Receivers, and the webhooks that lead to them.
pub(super) struct Receivers {
    ids: Vec<String>,
    /// The names of the webhooks that misbehave, in the order of the last ids.
    names: Vec<&'static str>,
    /// Held only for what their drop ends.
    _held: (Sink, Vec<Faulty>, JoinSet<()>),
}

/// How the webhooks were doing in the end, whose receivers are not well.
#[derive(Debug, Serialize)]
pub(super) struct Misbehaving {
    pub(super) name: &'static str,
    pub(super) health: Health,
}

impl Receivers {
    /// Starts the receivers and makes their webhooks: for each of the book's a well one.
    pub(super) async fn start(
        server: &Server,
        book: &Arc<Book>,
        (run, on): (&str, &Handle),
    ) -> anyhow::Result<Self> {
        let sink = Sink::start(Arc::clone(book))?;
        let wanted = Wanted {
            matching: book.webhooks(),
            not_matching: 0,
            concurrency: CONCURRENCY,
            run: run.to_owned(),
        };
        let mut ids = webhooks::create(server, wanted.requests(|path| sink.url(path))).await?;
        let down = Faulty::start(Fault::Refuse, on)?;
        let flapping = Faulty::start(Fault::Flap, on)?;
        let (slow_url, slow) = start_slow(on)?;
        let misbehaving =
            [("slow", slow_url), ("down", down.url()), ("up and down", flapping.url())];
        for (name, url) in &misbehaving {
            ids.extend(webhooks::create(server, vec![webhook(run, name, url)]).await?);
        }
        let names = misbehaving.map(|(name, _)| name).to_vec();
        Ok(Self { ids, names, _held: (sink, vec![down, flapping], slow) })
    }

    /// The ids of all webhooks.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// Asks how those that misbehave are doing; takes all webhooks away from a server that stays.
    pub(super) async fn into_outcome(self, subject: &Subject) -> anyhow::Result<Vec<Misbehaving>> {
        let Self { ids, names, .. } = self;
        let mut outcome = Vec::new();
        for (name, id) in names.iter().rev().zip(ids.iter().rev()) {
            let health = webhooks::health(&subject.server, id).await?;
            outcome.push(Misbehaving { name, health });
        }
        if !subject.is_owned() {
            webhooks::delete(&subject.server, ids).await?;
        }
        Ok(outcome)
    }
}

fn webhook(run: &str, name: &str, url: &str) -> Value {
    json!({
        "name": format!("bench-{run}-{name}"),
        "url": url,
        "events": ["deployment.*"],
        "concurrency": CONCURRENCY,
        "timeout_ms": 1_000,
    })
}

/// A receiver that takes its time.
fn start_slow(on: &Handle) -> anyhow::Result<(String, JoinSet<()>)> {
    let _sockets_are_of_that_runtime = on.enter();
    let port = Port::hold()?;
    let url = port.url("/slow");
    let listener = port.listen()?;
    let answer = || async {
        sleep(SLOW).await;
        StatusCode::OK
    };
    let router = Router::new().route("/slow", post(answer));
    let mut serving = JoinSet::new();
    let serve = async move {
        // It ends with an error only if it can't listen, and then its webhook tells.
        drop(axum::serve(listener, router).await);
    };
    serving.spawn_on(serve, on);
    Ok((url, serving))
}
