//! What the demo's webhooks post to: a receiver on loopback, in the demo's own process.
//!
//! Its port stands in the webhooks' URLs, so it is kept beside the data for the next start. What it
//! answers depends on the request alone: some paths are always well, some stumble, one is sick.

use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use landfall_engine::tasks::Tasks;

use crate::server::{Bounds, Server};
use crate::{output, settings::Settings};

/// Holds the port of the last time.
const PORT_FILE: &str = "demo-receiver";

/// A receiver that listens.
pub(super) struct Receiver {
    address: SocketAddr,
    tasks: Tasks,
}

impl Receiver {
    /// Listens where the webhooks of a directory's demo post to, or anywhere if there is none yet.
    pub(super) async fn start(directory: &Path) -> anyhow::Result<Self> {
        let kept = std::fs::read_to_string(directory.join(PORT_FILE)).ok();
        let kept = kept.and_then(|text| text.trim().parse().ok());
        let server = match bind(kept.unwrap_or(0)).await {
            Err(_) if kept.is_some() => {
                output::warning(
                    "another program has the port of the demo's receiver: its webhooks fail",
                );
                bind(0).await?
            }
            bound => bound?,
        };
        let address = server.address()?;
        let tasks = Tasks::default();
        tasks.spawn(server.serve(tasks.stopping()));
        Ok(Self { address, tasks })
    }

    /// Keeps its port for the next time.
    pub(super) fn keep_port(&self, directory: &Path) -> std::io::Result<()> {
        std::fs::write(directory.join(PORT_FILE), self.address.port().to_string())
    }

    /// The URL of one of its paths.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Lets webhooks reach it, and nothing else on loopback.
    pub(super) fn open(&self, settings: &mut Settings) {
        let allow = std::mem::take(&mut settings.egress_allow);
        settings.egress_allow = allow.with_authority(self.address);
    }

    /// Ends it.
    pub(super) async fn stop(self) {
        self.tasks.stop();
        self.tasks.join().await;
    }
}

async fn bind(port: u16) -> std::io::Result<Server> {
    let router = Router::new().fallback(answer);
    Server::bind(SocketAddr::from(([127, 0, 0, 1], port)), router, Bounds::default()).await
}

async fn answer(uri: Uri, headers: HeaderMap) -> (StatusCode, &'static str) {
    let second = number_after(&headers, "webhook-timestamp", "");
    let event = number_after(&headers, "webhook-id", "_");
    match uri.path() {
        "/incidents" => (
            StatusCode::INTERNAL_SERVER_ERROR,
            r#"{"error":"too many connections for role \"oncall\""}"#,
        ),
        // The next try comes some seconds later, and then it mostly goes through.
        "/warehouse" if event.wrapping_add(second).is_multiple_of(7) => {
            (StatusCode::INTERNAL_SERVER_ERROR, r#"{"error":"the table is being loaded"}"#)
        }
        "/console" if event.is_multiple_of(6) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            r#"{"message":"this service is not in the console's catalogue"}"#,
        ),
        "/slack" => (StatusCode::OK, "ok"),
        _ => (StatusCode::OK, r#"{"received":true}"#),
    }
}

/// The number in a header after the last `mark`; 1 if there is none.
fn number_after(headers: &HeaderMap, name: &str, mark: &str) -> u64 {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let number = if mark.is_empty() { text } else { text.rsplit(mark).next().unwrap_or_default() };
    number.parse().unwrap_or(1)
}
