//! One live stream, read as cheaply as a thousand of them must be.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::deliver::book::Book;
use crate::server::Server;

const READ_BYTES: usize = 16 << 10;
/// How much of an answer that was not expected is shown.
const SHOWN_BYTES_MAX: usize = 300;

/// A stream that has been answered, so that it hears of everything from now on.
pub(super) struct Subscriber {
    stream: TcpStream,
    unread: Vec<u8>,
    /// Under which the book knows it.
    name: String,
}

impl Subscriber {
    pub(super) async fn open(server: &Server, path: &str, number: u32) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(server.address()).await?;
        // An answer to HTTP/1.0 has no chunks: after the head come the events and nothing else.
        let request = server.get(path).replacen(" HTTP/1.1\r\n", " HTTP/1.0\r\n", 1);
        stream.write_all(request.as_bytes()).await?;
        let name = format!("/hook/{number}");
        let mut subscriber = Self { stream, unread: Vec::with_capacity(READ_BYTES), name };
        subscriber.read_head(path).await?;
        Ok(subscriber)
    }

    async fn read_head(&mut self, path: &str) -> anyhow::Result<()> {
        let end = loop {
            if let Some(end) = end_of(&self.unread, b"\r\n\r\n") {
                break end;
            }
            let read = self.stream.read_buf(&mut self.unread).await?;
            ensure!(read > 0, "GET {path} is not answered");
        };
        let shown = String::from_utf8_lossy(&self.unread[..end.min(SHOWN_BYTES_MAX)]).into_owned();
        let status = shown.split(' ').nth(1).with_context(|| format!("not HTTP: {shown}"))?;
        ensure!(status == "200", "GET {path} is answered with {shown}");
        self.unread.drain(..end);
        Ok(())
    }

    /// Writes what it hears into the book, until it is dropped or the server ends it.
    pub(super) async fn hear(mut self, book: Arc<Book>) {
        loop {
            while let Some(end) = end_of(&self.unread, b"\n\n") {
                if let Some(data) = data_in(&self.unread[..end]) {
                    book.arrived(&self.name, data, Instant::now());
                }
                self.unread.drain(..end);
            }
            match self.stream.read_buf(&mut self.unread).await {
                Ok(1..) => {}
                Ok(0) => return book.note("a stream was ended"),
                Err(error) => return book.note(&format!("a stream broke: {error}")),
            }
        }
    }
}

/// Just behind the first place where the bytes say this.
fn end_of(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark).map(|at| at + mark.len())
}

/// What an event says; none of a comment, which keeps the connection alive.
fn data_in(event: &[u8]) -> Option<&[u8]> {
    let line = event.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"data:"))?;
    Some(line.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_ends_with_an_empty_line_and_its_data_is_one_line_of_it() {
        let bytes = b"id: 7\nevent: deployment.started\ndata: {\"a\":1}\n\n: alive\n\nid";

        let end = end_of(bytes, b"\n\n").unwrap();

        assert_eq!(data_in(&bytes[..end]), Some(&b"{\"a\":1}"[..]));
        let rest = &bytes[end..];
        assert_eq!(data_in(&rest[..end_of(rest, b"\n\n").unwrap()]), None);
        assert_eq!(end_of(b"id: 8\n", b"\n\n"), None);
    }
}
