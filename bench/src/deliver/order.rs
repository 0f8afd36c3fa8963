//! The order in which events of the log reached a webhook, and how far they overtook each other.

/// The events that arrived, by their numbers in the log.
#[derive(Clone, Default)]
pub(super) struct Order {
    sequences: Vec<u64>,
}

impl Order {
    /// The next one that arrived.
    pub(super) fn note(&mut self, sequence: u64) {
        self.sequences.push(sequence);
    }

    /// The most places by which an event arrived before another that it follows in the log. Places
    /// count only what arrived, since the log holds what no webhook wanted too.
    pub(super) fn places_overtaken_max(&self) -> usize {
        let mut log = self.sequences.clone();
        log.sort_unstable();
        let places = self.sequences.iter().map(|sequence| log.partition_point(|it| it < sequence));
        let mut farthest = 0;
        let overtaken = places.map(|place| {
            farthest = farthest.max(place);
            farthest - place
        });
        overtaken.max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overtaken(sequences: &[u64]) -> usize {
        Order { sequences: sequences.to_vec() }.places_overtaken_max()
    }

    #[test]
    fn what_comes_late_was_overtaken_by_the_last_that_came_before() {
        assert_eq!(overtaken(&[]), 0);
        assert_eq!(overtaken(&[3, 5, 9]), 0);
        assert_eq!(overtaken(&[5, 3, 9]), 1);
        assert_eq!(overtaken(&[10, 30, 40, 20, 50]), 2);
        assert_eq!(overtaken(&[20, 30, 40, 50, 10]), 4);
    }
}
