//! Reading: a pool of connections, each used by one caller at a time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::driver::{Address, Connection, Purpose};
use crate::error::StoreError;

/// Connections that read a file; more would only wait for the same two cores.
const FILE_CONNECTIONS: usize = 4;
/// Connections that read over a network, where each waits for answers most of the time.
const NETWORK_CONNECTIONS: usize = 8;

/// Connections that read, handed out one by one.
#[derive(Clone)]
pub struct ReadPool {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    /// Where further ones come from; none for a file, of which all are open.
    address: Option<Arc<Address>>,
}

impl ReadPool {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connections = (0..FILE_CONNECTIONS).map(|_| Connection::open_reader(path));
        let idle = connections.collect::<Result<Vec<_>, _>>()?;
        Ok(Self::of(idle, FILE_CONNECTIONS, None))
    }

    /// Connections that are opened when they are needed.
    pub(crate) fn connect(address: Arc<Address>) -> Self {
        Self::of(Vec::new(), NETWORK_CONNECTIONS, Some(address))
    }

    fn of(idle: Vec<Connection>, connections_max: usize, address: Option<Arc<Address>>) -> Self {
        let permits = Arc::new(Semaphore::new(connections_max));
        Self { idle: Arc::new(Mutex::new(idle)), permits, address }
    }

    /// Runs `work` on a thread that may block; everything it reads is of one moment.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Closing)?;
        let pool = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let mut db = pool.take()?;
            let outcome = at_one_moment(&mut db, work);
            // One that is lost is let go of; the next reader opens another.
            if !db.is_lost() {
                pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
            }
            drop(permit);
            outcome
        });
        task.await.unwrap_or(Err(StoreError::Closing))
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let held = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match (held, &self.address) {
            (Some(db), _) => Ok(db),
            (None, Some(address)) => Connection::connect(address, Purpose::Read),
            (None, None) => Err(StoreError::Closing),
        }
    }
}

fn at_one_moment<T>(
    db: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    db.begin_reading()?;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(db)));
    db.rollback()?;
    outcome.unwrap_or_else(|_| Err(StoreError::NotCommitted("a defect; see the log".to_owned())))
}
