//! A webhook receiver that behaves as badly as a test asks, and records what it was sent.
//!
//! It speaks HTTP/1.1 on a bare socket, since no web framework would do what receivers do. Every
//! request that arrived whole is recorded before its reply is chosen, be the reply ever so bad.

mod reply;
mod request;
mod tests;

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

pub(crate) use self::reply::Reply;
pub(crate) use self::request::Received;
use self::request::{Request, RequestReader};

/// No delivery takes longer; a test that waits in vain fails instead of hanging.
const DEADLINE: Duration = Duration::from_secs(20);

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1_024;

type Behaviour = Arc<dyn Fn(&Received) -> Reply + Send + Sync>;

/// A receiver on a port of its own. It and its connections end when it is dropped.
pub(crate) struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinSet<()>,
}

/// A port on which connections are refused, and nobody else can listen.
pub(crate) struct Refusing {
    address: SocketAddr,
    socket: TcpSocket,
}

/// What the connections of a receiver share.
struct Shared {
    behaviour: Mutex<Behaviour>,
    received: watch::Sender<Vec<Received>>,
}

impl Receiver {
    /// Listens on any port, and replies to each request as `behaviour` says.
    pub(crate) fn start(behaviour: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Refusing::start().accept(behaviour)
    }

    /// One that answers 200 to everything.
    pub(crate) fn ok() -> Self {
        Self::start(|_| Reply::Status(200))
    }

    pub(crate) fn url(&self) -> String {
        url_of(self.address)
    }

    /// Behaves differently from the next request on.
    pub(crate) fn set(&self, behaviour: impl Fn(&Received) -> Reply + Send + Sync + 'static) {
        *self.shared.behaviour.lock().unwrap() = Arc::new(behaviour);
    }

    /// Every request that arrived whole, in order.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.shared.received.borrow().clone()
    }

    /// Waits until so many requests have arrived, and returns all that are there.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Received> {
        self.wait_until(|received| received.len() >= count).await
    }

    /// Waits until what has arrived is enough, and returns it.
    pub(crate) async fn wait_until(&self, enough: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        let mut watching = self.shared.received.subscribe();
        let waiting = watching.wait_for(|received| enough(received));
        let Ok(received) = timeout(DEADLINE, waiting).await else {
            panic!("after {DEADLINE:?} there is only {:#?}", self.requests())
        };
        received.unwrap().clone()
    }

    /// Breaks every connection and listens no more, until it is told to accept again.
    pub(crate) async fn refuse(mut self) -> Refusing {
        self.serving.shutdown().await;
        Refusing::at(self.address)
    }
}

impl Refusing {
    pub(crate) fn start() -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Holds the port without listening, which is what makes the system refuse.
    fn at(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // The connections of a receiver that was here before may still be ending.
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        Self { address: socket.local_addr().unwrap(), socket }
    }

    pub(crate) fn url(&self) -> String {
        url_of(self.address)
    }

    /// Listens from now on; nothing has been received yet.
    pub(crate) fn accept(
        self,
        behaviour: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> Receiver {
        let Self { address, socket } = self;
        let listener = socket.listen(BACKLOG).unwrap();
        let behaviour: Mutex<Behaviour> = Mutex::new(Arc::new(behaviour));
        let shared = Arc::new(Shared { behaviour, received: watch::Sender::default() });
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&shared)));
        Receiver { address, shared, serving }
    }
}

fn url_of(address: SocketAddr) -> String {
    format!("http://{address}/hook")
}

/// Accepts until it is aborted; its connections are aborted with it.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    for number in 1.. {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(serve_connection(stream, number, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(mut stream: TcpStream, number: usize, shared: Arc<Shared>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = RequestReader::default();
    while let Some(request) = reader.read(&mut stream).await {
        let received = shared.record(request, number);
        let reply = shared.choose(&received);
        // An error means that the sender has had enough.
        let Ok(ControlFlow::Continue(())) = reply.give(&mut stream).await else { return };
        if received.header("connection").eq_ignore_ascii_case("close") {
            return;
        }
    }
}

impl Shared {
    fn record(&self, request: Request, connection: usize) -> Received {
        let Request { path, headers, body } = request;
        let at = Instant::now();
        let mut received = Received { number: 0, at, path, headers, body, connection };
        self.received.send_modify(|all| {
            received.number = all.len() + 1;
            all.push(received.clone());
        });
        received
    }

    fn choose(&self, received: &Received) -> Reply {
        // The lock is released first, so that a slow behaviour delays nobody else.
        let behaviour = Arc::clone(&self.behaviour.lock().unwrap());
        behaviour(received)
    }
}
