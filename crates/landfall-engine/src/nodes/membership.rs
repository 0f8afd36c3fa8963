//! A node among others: every two seconds it says that it is alive, and looks who has what.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use landfall_domain::id::NodeId;
use landfall_domain::time::Timestamp;
use landfall_store::StoreError;
use landfall_store::rows::lease::{self, Fence, Lease as Row};
use landfall_store::rows::node::{self, Node};
use tokio_util::sync::CancellationToken;

use super::lease::SLOTS;
use super::share::{excess, fence, wanted};
use super::{LEASE, LOOK_AGAIN_AFTER, LOOK_EVERY, MARGIN, Nodes, lock};
use crate::ambient::Ambient;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::tasks::Tasks;

/// What a node sees when it looks.
struct Seen {
    alive: Vec<Node>,
    leases: Vec<Row>,
}

impl Engine {
    /// Joins the nodes on this database, and works among them until `recorded` ends: until then the
    /// leases are kept, also while lanes are ending. Returns when what is free is this node's.
    pub(crate) async fn join_nodes(
        &self,
        nodes: &Arc<Nodes>,
        tasks: &Tasks,
        recorded: CancellationToken,
    ) -> Result<(), EngineError> {
        self.read_changes().await?;
        let gained = self.look(nodes).await?;
        let (engine, looking, ended) = (self.clone(), Arc::clone(nodes), recorded.clone());
        tasks.spawn(async move {
            ended.run_until_cancelled(engine.keep_looking(&looking)).await;
            looking.leave().await;
        });
        self.follow_changes(tasks, recorded);
        self.start_gained(nodes, gained).await;
        Ok(())
    }

    async fn keep_looking(&self, nodes: &Arc<Nodes>) {
        let mut pause = LOOK_EVERY;
        loop {
            // An error means that nobody hurries.
            drop(tokio::time::timeout(pause, nodes.look_soon.notified()).await);
            pause = match self.look(nodes).await {
                Ok(gained) => {
                    self.spawn_gained(nodes, gained);
                    LOOK_EVERY
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "this node can't renew its leases; will try again");
                    LOOK_AGAIN_AFTER
                }
            };
        }
    }

    /// Says that this node lives, and sees to it that it has its share; gives the slots that it gained.
    async fn look(&self, nodes: &Arc<Nodes>) -> Result<BTreeSet<u8>, StoreError> {
        let begun = Instant::now();
        let (me, now) = match nodes.renew().await? {
            Some(renewed) => renewed,
            None => nodes.join(self.new_node()).await?,
        };
        // The row was there a moment ago, so nobody took anything; that is true until its time passes.
        nodes.leases.extend(begun, LEASE.checked_sub(MARGIN).unwrap_or_default());
        let drained = lock(&nodes.drained).clone();
        let Some(seen) = nodes.see(me, now, drained.clone()).await? else {
            nodes.lose_all();
            return Ok(BTreeSet::new());
        };
        nodes.forget_drained(&drained);
        let gained = nodes.take_in(me, &seen);
        self.give_up_excess(nodes, seen.alive.len());
        nodes.show(me, &seen);
        Ok(gained)
    }

    fn new_node(&self) -> Node {
        // No two nodes may have the same, so it is random also where tests replace what is.
        let ambient = Ambient::system();
        let id = ambient.id(ambient.now());
        Node { id, name: self.options().node_name.clone() }
    }

    /// Ends the lanes of slots above this node's share, in order, and gives the slots back then.
    fn give_up_excess(&self, nodes: &Arc<Nodes>, alive: usize) {
        let leases = nodes.leases.all();
        if nodes.leases.is_stopping() {
            return;
        }
        let staying = leases.values().filter(|lease| !lease.leaving().is_cancelled());
        let staying: BTreeSet<Fence> = staying.filter_map(|lease| lease.fence()).collect();
        let context = Arc::clone(&self.shared.dispatcher.context);
        for lease in excess(&staying, alive).iter().filter_map(|slot| leases.get(slot)) {
            lease.leaving().cancel();
            lease.tasks.close();
            let (nodes, lease, context) =
                (Arc::clone(nodes), Arc::clone(lease), Arc::clone(&context));
            let tracker = context.tracker.clone();
            drop(tracker.spawn(async move {
                lease.tasks.wait().await;
                context.flush().await;
                lock(&nodes.drained).extend(lease.fence());
                nodes.look_soon.notify_one();
            }));
        }
    }
}

impl Nodes {
    /// Lives on, unless this node never joined or was thought dead; gives the database's time.
    async fn renew(&self) -> Result<Option<(NodeId, Timestamp)>, StoreError> {
        let Some(id) = self.id() else { return Ok(None) };
        let renewed = self.heartbeat.run(move |db| node::renew(db, id, LEASE)).await?;
        if renewed.is_none() {
            self.lose_all();
        }
        Ok(renewed.map(|now| (id, now)))
    }

    /// Begins a new life, in which this node has nothing yet.
    async fn join(&self, me: Node) -> Result<(NodeId, Timestamp), StoreError> {
        let (id, joining) = (me.id, me.clone());
        let read = *self.changes_read.lock().await;
        let version = env!("CARGO_PKG_VERSION");
        let join = self.heartbeat.run(move |db| {
            lease::make(db, SLOTS)?;
            node::join(db, &joining, version, (LEASE, read))
        });
        let now = join.await?;
        tracing::info!(node.id = %id, node = me.name, "joined the nodes on this database");
        *lock(&self.me) = Some(me);
        Ok((id, now))
    }

    /// Looks who lives and who has what, after giving back and taking; `None` if this node is dead.
    async fn see(
        &self,
        me: NodeId,
        now: Timestamp,
        drained: Vec<Fence>,
    ) -> Result<Option<Seen>, StoreError> {
        let held = self.fences();
        let takes = !self.leases.is_stopping();
        let see = self.heartbeat.run(move |db| {
            // The leases first: whoever has one by then had joined, so it is found alive or has died.
            lease::give_back(db, &drained)?;
            let mut leases = lease::all(db)?;
            let alive = node::bury(db, now)?;
            let ids: Vec<NodeId> = alive.iter().map(|node| node.id).collect();
            if !ids.contains(&me) {
                return Ok(None);
            }
            let wanted = wanted(me, &held, &ids, &leases);
            if takes && !wanted.is_empty() {
                lease::take(db, me, &wanted)?;
                leases = lease::all(db)?;
            }
            Ok(Some(Seen { alive, leases }))
        });
        see.await
    }

    fn fences(&self) -> BTreeSet<Fence> {
        self.leases.all().values().filter_map(|lease| lease.fence()).collect()
    }

    /// What was given back is not had any more.
    fn forget_drained(&self, given_back: &[Fence]) {
        for fence in given_back {
            self.leases.end(*fence);
        }
        lock(&self.drained).retain(|fence| !given_back.contains(fence));
    }

    /// Ends leases that the database gave to others, and begins those that it gave to this node.
    fn take_in(&self, me: NodeId, seen: &Seen) -> BTreeSet<u8> {
        let mine = seen.leases.iter().filter(|lease| lease.node == Some(me));
        let mine: BTreeSet<Fence> = mine.map(fence).collect();
        let held = self.fences();
        self.lose(held.difference(&mine));
        let gained = mine.difference(&held);
        let gained = gained.inspect(|fence| self.leases.grant(**fence)).map(|fence| fence.slot);
        gained.collect()
    }

    fn lose<'a>(&self, fences: impl Iterator<Item = &'a Fence>) {
        let mut slots = 0;
        for fence in fences {
            self.leases.end(*fence);
            slots += 1;
        }
        if slots > 0 {
            tracing::warn!(slots, "webhooks of this node are other nodes' now");
            self.metrics.lost.inc_by(slots);
        }
    }

    /// This node was thought dead; it has nothing any more, and goes on under another name.
    fn lose_all(&self) {
        self.lose(self.fences().iter());
        *lock(&self.me) = None;
        lock(&self.drained).clear();
    }

    fn show(&self, me: NodeId, seen: &Seen) {
        self.metrics.alive.set(i64::try_from(seen.alive.len()).unwrap_or(i64::MAX));
        let others = seen.alive.iter().filter(|node| node.id != me);
        let others = others.map(|node| (node.id, node.name.clone())).collect();
        let before = std::mem::replace(&mut *lock(&self.others), others);
        let others = lock(&self.others);
        for (id, node) in before.iter().filter(|(id, _)| !others.contains_key(id)) {
            tracing::warn!(node.id = %id, node, "a node is gone; the others share its webhooks");
        }
        for (id, node) in others.iter().filter(|(id, _)| !before.contains_key(id)) {
            tracing::info!(node.id = %id, node, "there is another node on this database");
        }
    }

    /// Brings the metrics of what is now up to date: slots whose lease was not confirmed in time are not
    /// had.
    pub(crate) fn show_metrics(&self) {
        let held = self.leases.all().into_values().filter(|lease| lease.is_valid()).count();
        self.metrics.held.set(i64::try_from(held).unwrap_or(i64::MAX));
    }

    /// Leaves in order: what this node had is free at once.
    async fn leave(&self) {
        let Some(Node { id, .. }) = lock(&self.me).take() else { return };
        if let Err(error) = self.heartbeat.run(move |db| node::leave(db, id)).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "can't say that this node leaves; others find out by themselves");
        }
    }
}
