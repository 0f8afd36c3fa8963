//! Sending to the developer's machine. The server's key never goes there.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request, StatusCode, Uri};
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::signature::{self, Key};

use super::super::super::client::{AGENT, Http, http, root_cause};
use super::super::super::failure::Failure;
use super::super::super::output::FAILED;
use super::message::Outgoing;

/// As long as a webhook waits at most.
const DEADLINE: Duration = Duration::from_secs(30);
/// What a receiver says is not shown; it is read so that the connection can be used again.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Signs and sends.
pub(super) struct Forwarder {
    http: Http,
    to: Uri,
    keys: [Key; 1],
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// There was an answer.
    Answered(StatusCode, Duration),
    /// There was none, and why.
    Failed(String),
}

impl Forwarder {
    /// Sends to an address, and signs with a key.
    pub(super) fn new(to: &str, key: Key) -> Result<Self, Failure> {
        let wrong = || Failure::local("--forward must be like http://localhost:3000/hook");
        let to: Uri = to.parse().map_err(|_| wrong())?;
        if !matches!(to.scheme_str(), Some("http" | "https")) || to.authority().is_none() {
            return Err(wrong());
        }
        Ok(Self { http: http(), to, keys: [key] })
    }

    /// Sends once: whoever develops rather sees a failure than a repeat.
    pub(super) async fn send(&self, message: &Outgoing, now: Timestamp) -> Outcome {
        let request = match self.request(message, now) {
            Ok(request) => request,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        let began = Instant::now();
        match tokio::time::timeout(DEADLINE, self.exchange(request)).await {
            Err(_) => Outcome::Failed(format!("no answer within {} s", DEADLINE.as_secs())),
            Ok(Err(why)) => Outcome::Failed(why),
            Ok(Ok(status)) => Outcome::Answered(status, began.elapsed()),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<StatusCode, String> {
        let answer = self.http.request(request).await.map_err(|error| root_cause(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        body.map(|_| status).map_err(|error| format!("{status}, then {}", root_cause(&*error)))
    }

    fn request(
        &self,
        message: &Outgoing,
        now: Timestamp,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let Outgoing { id, rendered } = message;
        let seconds = now.as_micros().div_euclid(1_000_000);
        let signature = signature::header(&self.keys, id, seconds, &rendered.body);
        Request::builder()
            .method(Method::POST)
            .uri(&self.to)
            .header(CONTENT_TYPE, rendered.content_type)
            .header(USER_AGENT, AGENT)
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .body(Full::new(Bytes::copy_from_slice(&rendered.body)))
    }
}

impl Outcome {
    /// In a few words, such as `200 in 12 ms`.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Answered(status, took) => {
                let mark = if status.is_success() { String::new() } else { format!("{FAILED} ") };
                format!("{mark}{} in {} ms", status.as_u16(), took.as_millis())
            }
            Self::Failed(why) => format!("{FAILED} {why}"),
        }
    }

    /// Status, milliseconds, and why there was no answer, for programs.
    pub(super) fn parts(&self) -> (Option<u16>, Option<u128>, Option<&str>) {
        match self {
            Self::Answered(status, took) => (Some(status.as_u16()), Some(took.as_millis()), None),
            Self::Failed(why) => (None, None, Some(why)),
        }
    }
}
