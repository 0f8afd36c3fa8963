//! Putting several things on their way in a known order, before the first of them is served.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::task::Poll;

use landfall_store::Writer;

pub(crate) type Waiting<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Polls each once, in order; what a future does before it waits is done then.
pub(crate) async fn poll_once<T>(futures: &mut [Waiting<'_, T>]) {
    std::future::poll_fn(|context| {
        for future in futures.iter_mut() {
            assert!(future.as_mut().poll(context).is_pending(), "nothing was to end yet");
        }
        Poll::Ready(())
    })
    .await;
}

/// Runs a test on a runtime with one thread for work that blocks, so that reads take their turns.
pub(crate) fn with_reads_in_turn(test: impl Future<Output = ()>) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(1).build().unwrap().block_on(test);
}

/// Has a future read from the store, and not hear of it yet. Reads have to take their turns.
pub(crate) async fn poll_until_read<T>(future: &mut Waiting<'_, T>) {
    let (release, released) = channel();
    let held = tokio::task::spawn_blocking(move || released.recv().unwrap());
    poll_once(std::slice::from_mut(future)).await;
    release.send(()).unwrap();
    held.await.unwrap();
    // Its turn comes after that of the read.
    tokio::task::spawn_blocking(|| {}).await.unwrap();
}

/// Awaits all, in order.
pub(crate) async fn wait_for_all<T>(futures: Vec<Waiting<'_, T>>) -> Vec<T> {
    let mut ended = Vec::with_capacity(futures.len());
    for future in futures {
        ended.push(future.await);
    }
    ended
}

/// The store's writer, held up while work queues up behind it.
pub(crate) struct Queued {
    release: Sender<()>,
}

impl Queued {
    /// Returns once the writer is at work on a job that ends when it is released.
    pub(crate) async fn behind(writer: &Writer) -> (Self, Waiting<'static, ()>) {
        let (release, released) = channel();
        let (begin, begun) = tokio::sync::oneshot::channel();
        let writer = writer.clone();
        let mut job: Waiting<'static, ()> = Box::pin(async move {
            let hold_up = Box::new(move |_: &mut landfall_store::Connection| {
                begin.send(()).unwrap();
                released.recv().unwrap();
                Ok(())
            });
            writer.run(hold_up).await.unwrap();
        });
        poll_once(std::slice::from_mut(&mut job)).await;
        begun.await.unwrap();
        (Self { release }, job)
    }

    pub(crate) fn release(self) {
        self.release.send(()).unwrap();
    }
}
