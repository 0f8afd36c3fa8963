//! The receiver of a measured server's webhooks: takes every delivery, answers 200, does no more.
//!
//! It shares the generator's thread, so that the server under test has the rest of the machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::deliver::book::Book;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Far above any delivery of a benchmark's reports.
const REQUEST_BYTES_MAX: usize = 1 << 20;
const HEADERS_MAX: usize = 64;
const READ_BYTES: usize = 16 << 10;

/// A receiver on a port of its own. It ends when it is dropped.
pub(crate) struct Sink {
    address: SocketAddr,
    /// Held only for what its drop ends.
    _serving: JoinSet<()>,
}

impl Sink {
    /// Listens on any port of this machine; what arrives is written into the book.
    pub(crate) async fn start(book: Arc<Book>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("the sink cannot listen")?;
        let address = listener.local_addr()?;
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, book));
        Ok(Self { address, _serving: serving })
    }

    /// Where to deliver, so that the book knows which webhook it was.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn serve(listener: TcpListener, book: Arc<Book>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(connections.spawn(watch_connection(stream, Arc::clone(&book)))),
            Err(error) => return book.note(&format!("the sink cannot accept: {error}")),
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn watch_connection(stream: TcpStream, book: Arc<Book>) {
    if let Err(error) = serve_connection(stream, &book).await {
        book.note(&format!("a connection to the sink failed: {error:#}"));
    }
}

async fn serve_connection(mut stream: TcpStream, book: &Book) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut unread = Vec::with_capacity(READ_BYTES);
    loop {
        unread.reserve(READ_BYTES);
        if stream.read_buf(&mut unread).await? == 0 {
            ensure!(unread.is_empty(), "it ended within a request");
            return Ok(());
        }
        while let Some(request) = Request::read(&unread)? {
            book.arrived(request.path, request.body, Instant::now());
            let length = request.length;
            unread.drain(..length);
            stream.write_all(ANSWER).await?;
        }
    }
}

/// What the sink wants to know of a request.
#[derive(Debug, PartialEq)]
struct Request<'a> {
    path: &'a str,
    body: &'a [u8],
    /// Of all of it, with its head.
    length: usize,
}

impl<'a> Request<'a> {
    /// The request that the bytes begin with, once it is whole.
    fn read(bytes: &'a [u8]) -> anyhow::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut head = httparse::Request::new(&mut headers);
        let parsed = head.parse(bytes).context("not HTTP/1")?;
        ensure!(bytes.len() <= REQUEST_BYTES_MAX, "a request of over {REQUEST_BYTES_MAX} bytes");
        let httparse::Status::Complete(head_length) = parsed else { return Ok(None) };
        let (Some(path), Some(body_length)) = (head.path, length_of(head.headers)) else {
            bail!("a request without a Content-Length")
        };
        let length = head_length.saturating_add(body_length);
        let body = bytes.get(head_length..length);
        Ok(body.map(|body| Self { path, body, length }))
    }
}

fn length_of(headers: &[httparse::Header<'_>]) -> Option<usize> {
    let header = headers.iter().find(|it| it.name.eq_ignore_ascii_case("content-length"))?;
    std::str::from_utf8(header.value).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"POST /hook/3 HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";

    #[test]
    fn a_request_is_read_once_it_is_whole() {
        for length in 0..WHOLE.len() {
            assert_eq!(Request::read(&WHOLE[..length]).unwrap(), None);
        }
        let two = [WHOLE, WHOLE].concat();

        let request = Request::read(&two).unwrap();

        let expected = Request { path: "/hook/3", body: b"body", length: WHOLE.len() };
        assert_eq!(request, Some(expected));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert!(Request::read(b"\0\0").is_err());
        assert!(Request::read(b"POST / HTTP/1.1\r\n\r\n").is_err());
        assert!(Request::read(&vec![b'A'; REQUEST_BYTES_MAX + 1]).is_err());
    }
}
