//! Serving HTTP: accepting connections, bounding them, and letting them finish on the way down.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::middleware::AddExtension;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Layer;

/// Bounds on connections.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at one time; more wait to be accepted.
    pub connections_max: usize,
    /// A request's head must arrive within this, and an idle connection is closed after it.
    pub head_time_max: Duration,
    /// A stopping server waits so long for requests that are under way.
    pub drain_time_max: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections_max: 10_000,
            head_time_max: Duration::from_secs(30),
            drain_time_max: Duration::from_secs(30),
        }
    }
}

/// A request's head, and the buffer of a connection, is at most this long.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// A request has at most so many headers.
const HEADERS_MAX: usize = 100;
/// After a failure to accept, such as too many open files, the server waits before it goes on.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A server that listens already.
pub struct Server {
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
}

impl Server {
    /// Listens on an address; port 0 takes any free one.
    pub async fn bind(
        address: SocketAddr,
        router: Router,
        bounds: Bounds,
    ) -> std::io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, router, bounds })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` ends, then lets requests under way finish.
    pub async fn serve(self, stop: CancellationToken) {
        let connections = TaskTracker::new();
        let permits = Arc::new(Semaphore::new(self.bounds.connections_max));
        while let Some((stream, peer)) = self.accept(&stop).await {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
            let router = Extension(ConnectInfo(peer)).layer(self.router.clone());
            let (stop, bounds) = (stop.clone(), self.bounds);
            drop(connections.spawn(async move {
                serve_connection(stream, router, bounds, stop).await;
                drop(permit);
            }));
        }
        drop(self.listener);
        connections.close();
        if tokio::time::timeout(self.bounds.drain_time_max, connections.wait()).await.is_err() {
            tracing::warn!(connections = connections.len(), "connections did not finish in time");
        }
    }

    /// The next connection; `None` once `stop` has ended.
    async fn accept(&self, stop: &CancellationToken) -> Option<(TcpStream, SocketAddr)> {
        loop {
            let accepted = stop.run_until_cancelled(self.listener.accept()).await?;
            match accepted {
                Ok(accepted) => return Some(accepted),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "can't accept");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

async fn serve_connection(
    stream: TcpStream,
    router: AddExtension<Router, ConnectInfo<SocketAddr>>,
    bounds: Bounds,
    stop: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = &error as &dyn std::error::Error, "no TCP_NODELAY");
    }
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_time_max)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    let connection =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke");
    }
}
