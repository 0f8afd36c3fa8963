//! What a node shows of what another one took in: streams, pages and lists, in order and whole.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use landfall_api::Limits;
use serde_json::json;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::{call, deploy, page, session};
use crate::harness::{Client, Server, end_connections, noon};

/// A live stream of one node's API, to which somebody listens all the time: so it waits at the tail of
/// the log whenever nothing is new.
struct Stream {
    heard: Receiver<(u64, String)>,
    _listening: JoinSet<()>,
}

impl Stream {
    /// A stream that begins with what comes next or, if a number was heard, after that one.
    async fn open(server: &Server, last_id: Option<u64>) -> Self {
        let bearer = format!("Bearer {}", server.admin_key);
        let mut request =
            Request::get("/api/v1/events/stream").header("authorization", bearer.as_str());
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let router = landfall_api::router(server.engine.clone(), Limits::default());
        let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let (hear, heard) = channel(1);
        let mut listening = JoinSet::new();
        listening.spawn(listen(answer.into_body(), hear));
        Self { heard, _listening: listening }
    }

    /// The number and the type of the next event.
    async fn next(&mut self) -> (u64, String) {
        let next = tokio::time::timeout(Duration::from_secs(20), self.heard.recv()).await;
        next.expect("the event comes").expect("the stream goes on")
    }

    /// The numbers of the events up to the one that completes so many deployments.
    async fn numbers_until(&mut self, deployments: usize) -> Vec<u64> {
        let (mut numbers, mut completed) = (Vec::new(), 0);
        while completed < deployments {
            let (number, kind) = self.next().await;
            completed += usize::from(kind == "deployment.completed");
            numbers.push(number);
        }
        numbers
    }
}

/// Passes on the number and the type of each event, until nobody wants them.
async fn listen(mut stream: Body, hear: Sender<(u64, String)>) {
    while let Some(frame) = stream.frame().await {
        let text = String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap();
        let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        // Comments keep the connection alive.
        let (Some(id), Some(kind)) = (line("id:"), line("event:")) else { continue };
        if hear.send((id.trim().parse().unwrap(), kind.trim().to_owned())).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_shows_what_is_reported_to_another_node_as_it_comes() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    let (mut on_a, mut on_b) = (Stream::open(&a, None).await, Stream::open(&b, None).await);
    // By turns it is heard of at once on one of them and looked for on the other.
    for version in 0..20 {
        let server = if version % 3 == 0 { &b } else { &a };
        deploy(&server.client, "shop", &version.to_string()).await;
        assert_eq!(on_a.numbers_until(1).await, on_b.numbers_until(1).await);
    }
}

#[tokio::test]
async fn a_stream_goes_on_at_another_node_after_the_last_event_that_was_heard() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    let mut on_a = Stream::open(&a, None).await;
    deploy(&a.client, "shop", "1").await;
    let heard = *on_a.numbers_until(1).await.last().unwrap();
    deploy(&a.client, "shop", "2").await;
    deploy(&b.client, "shop", "3").await;
    let mut on_b = Stream::open(&b, Some(heard)).await;
    assert_eq!(on_b.numbers_until(2).await, [heard + 1, heard + 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_after_the_database_was_away() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    deploy(&a.client, "shop", "1").await;
    let mut on_b = Stream::open(&b, Some(1)).await;
    on_b.numbers_until(1).await;
    for version in 2..5 {
        end_connections(a.directory());
        let body = json!({"application": "shop", "version": version.to_string(),
            "environment": "production", "status": "completed"});
        while a.send(call("POST", "/deployments", Some(body.clone()))).await.status == 503 {}
        let heard = on_b.numbers_until(1).await;
        assert_eq!(heard, [a.engine.log_head(&a.admin).await.unwrap()]);
    }
}

async fn deploy_a_hundred(client: Client, number: u32) {
    for version in 0..100 {
        deploy(&client, &format!("app-{number}"), &version.to_string()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_reports_over_two_nodes_at_once_come_to_each_in_order_without_gap_or_double() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    let head = a.engine.log_head(&a.admin).await.unwrap();
    let (mut on_a, mut on_b) = (Stream::open(&a, None).await, Stream::open(&b, None).await);
    let mut second_on_b = Stream::open(&b, None).await;
    let mut clients = JoinSet::new();
    for number in 0..10 {
        let server = if number % 2 == 0 { &a } else { &b };
        clients.spawn(deploy_a_hundred(server.client.clone(), number));
    }
    let (heard, heard_on_b, second, _) = tokio::join!(
        on_a.numbers_until(1_000),
        on_b.numbers_until(1_000),
        second_on_b.numbers_until(1_000),
        clients.join_all(),
    );
    let expected: Vec<u64> = (head + 1..).take(heard.len()).collect();
    assert_eq!(heard, expected);
    assert_eq!(heard_on_b, expected);
    assert_eq!(second, expected);
    assert_eq!(a.engine.log_head(&a.admin).await.unwrap(), *heard.last().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reported_to_a_node_or_renamed_there_is_on_the_pages_of_another() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    let cookie = session(&a).await;
    deploy(&a.client, "shop", "1.0.0").await;
    // From now on the board of each node is in its memory.
    for server in [&a, &b] {
        let board = page(server, "/", &cookie).await;
        assert!(board.contains(">shop<") && board.contains("1.0.0"), "{board}");
    }
    a.ambient.set(noon() + Duration::from_millis(500));
    deploy(&a.client, "shop", "1.1.0").await;
    let board = page(&b, "/", &cookie).await;
    assert!(board.contains("1.1.0") && !board.contains("1.0.0"), "{board}");
    let status = b.send(call("GET", "/status", None)).await.ok();
    assert!(status.body.contains("1.1.0"), "{}", status.body);
    let timeline = page(&b, "/timeline", &cookie).await;
    assert!(timeline.contains("1.1.0"), "{timeline}");

    a.send(call("PATCH", "/projects/default", Some(json!({"name": "webshop"})))).await.ok();
    let board = page(&b, "/", &cookie).await;
    assert!(board.contains("webshop"), "{board}");
    deploy(&b.client, "webshop/shop", "1.2.0").await;
}
