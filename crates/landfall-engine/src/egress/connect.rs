//! Opens connections, only to addresses that the guard let through.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service;

use super::error::SendError;
use super::guard::Guard;
use super::proxy::Proxy;
use super::tls::{Tls, Trust};

/// Time for reaching a host, over all of its addresses.
pub(super) const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Time for a connection to be ready with resolution and TLS. No request lasts longer, and a
/// connection that its request no longer waits for must end too.
const READY_MAX: Duration = Duration::from_secs(30);
/// Addresses of one host that are tried. All of them are checked.
const ADDRESSES_TRIED_MAX: usize = 8;

/// What bytes to a host go through: a TCP connection, or a TLS one to the proxy.
pub(super) type Wire = MaybeHttpsStream<TokioIo<TcpStream>>;

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, SendError>> + Send>>;

/// Makes the client's connections.
#[derive(Clone)]
pub(super) struct Connector(Arc<Tls<Dialler>>);

impl Connector {
    pub(super) fn new(guard: Guard, proxy: Option<Proxy>, trust: &Trust) -> Self {
        let dialler = Dialler(Arc::new(Route { guard, proxy }));
        Self(Arc::new(Tls::new(&dialler, trust)))
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Wire>;
    type Error = SendError;
    type Future = Pending<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let tls = Arc::clone(&self.0);
        Box::pin(async move {
            timeout(READY_MAX, tls.connect(&uri)).await.unwrap_or(Err(SendError::Timeout))
        })
    }
}

/// Reaches hosts without encrypting what is said to them.
#[derive(Clone)]
struct Dialler(Arc<Route>);

struct Route {
    guard: Guard,
    proxy: Option<Proxy>,
}

impl Service<Uri> for Dialler {
    type Response = Wire;
    type Error = SendError;
    type Future = Pending<Wire>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let route = Arc::clone(&self.0);
        Box::pin(async move { route.dial(&uri).await })
    }
}

impl Route {
    async fn dial(&self, uri: &Uri) -> Result<Wire, SendError> {
        let addresses = self.guard.addresses(uri).await?;
        match &self.proxy {
            None => Ok(Wire::Http(TokioIo::new(connect_any(&addresses).await?))),
            Some(proxy) => {
                in_turn(&addresses, SendError::Proxy, |address| proxy.tunnel(address)).await
            }
        }
    }
}

/// A connection to the first address that answers.
pub(super) async fn connect_any(addresses: &[SocketAddr]) -> Result<TcpStream, SendError> {
    in_turn(addresses, SendError::Connect, |address| async move {
        let failed = |error| SendError::Connect(format!("{address}: {error}"));
        let stream = TcpStream::connect(address).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok(stream)
    })
    .await
}

/// Tries addresses until one answers. They share [`CONNECT_MAX`], so that a silent first one
/// leaves time for the others. Fails as the last one did.
async fn in_turn<T, F: Future<Output = Result<T, SendError>>>(
    addresses: &[SocketAddr],
    failure: fn(String) -> SendError,
    open: impl Fn(SocketAddr) -> F,
) -> Result<T, SendError> {
    let tried = &addresses[..addresses.len().min(ADDRESSES_TRIED_MAX)];
    let share = CONNECT_MAX / u32::try_from(tried.len().max(1)).unwrap_or(u32::MAX);
    let mut outcome = Err(failure("there is no address".to_owned()));
    for address in tried {
        outcome = match timeout(share, open(*address)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(failure(format!("{address}: no answer within {} ms", share.as_millis()))),
        };
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}
