//! Chance that repeats itself: the same seed gives the same story.

use landfall_domain::sha::CommitSha;

/// A xorshift generator; good enough for a story, for nothing else.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice that always fall the same way for one seed.
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            dice.roll();
        }
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + (self.roll() >> 11) % (high - low + 1)
    }

    /// Whether something happens that happens so often in a thousand.
    pub(super) fn per_mille(&mut self, often: u64) -> bool {
        self.between(0, 999) < often
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        let index = self.between(0, several.len() as u64 - 1);
        &several[usize::try_from(index).expect("an index fits")]
    }

    /// A commit's name.
    pub(super) fn sha(&mut self) -> CommitSha {
        let text = format!("{:016x}{:016x}{:08x}", self.roll(), self.roll(), self.roll() >> 32);
        CommitSha::parse(&text).expect("40 hexadecimal digits name a commit")
    }
}
