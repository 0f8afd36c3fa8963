//! Who lost a webhook sends nothing for it any more, and can't store anything.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::webhook::delivery::Progress;
use landfall_store::rows::lease::{self, Fence};
use landfall_store::rows::{node, webhook};
use landfall_store::{Connection, Store, StoreError};
use serde_json::json;
use tokio::sync::Semaphore;

use super::fixture::{Cluster, slot};
use crate::harness::receiver::{Receiver, Reply};
use crate::webhooks::{deploy, hook, runs, settled, tally, until};

/// Does to a node what others do to one whose time has passed.
pub(super) async fn bury(cluster: &Cluster, name: &'static str) {
    let store = cluster.store();
    write(&store, move |db| {
        let mut named = node::alive(db)?.into_iter().filter(|node| node.name == name);
        named.try_for_each(|node| node::leave(db, node.id))
    })
    .await;
    store.close();
}

async fn write(
    store: &Store,
    work: impl FnOnce(&mut Connection) -> Result<(), StoreError> + Send + 'static,
) {
    store.writer.run(Box::new(work)).await.unwrap();
}

async fn progress(store: &Store) -> Vec<(OrganizationId, WebhookId, Progress)> {
    store.reader.read(webhook::all_progress).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_a_webhook_can_not_move_its_cursor() {
    let cluster = Cluster::new();
    let a = cluster.start("a").await;
    let held = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&held);
    let receiver = Receiver::start(move |_| Reply::Hold(Arc::clone(&waiting)));
    let hook = hook(&a.client, &receiver.url(), json!({ "events": ["deployment.*"] })).await;
    deploy(&a.client, "checkout", 0).await;
    receiver.wait_for(1).await;
    // Somebody takes the slot, and the node does not hear of it: it can't renew its lease.
    let lock = Lock::on_nodes(&cluster);
    let store = cluster.store();
    let slot = slot(&hook);
    write(&store, move |db| {
        let taken = lease::all(db)?.into_iter().find(|lease| lease.slot == slot).unwrap();
        let other = landfall_engine::Ambient::system();
        let fence = Fence { slot, epoch: taken.epoch };
        lease::take(db, other.id(other.now()), &[fence])
    })
    .await;
    let before = progress(&store).await;
    assert_eq!(a.metric("landfall_slots_held"), 64, "it believes that it has everything");
    held.close();
    until(
        || async { a.metric("landfall_outcomes_fenced_total") == 1 },
        "what came of the attempt is not stored",
    )
    .await;
    assert_eq!(progress(&store).await, before);
    store.close();
    lock.release();
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_can_not_renew_its_leases_starts_no_attempt_until_it_can() {
    let cluster = Cluster::new();
    let a = cluster.start("a").await;
    let receiver = Receiver::ok();
    let hook = hook(&a.client, &receiver.url(), json!({ "events": ["deployment.*"] })).await;
    deploy(&a.client, "checkout", 0).await;
    receiver.wait_for(1).await;
    let lock = Lock::on_nodes(&cluster);
    a.holds(0).await;
    deploy(&a.client, "checkout", 1).await;
    let released_at = Instant::now();
    lock.release();
    let received = receiver.wait_for(2).await;
    assert!(received[1].at > released_at, "it was sent without a lease");
    assert_eq!(runs(&received), ["run-0", "run-1"]);
    // Nobody else was there to take anything, so nothing was lost.
    settled(&a.client, &hook).await;
    assert_eq!(a.metric("landfall_leases_lost_total"), 0);
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_way_where_a_webhook_was_lost_is_sent_again_by_who_took_it() {
    let (cluster, a, b) = Cluster::of_two().await;
    let held = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&held);
    let receiver = Receiver::start(move |_| Reply::Hold(Arc::clone(&waiting)));
    // What takes a second is tried again when its time is over, and five seconds later.
    let fields = json!({ "events": ["deployment.*"], "concurrency": 2, "timeout_ms": 4_000 });
    let hook = cluster.hook_of(&b, &a, &receiver.url(), fields).await;
    for run in 0..6 {
        deploy(&b.client, "checkout", run).await;
    }
    let under_way = runs(&receiver.wait_for(2).await);
    bury(&cluster, "b").await;
    b.loses(32).await;
    // Nobody knows how the attempts ended that were under way there.
    held.close();
    receiver.wait_until(|received| tally(received).len() == 6).await;
    settled(&a.client, &hook).await;
    settled(&b.client, &hook).await;
    let tally = tally(&receiver.requests());
    assert!(under_way.iter().all(|run| tally[run] > 1), "{under_way:?} of {tally:?}");
    b.stop().await;
    a.stop().await;
}

/// A session that keeps everybody from writing to the table of nodes, as long as it is held.
struct Lock {
    session: Child,
}

impl Lock {
    fn on_nodes(cluster: &Cluster) -> Self {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname"]);
        psql.arg(cluster.url()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut session = psql.spawn().unwrap();
        let stdin = session.stdin.as_mut().unwrap();
        writeln!(stdin, "BEGIN; LOCK TABLE nodes IN SHARE MODE;\n\\echo locked").unwrap();
        let mut said = String::new();
        BufReader::new(session.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "locked\n");
        Self { session }
    }

    fn release(mut self) {
        self.session.kill().unwrap();
        self.session.wait().unwrap();
    }
}
