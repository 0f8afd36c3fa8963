//! A receiver that misbehaves, on bare sockets, since no web framework would do what receivers do.

use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::interval;

use super::fault::Fault;
use crate::port::{Port, url_at};
use crate::request::Request;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const HALF: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf";
const HEAD_BEGUN: &[u8] = b"HTTP/1.1 200 OK\r\nx-drip: ";
const BODY_BEGUN: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
const HEADERS_BEGUN: &[u8] = b"HTTP/1.1 200 OK\r\n";
const HEADER: &[u8] = b"x-more: and more, and more, and more\r\n";
const ERROR: &[u8] = b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n";
const REST: &[u8] = b"HTTP/1.1 429 Rest\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
const REDIRECT: &[u8] =
    b"HTTP/1.1 301 Away\r\nlocation: http://10.0.0.1/hook\r\ncontent-length: 0\r\n\r\n";

const DRIP_EVERY: Duration = Duration::from_millis(20);
/// For so long a receiver that flaps is well, and as long it is not.
const FLAP_EVERY_MS: u128 = 500;
const READ_BYTES: usize = 4 << 10;
const PIECE: [u8; 16 << 10] = [b'.'; 16 << 10];
/// A receiver that sends without end would otherwise fill megabytes of buffers for each delivery,
/// and the benchmark would measure that.
const UNREAD_BYTES_MAX: u32 = 64 << 10;

/// A receiver with one fault, on a port of its own. It and its connections end when it is dropped.
pub(crate) struct Faulty {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Held by a receiver that refuses.
    _port: Option<Port>,
    /// Held only for what its drop ends.
    _serving: JoinSet<()>,
}

/// What the connections of a receiver share.
struct Shared {
    fault: Fault,
    requests: AtomicU64,
    begun_at: Instant,
}

impl Faulty {
    /// Misbehaves on the runtime given.
    pub(crate) fn start(fault: Fault, on: &Handle) -> anyhow::Result<Self> {
        let _sockets_are_of_that_runtime = on.enter();
        let port = Port::hold()?;
        port.bound_unread(UNREAD_BYTES_MAX)?;
        let address = port.address();
        let shared =
            Arc::new(Shared { fault, requests: AtomicU64::new(0), begun_at: Instant::now() });
        let mut serving = JoinSet::new();
        if fault == Fault::Refuse {
            return Ok(Self { address, shared, _port: Some(port), _serving: serving });
        }
        serving.spawn_on(serve(port.listen()?, Arc::clone(&shared)), on);
        Ok(Self { address, shared, _port: None, _serving: serving })
    }

    pub(crate) fn url(&self) -> String {
        url_at(self.address, "/faulty")
    }

    /// How many requests came whole.
    pub(super) fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }
}

/// Accepts until it is aborted; its connections are aborted with it.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    // It can't accept when the process is out of files, and then the sink tells.
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve_connection(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut unread = Vec::with_capacity(READ_BYTES);
    while read_request(&mut stream, &mut unread).await.is_some() {
        shared.requests.fetch_add(1, Ordering::Relaxed);
        // An error means that the sender had enough.
        let Ok(ControlFlow::Continue(())) = shared.misbehave(&mut stream).await else { return };
    }
}

/// Takes a whole request; none when the sender left.
async fn read_request(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Option<()> {
    loop {
        if let Some(request) = Request::read(unread).ok()? {
            let length = request.length;
            unread.drain(..length);
            return Some(());
        }
        if stream.read_buf(unread).await.ok()? == 0 {
            return None;
        }
    }
}

impl Shared {
    /// Says whether the connection goes on.
    async fn misbehave(&self, stream: &mut TcpStream) -> io::Result<ControlFlow<()>> {
        match self.fault {
            Fault::None => answer(stream, OK).await,
            Fault::Error => answer(stream, ERROR).await,
            Fault::Rest => answer(stream, REST).await,
            Fault::Redirect => answer(stream, REDIRECT).await,
            Fault::Flap if self.is_up() => answer(stream, OK).await,
            Fault::Flap | Fault::Refuse => Ok(ControlFlow::Break(())),
            Fault::Hang => wait_for_end(stream).await,
            Fault::Reset => reset(stream).await,
            Fault::DripHead => drip(stream, HEAD_BEGUN).await,
            Fault::DripBody => drip(stream, BODY_BEGUN).await,
            Fault::HugeBody => repeat(stream, BODY_BEGUN, &PIECE).await,
            Fault::EndlessHeaders => repeat(stream, HEADERS_BEGUN, HEADER).await,
        }
    }

    fn is_up(&self) -> bool {
        (self.begun_at.elapsed().as_millis() / FLAP_EVERY_MS).is_multiple_of(2)
    }
}

async fn answer(stream: &mut TcpStream, answer: &[u8]) -> io::Result<ControlFlow<()>> {
    stream.write_all(answer).await.map(ControlFlow::Continue)
}

async fn wait_for_end(stream: &mut TcpStream) -> io::Result<ControlFlow<()>> {
    while stream.read(&mut [0; READ_BYTES]).await? > 0 {}
    Ok(ControlFlow::Break(()))
}

async fn reset(stream: &mut TcpStream) -> io::Result<ControlFlow<()>> {
    stream.write_all(HALF).await?;
    // What makes the end, when the stream is dropped, a reset.
    stream.set_zero_linger()?;
    Ok(ControlFlow::Break(()))
}

async fn drip(stream: &mut TcpStream, beginning: &[u8]) -> io::Result<ControlFlow<()>> {
    stream.write_all(beginning).await?;
    let mut ticks = interval(DRIP_EVERY);
    loop {
        ticks.tick().await;
        stream.write_all(b".").await?;
    }
}

async fn repeat(
    stream: &mut TcpStream,
    beginning: &[u8],
    more: &[u8],
) -> io::Result<ControlFlow<()>> {
    stream.write_all(beginning).await?;
    loop {
        stream.write_all(more).await?;
    }
}
