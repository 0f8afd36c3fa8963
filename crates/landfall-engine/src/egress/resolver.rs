//! Where the addresses of names come from.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use http::Uri;
use tokio::sync::Semaphore;

use super::error::SendError;

/// Names that are looked up at once. Each lookup holds a thread until the system's resolver
/// answers, which may be long after the request that wanted it has ended.
const LOOKUPS_MAX: usize = 64;

type LookUp = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// What names lead to: the operating system says it, or a test.
#[derive(Clone)]
pub struct Names(Arc<LookUp>);

impl Names {
    /// Looks names up in another way. The function may block; ports in what it finds are ignored.
    pub fn told_by(
        look_up: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(look_up))
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::told_by(|host| (host, 0).to_socket_addrs().map(Iterator::collect))
    }
}

/// Asks for addresses without blocking a thread of the runtime.
pub(super) struct Resolver {
    names: Names,
    slots: Arc<Semaphore>,
}

impl Resolver {
    pub(super) fn new(names: Names) -> Self {
        Self { names, slots: Arc::new(Semaphore::new(LOOKUPS_MAX)) }
    }

    /// Every address of a host, which may be an address itself. Never empty.
    pub(super) async fn resolve(&self, place: &Place<'_>) -> Result<Vec<SocketAddr>, SendError> {
        if let Some(address) = place.literal() {
            return Ok(vec![SocketAddr::new(address, place.port)]);
        }
        let unresolved = |why: &str| SendError::Resolve(format!("{}{why}", place.host));
        match self.look_up(place.host).await {
            Ok(addresses) if addresses.is_empty() => Err(unresolved(" has no address")),
            Ok(mut addresses) => {
                for address in &mut addresses {
                    address.set_port(place.port);
                }
                Ok(addresses)
            }
            Err(error) => Err(unresolved(&format!(": {error}"))),
        }
    }

    async fn look_up(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(io::Error::other)?;
        let (Names(look_up), host) = (self.names.clone(), host.to_owned());
        let lookup = tokio::task::spawn_blocking(move || {
            let _held_until_it_is_answered = slot;
            look_up(&host)
        });
        lookup.await.map_err(io::Error::other)?
    }
}

/// The host and port of a URL.
pub(super) struct Place<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
}

impl<'a> Place<'a> {
    /// What a URL names, with the port of its scheme when it gives none.
    pub(super) fn of(uri: &'a Uri) -> Self {
        let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        Self { host: uri.host().unwrap_or_default(), port: uri.port_u16().unwrap_or(default) }
    }

    fn literal(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}
