//! Following the log: one connection after another, each going on where the last one ended.

use std::time::Duration;

use http_body_util::{BodyExt, Collected, Limited};
use hyper::Method;
use hyper::body::Incoming;

use super::super::api::{Api, judge};
use super::super::client::{Answer, Call, NoAnswer};
use super::super::failure::Failure;
use super::super::path::Path;
use super::super::session::Session;
use super::frames::{Frame, Frames};

/// The server says something at least every 15 s; after this long the connection is dead.
const SILENCE_MAX: Duration = Duration::from_mins(1);
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// A refusal is a few lines.
const REFUSAL_BYTES_MAX: usize = 64 << 10;

/// A place in the log, to go on from.
pub(crate) struct Following<'a> {
    /// Whose log.
    pub api: &'a Api<'a>,
    /// Where to tell of lost connections.
    pub session: &'a Session,
    /// The types that are wanted, as the API takes them; all if absent.
    pub types: Option<String>,
    /// The number of the last event that was taken.
    pub after: u64,
}

impl Following<'_> {
    /// Hands on the JSON of each event as it happens, in order and once; ends only with a failure
    /// of `take`, or one that waiting does not mend.
    pub(crate) async fn run(
        mut self,
        mut take: impl AsyncFnMut(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        // The first failure is told at once: the address may be wrong.
        let mut stream = self.open().await?;
        let mut pause = PAUSE_MIN;
        loop {
            let before = self.after;
            let why = self.read(stream, &mut take).await?;
            if self.after > before {
                pause = PAUSE_MIN;
            }
            stream = loop {
                self.session.output.note(&format!("{why}; connecting again"));
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
                match self.open().await {
                    Err(Failure::Unreachable(_)) => {}
                    outcome => break outcome?,
                }
            };
        }
    }

    async fn open(&self) -> Result<Incoming, Failure> {
        let path = Path::new("/events/stream").with("types", self.types.as_ref());
        let call = Call { method: Method::GET, path, body: None, idempotency_key: None };
        let response = self.api.client().open(&call, Some(self.after)).await;
        let response = response.map_err(|NoAnswer(why)| Failure::Unreachable(why))?;
        if response.status().is_success() {
            return Ok(response.into_body());
        }
        let (head, body) = response.into_parts();
        let body = Limited::new(body, REFUSAL_BYTES_MAX).collect().await;
        let body = body.map(Collected::to_bytes).unwrap_or_default();
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer = Answer { status: head.status, headers: head.headers, body };
        Err(match judge(Ok(answer), self.api.client().connection()) {
            Err(failure) => failure,
            Ok(_) => Failure::Unreachable("the stream did not begin".to_owned()),
        })
    }

    /// Hands on what comes, and says why no more does.
    async fn read(
        &mut self,
        mut stream: Incoming,
        take: &mut impl AsyncFnMut(&str) -> Result<(), Failure>,
    ) -> Result<&'static str, Failure> {
        let mut frames = Frames::default();
        loop {
            let piece = match tokio::time::timeout(SILENCE_MAX, stream.frame()).await {
                Err(_) => return Ok("the server fell silent"),
                Ok(None | Some(Err(_))) => return Ok("the connection ended"),
                Ok(Some(Ok(piece))) => piece,
            };
            let Ok(bytes) = piece.into_data() else { continue };
            let Ok(found) = frames.feed(&bytes) else { return Ok("the stream can't be read") };
            for frame in found {
                if let Some(sequence) = self.number_of(&frame) {
                    take(&frame.data).await?;
                    self.after = sequence;
                }
            }
        }
    }

    /// The number of an event that was not taken yet.
    fn number_of(&self, frame: &Frame) -> Option<u64> {
        let sequence: u64 = frame.id.as_ref()?.parse().ok()?;
        (sequence > self.after).then_some(sequence)
    }
}
