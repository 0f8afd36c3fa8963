//! What a receiver does with a request: answers, from exemplary to unbearable.

use std::fmt::Write as _;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::interval;

const DRIP_INTERVAL: Duration = Duration::from_millis(20);

/// More than one read of any client, less than the system's buffers.
const PIECE: [u8; 16 << 10] = [b'.'; 16 << 10];

/// The reply to one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A status and an empty body.
    Status(u16),
    With {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// 200, once there is a permit, which is used up; when the semaphore is closed, at once.
    Hold(Arc<Semaphore>),
    /// The same with another status.
    HoldThen(Arc<Semaphore>, u16),
    /// Nothing, until the sender goes away.
    Hang,
    /// The connection ends in order, without an answer.
    CloseAtOnce,
    /// A good head and half of its body, then the connection is reset.
    ResetMidBody,
    /// A good head, then a byte every 20 ms for ever.
    Drip,
    /// A body of so many bytes, told beforehand.
    Huge(u64),
    /// A status line, then headers for ever.
    EndlessHeaders,
}

impl Reply {
    /// Does it, and says whether the connection goes on. An error means that the sender left.
    pub(super) async fn give(self, stream: &mut TcpStream) -> io::Result<ControlFlow<()>> {
        match self {
            Self::Status(status) => answer(stream, status, &[], "").await,
            Self::With { status, headers, body } => answer(stream, status, &headers, &body).await,
            Self::Hold(permits) => hold(stream, &permits, 200).await,
            Self::HoldThen(permits, status) => hold(stream, &permits, status).await,
            Self::Hang => end_with(wait_for_end(stream).await),
            Self::CloseAtOnce => Ok(ControlFlow::Break(())),
            Self::ResetMidBody => end_with(reset_mid_body(stream).await),
            Self::Drip => end_with(drip(stream).await),
            Self::Huge(length) => stream_body(stream, length).await,
            Self::EndlessHeaders => end_with(send_headers(stream).await),
        }
    }
}

fn end_with(outcome: io::Result<()>) -> io::Result<ControlFlow<()>> {
    outcome.map(ControlFlow::Break)
}

async fn answer(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(&str, String)],
    body: &str,
) -> io::Result<ControlFlow<()>> {
    let mut text = format!("HTTP/1.1 {status} Told\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").expect("a String takes every write");
    }
    text.push_str("\r\n");
    text.push_str(body);
    stream.write_all(text.as_bytes()).await.map(ControlFlow::Continue)
}

/// Answers once there is a permit; a closed semaphore has let everybody go.
async fn hold(
    stream: &mut TcpStream,
    permits: &Semaphore,
    status: u16,
) -> io::Result<ControlFlow<()>> {
    permits.acquire().await.into_iter().for_each(SemaphorePermit::forget);
    answer(stream, status, &[], "").await
}

async fn wait_for_end(stream: &mut TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 1_024]).await? > 0 {}
    Ok(())
}

async fn reset_mid_body(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf").await?;
    // What makes the end, when the stream is dropped, a reset.
    stream.set_zero_linger()
}

async fn drip(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
    let mut ticks = interval(DRIP_INTERVAL);
    loop {
        ticks.tick().await;
        stream.write_all(b".").await?;
    }
}

async fn stream_body(stream: &mut TcpStream, length: u64) -> io::Result<ControlFlow<()>> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut left = length;
    while left > 0 {
        let piece = usize::try_from(left).map_or(PIECE.len(), |left| left.min(PIECE.len()));
        stream.write_all(&PIECE[..piece]).await?;
        left -= piece as u64;
    }
    Ok(ControlFlow::Continue(()))
}

async fn send_headers(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
    loop {
        stream.write_all(b"x-more: and more, and more, and more\r\n").await?;
    }
}
