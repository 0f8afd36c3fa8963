//! A connection's own runtime: it runs only while something is sent or awaited, on the thread that asks.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::error::StoreError;

/// A runtime that may be let go of on any thread.
pub(super) struct Own(Option<Runtime>);

impl Own {
    pub(super) fn new() -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let failed = |source| StoreError::File { path: "database connection".to_owned(), source };
        runtime.map(|runtime| Self(Some(runtime))).map_err(failed)
    }

    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.as_ref().expect("it is taken only when dropped").block_on(work)
    }

    /// Has what came in since the last use heard, such as the end of the connection.
    pub(super) fn catch_up(&self) {
        self.wait(async {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        });
    }

    /// Begins something, does something else, and then waits for the first; None if that takes too long.
    pub(super) fn wait_beside<T>(
        &self,
        work: impl Future<Output = T>,
        meanwhile: impl FnOnce(),
        time_max: Duration,
    ) -> Option<T> {
        let mut work = pin!(work);
        let early = self.wait(begin(work.as_mut()));
        meanwhile();
        if early.is_some() {
            return early;
        }
        self.wait(async { tokio::time::timeout(time_max, work).await.ok() })
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Begins something, and lets the connection send what it has to say, as far as the line takes it at once.
/// Gives what came of it if that is known already.
async fn begin<T>(mut work: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    let early = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
    tokio::task::yield_now().await;
    if let Poll::Ready(known) = early { Some(known) } else { None }
}
