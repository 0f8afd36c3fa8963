//! The floor: the HTTP client that Landfall delivers with, in a bare loop, and nothing else.
//!
//! What Landfall's rate is to this one's is what reading, matching, signing and recording cost.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use axum::body::Body;
use axum::http::{Request, Uri, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;

use super::book::Book;
use super::pace::{Clock, first_event};
use crate::body::Template;
use crate::load::LIFECYCLE;
use crate::plan::Plan;
use crate::tally::{LoadResult, Tally, is_accepted};

/// As long as the body of a real delivery, and readable as one.
const BODY: &str = concat!(
    r#"{"type":"deployment.{status}","timestamp":"2026-11-20T22:18:49.661Z","data":{"#,
    r#""organization":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","slug":"default"},"#,
    r#""application":{"id":"01890a5d-ac96-774b-bcce-b302099a8058","name":"{application}"},"#,
    r#""environment":{"id":"01890a5d-ac96-774b-bcce-b302099a8059","name":"{environment}"},"#,
    r#""version":{"name":"{version}","commit_sha":"{sha}"},"#,
    r#""deployment":{"id":"01890a5d-ac96-774b-bcce-b302099a805a","status":"{status}","#,
    r#""invoke_id":"{invoke_id}","build_number":"{n}","source_system":"github","#,
    r#""url":"https://ci.example.com/acme/{application}/runs/{n}"},"#,
    r#""actor":{"login":"octo","name":null,"email":null}}}"#,
);
const SIGNATURE: &str = "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=";

/// A bare sender of deliveries.
pub(crate) struct Floor {
    uri: Uri,
    template: Template,
    clock: Clock,
    plan: Plan,
    book: Arc<Book>,
    client: Client<HttpConnector, Body>,
}

/// As many threads as Landfall would have.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build().context("cannot start the floor's runtime")
}

impl Floor {
    pub(crate) fn new(
        url: String,
        clock: Clock,
        plan: Plan,
        book: Arc<Book>,
    ) -> anyhow::Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            uri: url.try_into()?,
            template: Template::parse(BODY)?,
            clock,
            plan,
            book,
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    /// Sends over so many connections, each with one request outstanding, on the runtime given.
    pub(crate) async fn run(self, connections: u32, on: &Handle) -> anyhow::Result<LoadResult> {
        let floor = Arc::new(Self { clock: self.clock.restart(), ..self });
        let mut working = JoinSet::new();
        for _ in 0..connections {
            working.spawn_on(work(Arc::clone(&floor)), on);
        }
        let mut all = Tally::default();
        while let Some(tally) = working.join_next().await {
            all.add(tally.context("a connection's task ended early")??);
        }
        Ok(all.result(floor.clock.elapsed()))
    }

    async fn send(&self, event: u64, body: Vec<u8>) -> anyhow::Result<u16> {
        let request = Request::post(self.uri.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", format!("msg_{event}"))
            .header("webhook-timestamp", "1795213129")
            .header("webhook-signature", SIGNATURE)
            .body(Body::from(body))?;
        let response = self.client.request(request).await.context("the sink does not answer")?;
        Ok(response.status().as_u16())
    }
}

/// Sends whole lifecycles until the run is over.
async fn work(floor: Arc<Floor>) -> anyhow::Result<Tally> {
    let Floor { template, clock, plan, book, .. } = &*floor;
    let mut tally = Tally::default();
    while let Some(n) = clock.claim() {
        let deployment = plan.deployment(n);
        for (event, status) in (first_event(n)..).zip(LIFECYCLE) {
            let mut body = Vec::new();
            template.render(&deployment, status, &mut body);
            book.sent(event, clock.wait_for_turn(event).await);
            let sent_at = Instant::now();
            let status = floor.send(event, body).await?;
            tally.answered(status, sent_at.elapsed(), b"");
            if is_accepted(status) {
                book.accepted(event);
            }
        }
    }
    Ok(tally)
}
