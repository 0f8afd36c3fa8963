//! Every status word, for builds and deployments alike, however it is written.

use serde_json::json;

use super::Kind;
use crate::harness::Server;

/// What the words of a line mean. The first line of each vendor table, then what its clients send.
const WORDS: [(&str, &[&str]); 5] = [
    ("pending", &["pending", "queued", "scheduled"]),
    ("started", &["started", "in_progress", "init", "deploying", "building", "running"]),
    (
        "completed",
        &[
            "completed",
            "success",
            "succeeded",
            "successful",
            "complete",
            "finished",
            "deployed",
            "built",
        ],
    ),
    ("failed", &["failed", "failure", "fail", "error", "errored"]),
    ("aborted", &["aborted", "abort", "cancelled", "canceled", "cancel", "skipped"]),
];

/// The ways in which people write one word.
fn writings(word: &str) -> [String; 4] {
    let (first, rest) = word.split_at(1);
    [
        word.to_owned(),
        word.to_uppercase(),
        format!("{}{rest}", first.to_uppercase()),
        format!("  {word}\t"),
    ]
}

async fn check(kind: Kind) {
    let server = Server::start().await;
    for (canonical, words) in WORDS {
        for written in words.iter().flat_map(|word| writings(word)) {
            // A version of its own, so that no report joins another's run.
            let version = format!("{} of {canonical}", written.trim());
            let body = kind.body(&json!({"version": version, "status": written}));
            let answer = server.post(kind.path(), &body).await.ok();
            assert_eq!(answer.text("status"), canonical, "{written:?} as {kind:?}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_deployment_takes_every_status_word_in_any_case() {
    check(Kind::Deployment).await;
}

#[tokio::test]
async fn a_build_takes_every_status_word_in_any_case() {
    check(Kind::Build).await;
}

#[tokio::test]
async fn another_word_is_refused_with_the_list() {
    let server = Server::start().await;
    for kind in Kind::BOTH {
        let body = kind.body(&json!({"status": "exploded"}));
        let answer = server.post(kind.path(), &body).await;
        assert_eq!(answer.status, 400);
        let detail = answer.text("detail");
        assert!(
            detail.starts_with("Field 'status' is wrong: `exploded` is not a status; use one of")
        );
        assert!(detail.contains("in_progress"), "{detail}");
    }
    server.stop().await;
}
