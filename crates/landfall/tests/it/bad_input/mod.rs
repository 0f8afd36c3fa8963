//! Malformed requests: each has a clear error in its caller's shape, stores nothing, is kept where
//! its sender is known, and leaves the server serving.

mod bodies;
mod connections;
mod credentials;
mod fields;

use std::collections::HashSet;

use landfall_domain::id::RefusedId;
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
            assert_eq!(
                (word("type"), body["status"].as_u64()),
                ("about:blank", Some(answer.status.into()))
            );
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

async fn listed(server: &Server) -> HashSet<RefusedId> {
    server.refused().await.into_iter().map(|refused| refused.id).collect()
}

/// The native reader may come upon a field that is wrong before it reaches what else is.
fn is_told(dialect: Dialect, detail: &str, says: &str) -> bool {
    detail.contains(says) || (dialect == Dialect::Native && detail.starts_with("Field '"))
}

async fn check_one(server: &Server, case: &Case) {
    let Case { dialect, name, call, status, says, is_kept } = case;
    let (before, listed_before) = (stored(server).await, listed(server).await);
    let answer = server.send(call.clone()).await;
    assert_eq!(answer.status, *status, "{dialect:?}, {name}: {}", answer.body);
    dialect.assert_shape(&answer);
    let detail = answer.text("detail");
    assert!(is_told(*dialect, &detail, says), "{dialect:?}, {name}: {detail}");
    assert_eq!(stored(server).await, before, "{dialect:?}, {name} stored something");
    let refused = server.refused().await;
    let new: Vec<_> = refused.iter().filter(|one| !listed_before.contains(&one.id)).collect();
    assert_eq!(new.len(), usize::from(*is_kept), "{dialect:?}, {name}: the list of refused");
    for new in new {
        assert_eq!((new.dialect.as_str(), new.key_id.as_str()), (dialect.name(), "k1"));
        assert_eq!(new.request, format!("POST {}", dialect.path()));
        assert_eq!(new.detail, detail);
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
