//! The floor of following: every report is told to every live stream, and nothing is kept.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{self, Receiver, Sender};

/// Reports that a stream may be behind; one that is further behind misses some.
const BEHIND_MAX: usize = 1_024;

/// All who follow.
pub(super) struct Streams(Sender<Bytes>);

impl Default for Streams {
    fn default() -> Self {
        Self(broadcast::channel(BEHIND_MAX).0)
    }
}

impl Streams {
    /// A stream of what is told from now on, as server-sent events.
    pub(super) fn follow(&self) -> Response {
        let events = stream::unfold(self.0.subscribe(), async |mut told| {
            let event = next(&mut told).await?;
            Some((Ok::<_, Infallible>(event), told))
        });
        ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
    }

    /// Tells of a report, as an event of about the size of a real one.
    pub(super) fn tell(&self, status: &str, invoke_id: Option<&str>, report: &[u8]) {
        if self.0.receiver_count() == 0 {
            return;
        }
        let invoke_id = invoke_id.unwrap_or_default();
        let report = String::from_utf8_lossy(report);
        let event = format!(
            "event: deployment.{status}\ndata: {{\"type\":\"deployment.{status}\",\"data\":\
             {{\"deployment\":{{\"invoke_id\":\"{invoke_id}\"}},\"report\":{report}}}}}\n\n"
        );
        // Whoever has left need not be told.
        drop(self.0.send(event.into()));
    }
}

/// A stream that is too far behind goes on with what there still is.
async fn next(told: &mut Receiver<Bytes>) -> Option<Bytes> {
    loop {
        match told.recv().await {
            Ok(event) => return Some(event),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}
