//! Lets through only addresses that may be connected to.
//!
//! The addresses that come out are the ones that are dialled, so a name can't lead somewhere else
//! between the check and the connection.

use std::net::SocketAddr;
use std::sync::Arc;

use http::Uri;

use super::allow::Allow;
use super::error::SendError;
use super::resolver::{Place, Resolver};

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
