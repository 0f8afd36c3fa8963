//! Resolves names, and lets through only addresses that may be connected to.
//!
//! The addresses that come out are the ones that are dialled, so a name can't lead somewhere else
//! between the check and the connection.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use http::Uri;
use tokio::sync::Semaphore;

use super::allow::Allow;
use super::error::SendError;

/// Names that are looked up at once. Each lookup holds a thread until the system's resolver
/// answers, which may be long after the request that wanted it has ended.
const LOOKUPS_MAX: usize = 64;

/// What a test says that names lead to.
#[cfg(test)]
pub(super) type Script = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

/// Where the addresses of names come from.
pub(super) enum Resolver {
    /// The operating system.
    System(Arc<Semaphore>),
    /// A test, which may answer differently each time.
    #[cfg(test)]
    Script(Box<Script>),
}

impl Resolver {
    pub(super) fn system() -> Self {
        Self::System(Arc::new(Semaphore::new(LOOKUPS_MAX)))
    }

    /// Every address of a host, which may be an address itself. Never empty.
    pub(super) async fn resolve(&self, place: &Place<'_>) -> Result<Vec<SocketAddr>, SendError> {
        if let Some(address) = place.literal() {
            return Ok(vec![SocketAddr::new(address, place.port)]);
        }
        let found = match self {
            Self::System(slots) => look_up(Arc::clone(slots), place).await,
            #[cfg(test)]
            Self::Script(answer) => {
                Ok(answer(place.host).into_iter().map(|ip| (ip, place.port).into()).collect())
            }
        };
        match found {
            Ok(addresses) if addresses.is_empty() => {
                Err(SendError::Resolve(format!("{} has no address", place.host)))
            }
            Ok(addresses) => Ok(addresses),
            Err(error) => Err(SendError::Resolve(format!("{}: {error}", place.host))),
        }
    }
}

async fn look_up(slots: Arc<Semaphore>, place: &Place<'_>) -> io::Result<Vec<SocketAddr>> {
    let slot = slots.acquire_owned().await.map_err(io::Error::other)?;
    let (host, port) = (place.host.to_owned(), place.port);
    let lookup = tokio::task::spawn_blocking(move || {
        let _held_until_the_system_answers = slot;
        (host.as_str(), port).to_socket_addrs().map(Iterator::collect)
    });
    lookup.await.map_err(io::Error::other)?
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

/// The operator's rules together with the resolver they are applied to.
pub(super) struct Guard {
    pub(super) allow: Arc<Allow>,
    pub(super) resolver: Arc<Resolver>,
}

impl Guard {
    /// The addresses that may be dialled for a URL. One forbidden address refuses them all, since
    /// a name that leads inside as well is not an accident.
    pub(super) async fn addresses(&self, uri: &Uri) -> Result<Vec<SocketAddr>, SendError> {
        let place = Place::of(uri);
        let mut addresses = self.resolver.resolve(&place).await?;
        for address in &mut addresses {
            // Made anew, without the scope of an IPv6 address, and IPv4 as IPv4.
            *address = SocketAddr::new(address.ip().to_canonical(), place.port);
        }
        if self.allow.admits_authority(place.host, place.port) {
            return Ok(addresses);
        }
        match addresses.iter().find(|address| !self.allow.admits(address.ip())) {
            None => Ok(addresses),
            Some(refused) => {
                let host = place.host.to_owned();
                Err(SendError::Forbidden { host, address: refused.ip() })
            }
        }
    }
}
