//! Following the log: one connection after another, each going on where the last one ended.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::Method;
use hyper::body::Incoming;

use super::super::api::{Api, judge};
use super::super::client::{Answer, Call, NoAnswer};
use super::super::failure::Failure;
use super::super::path::Path;
use super::super::session::Session;
use super::frames::{Frame, Frames};
use super::{EventsArguments, print, types};

/// The server says something at least every 15 s; after this long the connection is dead.
const SILENCE_MAX: Duration = Duration::from_mins(1);
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Prints events as they happen; ends only with a failure that waiting does not mend.
pub(super) async fn follow(
    api: &Api<'_>,
    session: &Session,
    arguments: &EventsArguments,
    mut after: u64,
) -> Result<(), Failure> {
    // The first failure is told at once: the address may be wrong.
    let mut stream = open(api, arguments, after).await?;
    let mut pause = PAUSE_MIN;
    loop {
        let before = after;
        let why = read(stream, session, arguments, &mut after).await?;
        if after > before {
            pause = PAUSE_MIN;
        }
        stream = loop {
            session.output.note(&format!("{why}; connecting again"));
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            match open(api, arguments, after).await {
                Err(Failure::Unreachable(_)) => {}
                outcome => break outcome?,
            }
        };
    }
}

async fn open(api: &Api<'_>, arguments: &EventsArguments, after: u64) -> Result<Incoming, Failure> {
    let path = Path::new("/events/stream").with("types", types(arguments));
    let call = Call { method: Method::GET, path, body: None, idempotency_key: None };
    let response = api.client().open(&call, Some(after)).await;
    let response = response.map_err(|NoAnswer(why)| Failure::Unreachable(why))?;
    if response.status().is_success() {
        return Ok(response.into_body());
    }
    let (head, body) = response.into_parts();
    let body = http_body_util::Limited::new(body, REFUSAL_BYTES_MAX).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let answer = Answer { status: head.status, headers: head.headers, body };
    Err(match judge(Ok(answer), api.client().connection()) {
        Err(failure) => failure,
        Ok(_) => Failure::Unreachable("the stream did not begin".to_owned()),
    })
}

/// A refusal is a few lines.
const REFUSAL_BYTES_MAX: usize = 64 << 10;

/// Prints what comes, and says why no more does.
async fn read(
    mut stream: Incoming,
    session: &Session,
    arguments: &EventsArguments,
    after: &mut u64,
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
            *after = show(&frame, session, arguments, *after)?;
        }
    }
}

/// Prints a frame, unless it is an old one, and gives the number to go on after.
fn show(
    frame: &Frame,
    session: &Session,
    arguments: &EventsArguments,
    after: u64,
) -> Result<u64, Failure> {
    let sequence: Option<u64> = frame.id.as_ref().and_then(|id| id.parse().ok());
    if sequence.is_none_or(|sequence| sequence <= after) {
        return Ok(after);
    }
    print(&frame.data, session, arguments)
}
