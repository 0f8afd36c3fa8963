//! The paths that Versioner's clients call, each in every form that they make of it.

use serde_json::json;

use super::Kind;
use crate::harness::{Call, Server};

#[tokio::test]
async fn every_form_of_a_path_is_served_without_a_redirect() {
    let server = Server::start().await;
    let body = Kind::Deployment.body(&json!({})).to_string();
    for name in ["deployment-events", "build-events", "version-events"] {
        for path in [format!("/{name}"), format!("/{name}/")] {
            // A base URL that ends in a slash doubles the first one.
            for path in
                [path.clone(), format!("/{path}"), format!("//{path}"), format!("{path}?a=b")]
            {
                let answer = server.send(Call::post(&path, body.clone())).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn another_method_is_refused_with_the_right_one() {
    let server = Server::start().await;
    for path in ["/deployment-events/", "/build-events", "/version-events/"] {
        for method in ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] {
            let answer = server.send(Call::new(method, path)).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method} {path}");
            if method != "HEAD" {
                assert_eq!(answer.text("detail"), "Method Not Allowed; send a POST");
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn the_oldest_form_of_a_build_needs_no_status() {
    let server = Server::start().await;
    let body = json!({"product_name": "shop", "version": "7", "built_at": "2026-02-28T10:00:00Z"});
    let answer = server.post("/version-events/", &body).await.ok();
    assert_eq!(answer.text("status"), "completed");
    assert_eq!(answer.text("completed_at"), "2026-02-28T10:00:00Z");
    server.stop().await;
}
