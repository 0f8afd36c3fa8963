//! What the buttons do.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Semaphore;

use super::{Browser, deploy, first_sequence, location, show};
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::{Call, Server};
use crate::webhooks::{hook, settled, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_paused_and_resumed() {
    let server = Server::start().await;
    let hook = hook(&server.client, "http://127.0.0.1:9/hook", json!({})).await;
    let browser = Browser::admin(&server).await;
    for (wanted, button, words) in [
        ("paused", "Resume", "What happens meanwhile waits"),
        ("enabled", "Pause", "It sends again"),
    ] {
        let answer = browser.submit(&hook.page("/state"), &[("state", wanted)]).await;
        let page = browser.page(location(&answer)).await;
        assert!(page.contains(words) && page.contains(&format!(">{button}</button>")), "{page}");
        assert_eq!(show(&server, &hook.path("")).await["state"], wanted);
    }
    let wrong = browser.submit(&hook.page("/state"), &[("state", "gone")]).await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_shows_what_came_back() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| Reply::Status(418));
    let hook = hook(&server.client, &receiver.url(), json!({ "format": "qovery" })).await;
    let browser = Browser::admin(&server).await;
    let form = browser.page(&hook.page("/test")).await;
    assert!(form.contains("deployment.failed") && !form.contains("build.failed"));
    let page = browser.submit(&hook.page("/test"), &[("kind", "deployment.failed")]).await.ok();
    assert!(page.body.contains("418") && page.body.contains("a sample of deployment.failed"));
    assert_eq!(receiver.requests()[0].json()["event_type"], "DEPLOYMENT_FAILURE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_is_shown_once_and_both_sign() {
    let server = Server::start().await;
    let hook = hook(&server.client, "http://127.0.0.1:9/hook", json!({})).await;
    let browser = Browser::admin(&server).await;
    let answer = browser.submit(&hook.page("/rotate"), &[]).await;
    let cookie = answer.header("set-cookie").split_once(';').unwrap().0;
    let secret = cookie.split_once('=').unwrap().1;
    assert!(secret.starts_with("whsec_") && secret != hook.secret);
    let page = browser.page_with_cookie(location(&answer), cookie).await.body;
    assert!(page.contains(secret) && page.contains("the one before as well"), "{page}");
    assert!(!browser.page(&hook.page("/settings")).await.contains(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_deleted_only_if_its_name_is_typed() {
    let server = Server::start().await;
    let hook = hook(&server.client, "http://127.0.0.1:9/hook", json!({})).await;
    let browser = Browser::admin(&server).await;
    let kept = browser.submit(&hook.page("/delete"), &[("name", "tset")]).await;
    assert_eq!(kept.status, 400);
    show(&server, &hook.path("")).await;
    let gone = browser.submit(&hook.page("/delete"), &[("name", "test")]).await;
    assert!(browser.page(location(&gone)).await.contains("are deleted"));
    assert_eq!(server.send(Call::new("GET", &hook.path(""))).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_delivery_is_resent_and_a_waiting_one_skipped() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| Reply::Status(418));
    let dead = hook(&server.client, &receiver.url(), json!({ "retry_schedule": [] })).await;
    let fields = json!({ "retry_schedule": [600], "ordered": true });
    let waiting = hook(&server.client, &receiver.url(), fields).await;
    deploy(&server, "checkout", "run-0").await;
    settled(&server.client, &dead).await;
    let browser = Browser::admin(&server).await;
    let sequence = first_sequence(&server, &dead).await;
    let path = dead.page(&format!("/deliveries/{sequence}"));
    let again = browser.submit(&format!("{path}/resend"), &[]).await;
    assert!(browser.page(location(&again)).await.contains("and it failed"));
    receiver.set(|_| Reply::Status(200));
    let again = browser.submit(&format!("{path}/resend"), &[]).await;
    let page = browser.page(location(&again)).await;
    assert!(page.contains("and delivered") && page.contains("By hand"), "{page}");
    let path = waiting.path("/deliveries?state=retrying");
    let is_waiting = || async { show(&server, &path).await["items"] != json!([]) };
    until(is_waiting, "the other one waits for its retry").await;
    let sequence = first_sequence(&server, &waiting).await;
    let path = format!("/deliveries/{sequence}");
    let skipped = browser.submit(&waiting.page(&format!("{path}/skip")), &[]).await;
    assert!(browser.page(location(&skipped)).await.contains("It is not tried again"));
    assert_eq!(show(&server, &waiting.path(&path)).await["state"], "skipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_replayed_and_the_job_can_be_watched_and_stopped() {
    let server = Server::start().await;
    let held = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&held);
    let receiver = Receiver::start(move |_| Reply::Hold(Arc::clone(&waiting)));
    for run in 0..3 {
        deploy(&server, "checkout", &format!("run-{run}")).await;
    }
    let hook = hook(&server.client, &receiver.url(), json!({})).await;
    let browser = Browser::admin(&server).await;
    let path = hook.page("/replay");
    for (fields, word) in [
        (vec![("kind", "replay")], "first"),
        (vec![("kind", "replay"), ("first", "5"), ("last", "4")], "last"),
        (vec![("kind", "replay"), ("first", "1"), ("since", "2026-03-01T11:00")], "first"),
        (vec![("kind", "replay"), ("since", "yesterday")], "since"),
        (vec![("kind", "everything"), ("first", "1")], "kind"),
    ] {
        let answer = browser.submit(&path, &fields).await;
        assert_eq!(answer.status, 400, "{fields:?}");
        assert!(answer.body.contains(word), "{fields:?} {}", answer.body);
    }
    let fields = [("kind", "replay"), ("since", "2026-03-01T11:00"), ("until", "")];
    let started = browser.submit(&path, &fields).await;
    let page = browser.page(location(&started)).await;
    assert!(page.contains("running") && page.contains("every 1s"), "{page}");
    receiver.wait_for(1).await;
    let job =
        show(&server, &hook.path("/jobs")).await["items"][0]["id"].as_str().unwrap().to_owned();
    let part = browser.page(&hook.page(&format!("/jobs/{job}"))).await;
    assert!(part.starts_with("<li") && part.contains("Stop"), "{part}");
    let stopped = browser.submit(&hook.page(&format!("/jobs/{job}/stop")), &[]).await;
    assert!(browser.page(location(&stopped)).await.contains("stopped"));
    held.add_permits(100);
    let other = crate::webhooks::hook(&server.client, "http://127.0.0.1:9/", json!({})).await;
    let foreign = browser.submit(&other.page(&format!("/jobs/{job}/stop")), &[]).await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_shown_with_a_button_that_replays_it() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let fields = json!({ "enabled": false, "events": ["deployment.*"] });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    deploy(&server, "checkout", "run-0").await;
    let browser = Browser::admin(&server).await;
    browser.submit(&hook.page("/state"), &[("state", "enabled")]).await;
    settled(&server.client, &hook).await;
    let missed = show(&server, &hook.path("")).await["health"]["missed"].clone();
    let (first, last) = (missed["first"].to_string(), missed["last"].to_string());
    let page = browser.page(&hook.page("")).await;
    assert!(page.contains(&format!("Events {first} to {last} went by")), "{page}");
    let fields = [("kind", "replay"), ("first", first.as_str()), ("last", last.as_str())];
    location(&browser.submit(&hook.page("/replay"), &fields).await);
    receiver.wait_for(1).await;
    assert!(!browser.page(&hook.page("")).await.contains("went by"), "it is taken care of");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_box_says_why_an_event_was_not_sent() {
    let server = Server::start().await;
    let fields = json!({ "events": ["deployment.*"], "filters": { "applications": ["search"] } });
    let hook = hook(&server.client, "http://127.0.0.1:9/hook", fields).await;
    deploy(&server, "checkout", "run-0").await;
    let events = show(&server, "/api/v1/events?after=0").await;
    let events = events["items"].as_array().unwrap().clone();
    let started = events.iter().find(|event| event["type"] == "deployment.started").unwrap();
    let browser = Browser::admin(&server).await;
    let page = browser.page(&hook.page(&format!("/why?event=%23{}", started["sequence"]))).await;
    for part in ["a filter does not hold", "applications", "search", "checkout", "does not hold"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for (asked, said) in [("99999", "there is no event"), ("first", "named by its number")] {
        let page = browser.page(&hook.page(&format!("/why?event={asked}"))).await;
        assert!(page.contains(said), "{page}");
    }
}
