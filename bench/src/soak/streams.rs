//! Live streams that come and go. Each must tell every event once, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout_at};

use super::meter::Meter;
use crate::server::Server;

const READ_BYTES: usize = 64 << 10;
/// The server may be busy, but never for ever.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// All streams of a soak, and what came over them.
pub(super) struct Streams {
    server: Server,
    meter: Arc<Meter>,
    opened: AtomicU64,
    failed: AtomicU64,
    events: AtomicU64,
    gaps: AtomicU64,
}

/// What came over the streams.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    pub(super) opened: u64,
    /// Those that did not open, or broke.
    pub(super) failed: u64,
    pub(super) events: u64,
    /// Where the number after an event was not the next one.
    pub(super) gaps: u64,
}

impl Streams {
    pub(super) fn new(server: Server, meter: Arc<Meter>) -> Self {
        let [opened, failed, events, gaps] = Default::default();
        Self { server, meter, opened, failed, events, gaps }
    }

    pub(super) fn outcome(&self) -> Outcome {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Outcome {
            opened: count(&self.opened),
            failed: count(&self.failed),
            events: count(&self.events),
            gaps: count(&self.gaps),
        }
    }

    /// Opens one stream after the other, until it is aborted. Each second one goes on where the one
    /// before ended.
    pub(super) async fn follow(self: Arc<Self>, number: u32) {
        let mut last = None;
        for turn in 0.. {
            let after = last.take().filter(|_| turn % 2 == 1);
            // Between 2 and 20 seconds, so that streams rarely come or go together.
            let length = Duration::from_secs(2 + u64::from(number * 7 + turn * 5) % 19);
            if let Ok(heard) = self.listen(after, length).await {
                last = heard;
            } else {
                self.failed.fetch_add(1, Ordering::Relaxed);
                sleep(AGAIN_AFTER).await;
            }
        }
    }

    /// Listens for so long, and gives the number of the last event.
    async fn listen(&self, after: Option<u64>, length: Duration) -> anyhow::Result<Option<u64>> {
        let path = after.map_or_else(String::new, |after| format!("?after={after}"));
        let request = self.server.get(&format!("/api/v1/events/stream{path}"));
        let (begun_at, mut last, mut is_open) = (Instant::now(), after, false);
        let mut stream = TcpStream::connect(self.server.address()).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut unread = Vec::with_capacity(READ_BYTES);
        let until = begun_at + length;
        while let Ok(read) = timeout_at(until.into(), stream.read_buf(&mut unread)).await {
            anyhow::ensure!(read? > 0, "the stream ended");
            if !is_open {
                anyhow::ensure!(unread.starts_with(b"HTTP/1.1 200"), "it was refused");
                self.opened.fetch_add(1, Ordering::Relaxed);
                self.meter.record("stream opened", begun_at.elapsed());
                is_open = true;
            }
            self.take_lines(&mut unread, &mut last);
        }
        Ok(last)
    }

    /// Notes the numbers in whole lines, and leaves the rest.
    fn take_lines(&self, unread: &mut Vec<u8>, last: &mut Option<u64>) {
        let Some(end) = unread.iter().rposition(|byte| *byte == b'\n') else { return };
        for number in unread[..end].split(|byte| *byte == b'\n').filter_map(number_in) {
            self.events.fetch_add(1, Ordering::Relaxed);
            if last.is_some_and(|last| number != last + 1) {
                self.gaps.fetch_add(1, Ordering::Relaxed);
            }
            *last = Some(number);
        }
        unread.drain(..=end);
    }
}

/// The number of an event, in the line that tells it.
fn number_in(line: &[u8]) -> Option<u64> {
    let number = line.strip_prefix(b"id:")?;
    std::str::from_utf8(number).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_whole_lines_and_a_gap_is_found() {
        let streams = Streams::new(Server::at("http://127.0.0.1:1", "").unwrap(), Arc::default());
        let (mut unread, mut last) =
            (b"HTTP/1.1 200\r\n\r\n1f\r\nid: 7\nevent: a\nid: ".to_vec(), None);
        streams.take_lines(&mut unread, &mut last);
        assert_eq!((last, unread.as_slice()), (Some(7), &b"id: "[..]));
        unread.extend_from_slice(b"8\ndata: id: 3\nid: 10\n");
        streams.take_lines(&mut unread, &mut last);
        let Outcome { events, gaps, .. } = streams.outcome();
        assert_eq!((last, events, gaps), (Some(10), 3, 1));
    }
}
