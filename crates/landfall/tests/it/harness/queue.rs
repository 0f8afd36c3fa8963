//! Putting several things on their way in a known order, before the first of them is served.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::task::Poll;

use landfall_store::{Connection, Job, StoreError, Writer};

use super::is_postgres;

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
    /// Returns once the writer is at work on a job that ends when it is released, so that reports
    /// gather behind it.
    pub(crate) async fn behind(writer: &Writer) -> (Self, Waiting<'static, ()>) {
        let writer = writer.clone();
        Self::hold_up(|job| Box::pin(async move { writer.run_between_groups(job).await })).await
    }

    /// The same of the thread that does jobs; on SQLite it is the one that stores, and decisions go on.
    pub(crate) async fn behind_jobs(writer: &Writer) -> (Self, Waiting<'static, ()>) {
        let writer = writer.clone();
        Self::hold_up(|job| Box::pin(async move { writer.run(job).await })).await
    }

    async fn hold_up(
        run: impl FnOnce(Job) -> Waiting<'static, Result<(), StoreError>>,
    ) -> (Self, Waiting<'static, ()>) {
        let (release, released) = channel();
        let (begin, begun) = tokio::sync::oneshot::channel();
        let running = run(Box::new(move |_: &mut Connection| {
            begin.send(()).unwrap();
            released.recv().unwrap();
            Ok(())
        }));
        let mut job: Waiting<'static, ()> = Box::pin(async move { running.await.unwrap() });
        poll_once(std::slice::from_mut(&mut job)).await;
        begun.await.unwrap();
        (Self { release }, job)
    }

    pub(crate) fn release(self) {
        self.release.send(()).unwrap();
    }
}

/// As many jobs as a queue of the store holds.
const QUEUE_MAX: usize = 4_096;

/// The store's writer, held up and with so much waiting behind it that nothing more is taken.
pub(crate) struct Full {
    held: Vec<Queued>,
    jobs: Vec<Waiting<'static, ()>>,
    waiting: Vec<Waiting<'static, Result<(), StoreError>>>,
}

impl Full {
    /// Returns once every queue is full; on PostgreSQL jobs have one of their own.
    pub(crate) async fn behind(writer: &Writer) -> Self {
        let mut full = Self { held: Vec::new(), jobs: Vec::new(), waiting: Vec::new() };
        let (held, job) = Queued::behind(writer).await;
        full.hold(held, job);
        full.fill(writer, |writer| {
            Box::pin(async move { writer.run_between_groups(Box::new(|_| Ok(()))).await })
        })
        .await;
        if is_postgres() {
            let (held, job) = Queued::behind_jobs(writer).await;
            full.hold(held, job);
            full.fill(writer, |writer| {
                Box::pin(async move { writer.run(Box::new(|_| Ok(()))).await })
            })
            .await;
        }
        full
    }

    fn hold(&mut self, held: Queued, job: Waiting<'static, ()>) {
        self.held.push(held);
        self.jobs.push(job);
    }

    async fn fill(
        &mut self,
        writer: &Writer,
        nothing: impl Fn(Writer) -> Waiting<'static, Result<(), StoreError>>,
    ) {
        let mut jobs: Vec<_> = (0..QUEUE_MAX).map(|_| nothing(writer.clone())).collect();
        poll_once(&mut jobs).await;
        self.waiting.extend(jobs);
    }

    /// Lets all of it be done, and returns when it is.
    pub(crate) async fn release(self) {
        self.held.into_iter().for_each(Queued::release);
        wait_for_all(self.jobs).await;
        let ended = wait_for_all(self.waiting).await;
        assert!(ended.iter().all(Result::is_ok));
    }
}
