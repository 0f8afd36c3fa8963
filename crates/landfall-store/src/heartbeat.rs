//! The connection by which a node says that it is alive: one of its own, since nothing that takes
//! long may come before it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::driver::{Address, Connection, Purpose};
use crate::error::StoreError;

/// The way to say that this node is alive.
#[derive(Clone)]
pub struct Heartbeat {
    address: Arc<Address>,
    /// Opened when it is first used.
    connection: Arc<Mutex<Option<Connection>>>,
}

impl Heartbeat {
    pub(crate) fn new(address: Arc<Address>) -> Self {
        Self { address, connection: Arc::default() }
    }

    /// Runs a transaction on a thread that may block, after those before it.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Self { address, connection } = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let mut held = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let mut db = match held.take() {
                Some(db) => db,
                None => Connection::connect(&address, Purpose::Heartbeat)?,
            };
            let outcome = db.in_transaction(work);
            // One that is lost is let go of; the next transaction opens another.
            *held = Some(db).filter(|db| !db.is_lost());
            outcome
        });
        task.await.unwrap_or(Err(StoreError::Closing))
    }
}
