//! The receiver of a measured server's webhooks: takes every delivery, answers 200, does no more.
//!
//! It shares the generator's thread, so that the server under test has the rest of the machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::deliver::book::Book;
use crate::port::{Port, url_at};
use crate::request::Request;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

const READ_BYTES: usize = 16 << 10;

/// A receiver on a port of its own. It ends when it is dropped.
pub(crate) struct Sink {
    address: SocketAddr,
    /// Held only for what its drop ends.
    _serving: JoinSet<()>,
}

impl Sink {
    /// Listens on any port of this machine; what arrives is written into the book.
    pub(crate) fn start(book: Arc<Book>) -> anyhow::Result<Self> {
        Self::on(Port::hold()?, book)
    }

    /// Listens on a port that was held for it.
    pub(crate) fn on(port: Port, book: Arc<Book>) -> anyhow::Result<Self> {
        let address = port.address();
        let mut serving = JoinSet::new();
        serving.spawn(serve(port.listen()?, book));
        Ok(Self { address, _serving: serving })
    }

    /// Where to deliver, so that the book knows which webhook it was.
    pub(crate) fn url(&self, path: &str) -> String {
        url_at(self.address, path)
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
