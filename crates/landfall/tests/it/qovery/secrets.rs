//! The secret is written only: it is told by nobody, kept unless something is said of it, and sent
//! as it is.

use landfall_domain::access::Scope;
use serde_json::{Value, json};

use super::{body, get, make, native, patch, path_of, put, report, sent, webhooks};
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::{Call, Server};

const SECRET: &str = "raw ~secret~ of theirs";
const UNCHANGED: &str = "SECRET_VALUE_UNCHANGED";

#[tokio::test]
async fn what_an_edit_says_of_the_secret_keeps_changes_or_clears_it() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let url = json!({"target_url": receiver.url()});
    let made = make(&server, json!({"target_url": receiver.url(), "target_secret": SECRET})).await;
    for (edit, is_set, secret) in [
        (json!({}), true, SECRET),
        (json!({"target_secret": null}), true, SECRET),
        (json!({"target_secret": UNCHANGED}), true, SECRET),
        (json!({"target_secret": "another"}), true, "another"),
        (json!({"target_secret": UNCHANGED}), true, "another"),
        (json!({"target_secret": ""}), false, ""),
        (json!({"target_secret": UNCHANGED}), false, ""),
        (json!({"target_secret": "x".repeat(500)}), true, &"x".repeat(500)),
    ] {
        let mut fields = body(&url);
        fields.as_object_mut().unwrap().extend(edit.as_object().unwrap().clone());
        let edited = put(&server, &made, &fields).await;
        assert_eq!(edited["target_secret_set"], is_set, "{edit}");
        let before = receiver.requests().len();
        report(&server, json!({"invoke_id": format!("run-{before}")})).await;
        let received = receiver.wait_for(before + 1).await.pop().unwrap();
        assert_eq!(received.header("qovery-secret"), secret, "{edit}");
        assert_eq!(received.header("qovery-signature"), secret, "{edit}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_new_webhook_takes_the_consoles_word_for_unchanged_as_none() {
    let server = Server::start().await;
    for secret in ["", UNCHANGED] {
        let made = make(&server, json!({"target_secret": secret})).await;
        assert_eq!(made["target_secret_set"], false, "{secret:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn nothing_that_is_answered_tells_the_secret() {
    let server = Server::start().await;
    // A receiver that shows what it was sent, as pages of errors do.
    let receiver = Receiver::start(|request| Reply::With {
        status: 200,
        headers: vec![("x-echo", request.header("qovery-secret").to_owned())],
        body: format!("{:?}", request.headers),
    });
    let made = make(&server, json!({"target_url": receiver.url(), "target_secret": SECRET})).await;
    report(&server, json!({})).await;
    receiver.wait_for(1).await;
    sent(&server, &made).await;
    let reader = server.key(&[Scope::Read], None).await;
    let one = path_of(&server, &made);
    let deliveries = format!("{}/deliveries", native(&made));
    let sequence = get(&server, &deliveries).await["items"][0]["sequence"].clone();
    let mut told = vec![made.to_string()];
    for key in [&reader, &server.admin_key] {
        for path in [
            &webhooks(&server),
            &one,
            &format!("{one}/event"),
            &native(&made),
            &deliveries,
            &format!("{deliveries}/{sequence}"),
        ] {
            let answer = server.send(Call::new("GET", path).key(key)).await.ok();
            told.push(answer.body);
        }
        let preview = Call::post(&format!("{}/preview", native(&made)), "{}").key(key);
        let preview = server.send(preview).await.ok().json();
        assert_eq!(preview["headers"]["qovery-secret"], "…");
        assert_eq!(preview["headers"]["qovery-signature"], "…");
        told.push(preview.to_string());
    }
    assert!(told.iter().all(|text| !text.contains(SECRET)), "{told:#?}");
    server.stop().await;
}

#[tokio::test]
async fn the_native_api_sees_and_sets_the_same_secret() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    assert_eq!(get(&server, &native(&made)).await["vendor_secret_set"], false);
    patch(&server, &made, &json!({"vendor_secret": SECRET})).await;
    assert_eq!(get(&server, &path_of(&server, &made)).await["target_secret_set"], true);
    put(&server, &made, &body(&json!({"target_secret": ""}))).await;
    assert_eq!(get(&server, &native(&made)).await["vendor_secret_set"], false);
    server.stop().await;
}

#[tokio::test]
async fn no_api_takes_a_secret_that_no_header_carries() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    let fields = json!({"vendor_secret": "schlüssel"}).to_string();
    let refused = server.send(Call::post(&native(&made), fields).method("PATCH")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text("detail").contains("vendor_secret"), "{}", refused.body);
    // Where it only signs, it may hold anything; it stands in the way once it would be sent.
    patch(&server, &made, &json!({"format": "slack", "vendor_secret": "schlüssel"})).await;
    let edit = Call::post(&path_of(&server, &made), body(&json!({})).to_string());
    let refused = server.send(edit.method("PUT")).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let wanted: Value = json!(
        "Validation error: target_secret must be printable ASCII without \
        spaces around it, since a header carries it"
    );
    assert_eq!(refused.json()["message"], wanted);
    server.stop().await;
}
