//! What a node takes and gives up, decided from what it sees. Pure.

use std::collections::BTreeSet;

use landfall_domain::id::NodeId;
use landfall_store::rows::lease::{Fence, Lease};

use super::lease::SLOTS;

/// Slots that a node has at most while so many are alive.
pub(super) fn share(nodes: usize) -> usize {
    usize::from(SLOTS).div_ceil(nodes.max(1))
}

/// The slots to take: those that are this node's without its knowledge, since it never heard how a
/// transaction ended, and then free ones up to its share.
pub(super) fn wanted(
    me: NodeId,
    held: &BTreeSet<Fence>,
    alive: &[NodeId],
    leases: &[Lease],
) -> Vec<Fence> {
    let is_mine = |lease: &&Lease| lease.node == Some(me);
    let is_free = |lease: &&Lease| !lease.node.is_some_and(|node| alive.contains(&node));
    let mine = leases.iter().filter(is_mine);
    let unknown = mine.clone().filter(|lease| !held.contains(&fence(lease)));
    let room = share(alive.len()).saturating_sub(mine.clone().count());
    let free = leases.iter().filter(is_free).take(room);
    unknown.chain(free).map(fence).collect()
}

/// The slots to give up, of those that are not being given up already.
pub(super) fn excess(held: &BTreeSet<Fence>, nodes: usize) -> Vec<u8> {
    held.iter().skip(share(nodes)).map(|fence| fence.slot).collect()
}

/// What a lease is known by.
pub(super) fn fence(lease: &Lease) -> Fence {
    Fence { slot: lease.slot, epoch: lease.epoch }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u128) -> NodeId {
        NodeId::from_uuid(uuid::Uuid::from_u128(number))
    }

    /// All slots, of which each of the nodes has some, in order; the rest is nobody's.
    fn leases(of: &[(u128, usize)]) -> Vec<Lease> {
        let owners = of.iter().flat_map(|(number, count)| vec![Some(node(*number)); *count]);
        let owners = owners.chain(std::iter::repeat(None));
        (0..SLOTS).zip(owners).map(|(slot, node)| Lease { slot, node, epoch: 1 }).collect()
    }

    fn held_by(number: u128, leases: &[Lease]) -> BTreeSet<Fence> {
        leases.iter().filter(|lease| lease.node == Some(node(number))).map(fence).collect()
    }

    #[test]
    fn a_node_alone_takes_everything() {
        let free = leases(&[]);
        assert_eq!(wanted(node(1), &BTreeSet::new(), &[node(1)], &free).len(), 64);
    }

    #[test]
    fn what_a_dead_node_had_is_free_and_what_a_living_one_has_is_not() {
        let leases = leases(&[(1, 22), (2, 22), (3, 20)]);
        let held = held_by(1, &leases);
        let alive = [node(1), node(2)];
        let taken = wanted(node(1), &held, &alive, &leases);
        assert_eq!(taken.len(), 32 - 22);
        assert!(taken.iter().all(|fence| fence.slot >= 44), "{taken:?}");
    }

    #[test]
    fn a_node_that_joins_takes_nothing_that_is_in_use_and_the_others_give_up_their_excess() {
        let leases = leases(&[(1, 32), (2, 32)]);
        let alive = [node(1), node(2), node(3)];
        assert!(wanted(node(3), &BTreeSet::new(), &alive, &leases).is_empty());
        assert_eq!(excess(&held_by(1, &leases), 3).len(), 10);
        assert!(wanted(node(1), &held_by(1, &leases), &alive, &leases).is_empty());
    }

    #[test]
    fn a_slot_that_a_node_has_without_its_knowledge_is_taken_anew() {
        let leases = leases(&[(1, 64)]);
        let mut held = held_by(1, &leases);
        let unknown = Fence { slot: 5, epoch: 1 };
        held.remove(&unknown);
        assert_eq!(wanted(node(1), &held, &[node(1)], &leases), [unknown]);
    }

    #[test]
    fn shares_hold_all_slots_whatever_the_number_of_nodes() {
        for nodes in 1..=100 {
            assert!(share(nodes) * nodes >= 64, "{nodes}");
            assert!(share(nodes) >= 1);
        }
    }
}
