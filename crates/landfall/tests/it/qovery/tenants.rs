//! Tenants never meet: another organization's id is answered like one that does not exist.

use serde_json::{Value, json};

use super::{NOTHING, body, get, make, path_of, webhooks};
use crate::harness::{Call, Server};

#[tokio::test]
async fn another_organization_and_what_it_has_do_not_exist() {
    let server = Server::start().await;
    let (foreign_key, foreign) = server.organization("acme").await;
    let made = make(&server, json!({"target_secret": "s"})).await;
    let one = path_of(&server, &made);
    let theirs = |word: &str| format!("/organization/{word}/webhook");
    let own = server.admin.organization.to_string();
    let id = made["id"].as_str().unwrap();
    for (method, rest) in [
        ("GET", String::new()),
        ("POST", String::new()),
        ("GET", format!("/{id}")),
        ("PUT", format!("/{id}")),
        ("DELETE", format!("/{id}")),
        ("GET", format!("/{id}/event")),
    ] {
        for body in [body(&json!({})).to_string(), "{".to_owned()] {
            let send = async |word: &str| {
                let call = Call::post(&format!("{}{rest}", theirs(word)), body.clone());
                let answer = server.send(call.method(method).key(&foreign_key)).await;
                (answer.status, answer.body.replace(word, "ID"))
            };
            let answer = send(&own).await;
            assert_eq!(answer.0, 404, "{method} {rest}: {}", answer.1);
            assert_eq!(answer, send(NOTHING).await, "{method} {rest}");
        }
    }
    // Through their own organization they do not reach it either.
    for method in ["GET", "PUT", "DELETE"] {
        let path = format!("{}/{id}", theirs(&foreign.organization.to_string()));
        let call = Call::post(&path, body(&json!({})).to_string()).method(method);
        assert_eq!(server.send(call.key(&foreign_key)).await.status, 404, "{method}");
    }
    assert_eq!(get(&server, &one).await, made);
    assert_eq!(get(&server, &webhooks(&server)).await, json!({"results": [made]}));
    server.stop().await;
}

#[tokio::test]
async fn the_list_of_organizations_is_the_callers_own() {
    let server = Server::start().await;
    let (foreign_key, foreign) = server.organization("acme").await;
    for (key, id) in
        [(&server.admin_key, server.admin.organization), (&foreign_key, foreign.organization)]
    {
        let listed = server.send(Call::new("GET", "/organization").key(key)).await.ok().json();
        let ids: Vec<&Value> =
            listed["results"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(ids, [&json!(id.to_string())]);
    }
    server.stop().await;
}
