//! Reading: a pool of connections, each used by one caller at a time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::driver::Connection;
use crate::error::StoreError;

/// Connections for reading; more would only wait for the same two cores.
const CONNECTIONS: usize = 4;

/// Connections that read, handed out one by one.
#[derive(Clone)]
pub struct ReadPool {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl ReadPool {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connections = (0..CONNECTIONS).map(|_| Connection::open_reader(path));
        let idle = connections.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            idle: Arc::new(Mutex::new(idle)),
            permits: Arc::new(Semaphore::new(CONNECTIONS)),
        })
    }

    /// Runs `work` on a thread that may block; everything it reads is of one moment.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Closing)?;
        let idle = Arc::clone(&self.idle);
        let task = tokio::task::spawn_blocking(move || {
            let held = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut db = held.ok_or(StoreError::Closing)?;
            let outcome = at_one_moment(&mut db, work);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
            drop(permit);
            outcome
        });
        task.await.unwrap_or(Err(StoreError::Closing))
    }
}

fn at_one_moment<T>(
    db: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    db.sqlite().prepare_cached("BEGIN")?.execute([])?;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(db)));
    db.rollback()?;
    outcome.unwrap_or_else(|_| Err(StoreError::NotCommitted("a defect; see the log".to_owned())))
}
