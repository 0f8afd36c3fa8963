//! Where the addresses of names come from.
//!
//! A lookup can't be told to stop, and may last long after the request that wanted it has ended. So
//! whoever wants the same name waits for the same lookup: a name that never resolves holds one
//! thread, however many deliveries ask for it, and leaves the others to other names.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex};

use http::Uri;
use tokio::sync::{Semaphore, watch};

use super::error::SendError;
use crate::lock::lock;

/// Names that are looked up at once. Each lookup holds a thread until the system's resolver answers.
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

/// What a lookup came to, for all who wait for it.
type Found = Result<Vec<SocketAddr>, String>;

/// Lookups under way, by name. Each is told once, and leaves the list before it is told.
type Pending = HashMap<String, watch::Receiver<Option<Found>>>;

/// Asks for addresses without blocking a thread of the runtime.
pub(super) struct Resolver {
    names: Names,
    slots: Arc<Semaphore>,
    pending: Arc<Mutex<Pending>>,
}

impl Resolver {
    pub(super) fn new(names: Names) -> Self {
        Self { names, slots: Arc::new(Semaphore::new(LOOKUPS_MAX)), pending: Arc::default() }
    }

    /// Whether a name is being looked up just now.
    pub(super) fn is_looking_up(&self, host: &str) -> bool {
        self.find_pending(host).is_some()
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

    async fn look_up(&self, host: &str) -> Found {
        let mut telling = match self.find_pending(host) {
            Some(telling) => telling,
            None => self.begin(host).await?,
        };
        let told = telling.wait_for(Option::is_some).await;
        let found = told.ok().and_then(|found| found.clone());
        found.unwrap_or_else(|| Err("the lookup broke".to_owned()))
    }

    /// Begins a lookup once there is a slot, unless somebody else has begun it meanwhile.
    async fn begin(&self, host: &str) -> Result<watch::Receiver<Option<Found>>, String> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| "no slots")?;
        let mut all = lock(&self.pending);
        if let Some(telling) = find_in(&all, host) {
            return Ok(telling);
        }
        let (tell, telling) = watch::channel(None);
        all.insert(host.to_owned(), telling.clone());
        drop(all);
        let (Names(look_up), pending) = (self.names.clone(), Arc::clone(&self.pending));
        let host = host.to_owned();
        // Nobody joins it, since it ends when the system likes; the slot is what bounds it.
        drop(tokio::task::spawn_blocking(move || {
            let _held_until_it_is_answered = slot;
            let found = look_up(&host).map_err(|error| error.to_string());
            lock(&pending).remove(&host);
            tell.send_replace(Some(found));
        }));
        Ok(telling)
    }

    fn find_pending(&self, host: &str) -> Option<watch::Receiver<Option<Found>>> {
        find_in(&lock(&self.pending), host)
    }
}

/// One that broke without telling is not found, so that the name is looked up anew.
fn find_in(pending: &Pending, host: &str) -> Option<watch::Receiver<Option<Found>>> {
    pending.get(host).filter(|telling| telling.has_changed().is_ok()).cloned()
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
