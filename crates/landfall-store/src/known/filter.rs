//! A few bits of every identity.

use std::sync::atomic::{AtomicU64, Ordering};

use landfall_domain::identity::Identity;

/// Room for so many identities at least, in bytes.
const BYTES_MIN: u64 = 512 << 10;
/// With more history than this has room for, more and more identities are looked for in vain.
const BYTES_MAX: u64 = 64 << 20;
/// With two bytes for each identity one look of 50 is in vain. A run has one event and more, mostly two, and
/// logs grow.
const BYTES_PER_EVENT: u64 = 2;

/// A Bloom filter: every identity sets four bits of one word.
pub(crate) struct Filter {
    words: Box<[AtomicU64]>,
}

impl Filter {
    /// For logs of so many events.
    pub(super) fn for_events(events: u64) -> Self {
        Self::of_bytes(events.saturating_mul(BYTES_PER_EVENT).clamp(BYTES_MIN, BYTES_MAX))
    }

    fn of_bytes(bytes: u64) -> Self {
        Self { words: (0..bytes / 8).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Whether that identity may have been noted.
    pub(crate) fn may_hold(&self, identity: Identity) -> bool {
        let (word, bits) = self.place(identity);
        word.load(Ordering::Relaxed) & bits == bits
    }

    pub(super) fn note(&self, identity: Identity) {
        let (word, bits) = self.place(identity);
        word.fetch_or(bits, Ordering::Relaxed);
    }

    /// Identities are hashes, so any of their bits will do.
    fn place(&self, identity: Identity) -> (&AtomicU64, u64) {
        let [a, b, c, d, which @ .., _, _, _, _, _, _, _, _] = *identity.as_bytes();
        let word = u32::from_le_bytes([a, b, c, d]) as usize % self.words.len();
        let bits = which.iter().fold(0, |bits, bit| bits | 1 << (bit % 64));
        (&self.words[word], bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::tests::identity;

    #[test]
    fn what_was_noted_is_never_taken_for_new_and_what_was_not_mostly_is() {
        let noted = 1_000;
        let filter = Filter::of_bytes(2 * noted);
        (0..noted).for_each(|number| filter.note(identity(number)));
        assert!((0..noted).all(|number| filter.may_hold(identity(number))));
        let in_vain = (noted..2 * noted).filter(|number| filter.may_hold(identity(*number)));
        let in_vain = in_vain.count();
        assert!(in_vain < 50, "{in_vain} of 1,000");
    }
}
