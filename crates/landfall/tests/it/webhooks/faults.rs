//! Every way in which a receiver misbehaves, and where it leads; healthy ones feel nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::{Hook, deploy, health, hook, once_each, settled, show, tally, until};
use crate::harness::receiver::{Receiver, Refusing, Reply};
use crate::harness::{Server, Setup};

/// The longest there is, in milliseconds: what fails before it fails for a reason of its own, on
/// however slow a machine.
const PATIENT: u32 = 30_000;

/// What becomes of one event, sent to a receiver that behaves in one way.
async fn fate(url: &str, fields: Value) -> (Server, Hook, Value) {
    let server = Server::start().await;
    let (hook, shown) = fate_at(&server, url, fields).await;
    (server, hook, shown)
}

async fn fate_at(server: &Server, url: &str, fields: Value) -> (Hook, Value) {
    let mut all =
        json!({ "events": ["deployment.*"], "timeout_ms": PATIENT, "retry_schedule": [] });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let hook = hook(&server.client, url, all).await;
    deploy(&server.client, "checkout", 0).await;
    until(
        || async {
            let listed = show(&server.client, &hook.path("/deliveries")).await;
            let items = listed["items"].as_array().unwrap();
            items.first().is_some_and(|item| item["attempts"].as_u64() > Some(0))
        },
        "its delivery is recorded",
    )
    .await;
    let listed = show(&server.client, &hook.path("/deliveries")).await;
    let path = hook.path(&format!("/deliveries/{}", listed["items"][0]["sequence"]));
    let shown = show(&server.client, &path).await;
    (hook, shown)
}

async fn assert_fails_with(url: &str, code: &str) {
    assert_fails(url, PATIENT, code).await;
}

async fn assert_times_out(url: &str) {
    assert_fails(url, 300, "timeout").await;
}

async fn assert_fails(url: &str, timeout_ms: u32, code: &str) {
    let (server, hook, shown) = fate(url, json!({ "timeout_ms": timeout_ms })).await;
    assert_eq!(shown["state"], "dead", "{shown}");
    assert_eq!(shown["attempts"][0]["error"]["code"], code, "{shown}");
    let health = health(&server.client, &hook).await;
    assert!(health["failing_since"].is_string(), "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_refuses_connections_is_a_connect_error() {
    assert_fails_with(&Refusing::start().url(), "connect").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_never_answers_is_a_timeout() {
    let receiver = Receiver::start(|_| Reply::Hang);
    assert_times_out(&receiver.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_drips_bytes_for_ever_is_a_timeout() {
    let receiver = Receiver::start(|_| Reply::Drip);
    assert_times_out(&receiver.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_resets_amid_the_body_is_a_protocol_error() {
    let receiver = Receiver::start(|_| Reply::ResetMidBody);
    assert_fails_with(&receiver.url(), "protocol").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_sends_headers_without_end_is_a_protocol_error() {
    let receiver = Receiver::start(|_| Reply::EndlessHeaders);
    assert_fails_with(&receiver.url(), "protocol").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_speaks_no_tls_is_a_tls_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/hook", listener.local_addr().unwrap());
    let plain = async {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        }
    };
    tokio::select! {
        () = plain => {}
        () = assert_fails_with(&url, "tls") => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gigabytes_of_answer_are_cut_and_count_as_an_answer() {
    let receiver = Receiver::start(|_| Reply::Huge(2 << 30));
    let (_server, _hook, shown) = fate(&receiver.url(), json!({})).await;
    assert_eq!(shown["state"], "delivered", "{}", shown["state"]);
    let response = &shown["attempts"][0]["response"];
    assert_eq!(response["truncated"], true);
    assert_eq!(response["body"].as_str().unwrap().len(), 16 * 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_a_private_address_is_a_failure_and_is_not_followed() {
    let inside = Receiver::ok();
    let to = inside.url();
    let receiver = Receiver::start(move |_| Reply::With {
        status: 301,
        headers: vec![("location", to.clone())],
        body: String::new(),
    });
    let (_server, _hook, shown) = fate(&receiver.url(), json!({})).await;
    assert_eq!(shown["state"], "dead", "{shown}");
    assert_eq!(shown["attempts"][0]["status"], 301);
    assert!(inside.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_inside_is_refused_when_it_is_dialled() {
    let inside = Receiver::ok();
    let url = inside.url().replace("127.0.0.1", "localhost");
    let closed = Setup { egress_allow: "", ..Setup::default() };
    let server = Server::start_with(closed).await;
    let (_hook, shown) = fate_at(&server, &url, json!({})).await;
    assert_eq!(shown["state"], "dead", "{shown}");
    let error = &shown["attempts"][0]["error"];
    assert_eq!(error["code"], "forbidden_address", "{shown}");
    assert!(error["message"].as_str().unwrap().contains("LANDFALL_EGRESS_ALLOW"));
    assert!(inside.requests().is_empty());
}

async fn assert_disables(reply: impl Fn() -> Reply + Send + Sync + 'static, state: &str) {
    let receiver = Receiver::start(move |_| reply());
    let (server, hook, shown) = fate(&receiver.url(), json!({})).await;
    assert_eq!(shown["state"], state, "{shown}");
    until(
        || async { show(&server.client, &hook.path("")).await["state"] == "disabled" },
        "it is disabled",
    )
    .await;
    until(
        || async {
            let events = show(&server.client, "/api/v1/events?after=0").await;
            let events = events["items"].as_array().unwrap().clone();
            events.iter().any(|event| {
                event["type"] == "webhook.disabled" && event["data"]["webhook"]["id"] == *hook.id
            })
        },
        "the log says so",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_disables_the_webhook_and_the_log_says_so() {
    assert_disables(|| Reply::Status(410), "dead").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_may_ask_to_be_disabled() {
    let reply = || Reply::With {
        status: 200,
        headers: vec![("webhook-delivery", "disable".to_owned())],
        body: String::new(),
    };
    assert_disables(reply, "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_may_ask_for_a_rest_in_both_ways() {
    for (status, asked) in [
        (429, "120".to_owned()),
        (502, "120".to_owned()),
        (503, "Wed, 21 Oct 2093 07:28:00 GMT".to_owned()),
        (504, "120".to_owned()),
    ] {
        let receiver = Receiver::start(move |_| Reply::With {
            status,
            headers: vec![("retry-after", asked.clone())],
            body: String::new(),
        });
        let fields = json!({ "retry_schedule": [1, 1], "concurrency": 1 });
        let (server, hook, shown) = fate(&receiver.url(), fields).await;
        assert_eq!(shown["state"], "retrying", "{shown}");
        // The whole webhook rests, not the delivery alone.
        deploy(&server.client, "checkout", 1).await;
        super::move_clock(&server, std::time::Duration::from_secs(100)).await;
        let health = health(&server.client, &hook).await;
        assert!(health["resting_until"].is_string(), "{status}: {health}");
        assert_eq!(receiver.requests().len(), 1, "{status}");
        receiver.set(|_| Reply::Status(200));
        super::move_clock(&server, std::time::Duration::from_hours(1)).await;
        settled(&server.client, &hook).await;
        assert_eq!(receiver.requests().len(), 3, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_refuses_one_kind_goes_on_getting_the_others() {
    let receiver = Receiver::start(|request| {
        let is_odd = request.json()["data"]["application"]["name"] == "odd";
        Reply::Status(if is_odd { 422 } else { 200 })
    });
    let server = Server::start().await;
    let fields = json!({ "events": ["deployment.started"], "retry_schedule": [1] });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    for run in 0..60 {
        deploy(&server.client, if run % 2 == 0 { "odd" } else { "even" }, run).await;
    }
    receiver.wait_for(60).await;
    let shown = show(&server.client, &hook.path("")).await;
    assert_eq!(
        (&shown["state"], &shown["health"]["breaker"]),
        (&json!("enabled"), &json!("closed"))
    );
    // An answer that is heard only after the clock was moved would be retried after that.
    let have_failed = || async { health(&server.client, &hook).await["retrying"] == 30 };
    until(have_failed, "the odd ones have failed").await;
    super::move_clock(&server, std::time::Duration::from_secs(5)).await;
    receiver.wait_for(90).await;
    until(|| async { health(&server.client, &hook).await["dead"] == 30 }, "the odd ones are dead")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_flaps_gets_everything_once() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let receiver = Receiver::start(move |_| {
        let call = counted.fetch_add(1, Ordering::SeqCst);
        Reply::Status(if call.is_multiple_of(3) { 500 } else { 200 })
    });
    let server = Server::start().await;
    let fields = json!({ "events": ["deployment.started"], "retry_schedule": [1, 1, 1, 1, 1, 1] });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    for run in 0..60 {
        deploy(&server.client, "checkout", run).await;
    }
    until(
        || async {
            super::move_clock(&server, std::time::Duration::from_secs(2)).await;
            let health = health(&server.client, &hook).await;
            health["behind"] == 0 && health["in_flight"] == 0 && health["retrying"] == 0
        },
        "everything is delivered",
    )
    .await;
    assert_eq!(health(&server.client, &hook).await["dead"], 0);
    let delivered = tally(&receiver.requests()).len();
    assert_eq!(delivered, 60);
    assert_eq!(receiver.requests().len(), calls.load(Ordering::SeqCst));
    let all = once_each(60);
    assert!(tally(&receiver.requests()).keys().eq(all.keys()));
}
