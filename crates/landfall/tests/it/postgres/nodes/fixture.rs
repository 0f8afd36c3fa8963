//! Several servers in this process on one database, with the machine's clock.

use std::net::SocketAddr;

use landfall::server::{self, Bounds};
use landfall_api::Limits;
use landfall_domain::id::WebhookId;
use landfall_engine::egress::{Egress, EgressOptions};
use landfall_engine::seal::{MasterKey, Sealer};
use landfall_engine::tasks::Tasks;
use landfall_engine::{Ambient, Engine, Options, Outbound};
use landfall_store::Store;
use landfall_store::rows::{lease, node};
use serde_json::Value;

use crate::harness::{Client, Directory, PRESET_KEY, database_of, memory_directory, open_store};
use crate::webhooks::{Hook, hook, until};

/// A database, and its nodes by their names.
pub(super) struct Cluster {
    directory: Directory,
}

/// One of them.
pub(super) struct Node {
    pub(super) client: Client,
    pub(super) engine: Engine,
    name: &'static str,
    tasks: Tasks,
}

impl Cluster {
    pub(super) fn new() -> Self {
        Self { directory: memory_directory() }
    }

    /// Two nodes with half of the slots each, and the database that they are on.
    pub(super) async fn of_two() -> (Self, Node, Node) {
        let cluster = Self::new();
        let (a, b) = (cluster.start("a").await, cluster.start("b").await);
        a.holds(32).await;
        b.holds(32).await;
        (cluster, a, b)
    }

    pub(super) async fn start(&self, name: &'static str) -> Node {
        let options = Options { node_name: name.to_owned(), ..Options::default() };
        let engine = Engine::new(self.store(), Ambient::system(), options, outbound());
        engine.preset_admin_key(PRESET_KEY).await.unwrap();
        let router = landfall_api::router(engine.clone(), Limits::default());
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = server::Server::bind(anywhere, router, Bounds::default()).await.unwrap();
        let client = Client::new(&format!("http://{}", server.address().unwrap()), PRESET_KEY);
        let tasks = Tasks::default();
        tasks.spawn(server.serve(tasks.stopping()));
        engine.start_dispatch(&tasks).await.unwrap();
        Node { client, engine, name, tasks }
    }

    /// The way around all nodes.
    pub(super) fn store(&self) -> Store {
        open_store(self.directory.path())
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        database_of(self.directory.path()).expect("these are tests of PostgreSQL")
    }

    /// The name of the node that sends for a webhook; empty if none does.
    pub(super) async fn owner(&self, hook: &Hook) -> String {
        let store = self.store();
        let slot = slot(hook);
        let read = store.reader.read(move |db| Ok((lease::all(db)?, node::alive(db)?)));
        let (leases, alive) = read.await.unwrap();
        store.close();
        let owner = leases.iter().find(|lease| lease.slot == slot).and_then(|lease| lease.node);
        let owner = alive.into_iter().find(|node| Some(node.id) == owner);
        owner.map(|node| node.name).unwrap_or_default()
    }

    /// A webhook, made through one node, that another one sends for.
    pub(super) async fn hook_of(
        &self,
        owner: &Node,
        maker: &Node,
        url: &str,
        fields: Value,
    ) -> Hook {
        loop {
            let made = hook(&maker.client, url, fields.clone()).await;
            if self.owner(&made).await == owner.name {
                return made;
            }
            let gone = crate::harness::Call::new("DELETE", &made.path(""));
            assert_eq!(maker.client.send(gone).await.status, 204);
        }
    }
}

/// The slot of a webhook.
pub(super) fn slot(hook: &Hook) -> u8 {
    let id: WebhookId = hook.id.parse().unwrap();
    id.uuid().into_bytes()[15] % 64
}

/// Every node seals with the same key.
fn outbound() -> Outbound {
    let options =
        EgressOptions { allow: "127.0.0.0/8".parse().unwrap(), ..EgressOptions::default() };
    let sealer = Sealer::new(MasterKey::from_bytes([7; 32]), Vec::new());
    Outbound { egress: Egress::new(options).unwrap(), sealer }
}

impl Node {
    /// What is counted, of that name.
    pub(super) fn metric(&self, name: &str) -> u64 {
        metric(&self.engine.shown_metrics().unwrap(), name)
    }

    /// Waits until it has so many slots.
    pub(super) async fn holds(&self, slots: u64) {
        let what = format!("{} has {slots} slots", self.name);
        until(|| async { self.metric("landfall_slots_held") == slots }, &what).await;
    }

    /// Waits until it has lost so many slots, since it was started.
    pub(super) async fn loses(&self, slots: u64) {
        let what = format!("{} loses {slots} slots", self.name);
        until(|| async { self.metric("landfall_leases_lost_total") >= slots }, &what).await;
    }

    /// Ends in order.
    pub(super) async fn stop(self) {
        let Self { client, engine, tasks, .. } = self;
        drop(client);
        tasks.stop();
        tasks.join().await;
        engine.begin_close();
        engine.close();
    }
}

/// A metric's value in what a server shows; 0 if it is not there.
pub(super) fn metric(shown: &str, name: &str) -> u64 {
    let line = shown.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |value| value.parse().unwrap())
}
