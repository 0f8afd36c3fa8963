//! Malformed requests: each has a clear error in its caller's shape, stores nothing, is kept where
//! its sender is known, and leaves the server serving.

mod bodies;
mod connections;
mod credentials;
mod fields;

use landfall_store::queries::Page;
use serde_json::{Value, json};

use crate::harness::{Answer, Call, Record, Server};

/// Who is called, and so in which shape an error comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Deployment,
    Build,
    Native,
}

impl Dialect {
    const ALL: [Self; 3] = [Self::Deployment, Self::Build, Self::Native];

    const fn path(self) -> &'static str {
        match self {
            Self::Deployment => "/deployment-events/",
            Self::Build => "/build-events/",
            Self::Native => "/api/v1/deployments",
        }
    }

    /// What refused reports are listed under.
    const fn name(self) -> &'static str {
        match self {
            Self::Deployment | Self::Build => "versioner",
            Self::Native => "native",
        }
    }

    /// The least that is a good report.
    fn good(self) -> Value {
        match self {
            Self::Deployment => json!({
                "product_name": "shop", "version": "1", "environment_name": "production",
                "status": "success",
            }),
            Self::Build => json!({"product_name": "shop", "version": "1", "status": "success"}),
            Self::Native => {
                json!({"application": "shop", "version": "1", "environment": "production"})
            }
        }
    }

    fn assert_shape(self, answer: &Answer) {
        let body = answer.json();
        let word = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name}: {body}"));
        assert!(!word("detail").is_empty());
        if self == Self::Native {
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!((word("type"), body["status"].as_u64()), ("about:blank", Some(answer.status.into())));
            assert!(!word("title").is_empty() && !word("code").is_empty());
        } else {
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(word("message"), word("detail"));
            assert!(!word("error").is_empty());
        }
    }
}

/// A malformed request, and what is to come of it.
struct Case {
    dialect: Dialect,
    name: String,
    call: Call,
    status: u16,
    /// Part of the error's message.
    says: &'static str,
    /// Whether it is listed with the refused reports afterwards.
    is_kept: bool,
}

/// Everything that a request may not change.
async fn stored(server: &Server) -> [(&'static str, u64); 6] {
    let record: Record = server.record(server.admin.organization).await;
    record.assert_gapless();
    record.counts()
}

async fn newest_refused(server: &Server) -> Option<landfall_domain::id::RefusedId> {
    let list = server.engine.list_refused(&server.admin, Page::first(1)).await.unwrap();
    list.first().map(|refused| refused.id)
}

async fn check_one(server: &Server, case: &Case) {
    let Case { dialect, name, call, status, says, is_kept } = case;
    let (before, kept_before) = (stored(server).await, newest_refused(server).await);
    let answer = server.send(call.clone()).await;
    assert_eq!(answer.status, *status, "{dialect:?}, {name}: {}", answer.body);
    dialect.assert_shape(&answer);
    let detail = answer.text("detail");
    assert!(detail.contains(says), "{dialect:?}, {name}: {detail}");
    assert_eq!(stored(server).await, before, "{dialect:?}, {name} stored something");
    let is_new = newest_refused(server).await != kept_before;
    assert_eq!(is_new, *is_kept, "{dialect:?}, {name}: listed with the refused reports");
    if *is_kept {
        let newest = server.refused().await.swap_remove(0);
        assert_eq!((newest.dialect.as_str(), newest.key_id.as_str()), (dialect.name(), "k1"));
        assert!(newest.detail.contains(says) || *dialect == Dialect::Native, "{}", newest.detail);
        assert_eq!(newest.request, format!("POST {}", dialect.path()));
    }
    server.post(dialect.path(), &dialect.good()).await.ok_or_created();
}

/// Sends each case to one server, which has to bear them all.
async fn check(cases: Vec<Case>) {
    let server = Server::start().await;
    for dialect in Dialect::ALL {
        server.post(dialect.path(), &dialect.good()).await.ok_or_created();
    }
    for case in &cases {
        check_one(&server, case).await;
    }
    server.stop().await;
}
