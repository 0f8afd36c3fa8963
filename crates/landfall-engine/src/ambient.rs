//! Time and randomness: the two things that no decision makes for itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use landfall_domain::id::{Id, IdSource};
use landfall_domain::time::Timestamp;

/// Where time, ids and randomness come from.
#[derive(Clone, Debug)]
pub struct Ambient {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    micros: AtomicI64,
    entropy: AtomicU64,
}

impl Ambient {
    /// The machine's clock and randomness.
    pub const fn system() -> Self {
        Self { source: Source::System }
    }

    /// A clock that stands still until it is set, and randomness that repeats itself: for tests,
    /// and for writing a history that took place before.
    pub fn manual(start: Timestamp) -> Self {
        let micros = AtomicI64::new(start.as_micros());
        Self { source: Source::Manual(Arc::new(Manual { micros, entropy: AtomicU64::new(0) })) }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match &self.source {
            #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
            Source::System => Timestamp::from_micros(jiff::Timestamp::now().as_microsecond()),
            Source::Manual(manual) => Timestamp::from_micros(manual.micros.load(Ordering::SeqCst)),
        }
    }

    /// Sets a manual clock; the machine's clock stays as it is.
    pub fn set(&self, time: Timestamp) {
        if let Source::Manual(manual) = &self.source {
            manual.micros.store(time.as_micros(), Ordering::SeqCst);
        }
    }

    /// Fills bytes with randomness that nobody can guess, unless the source is a manual one.
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.source {
            Source::System => {
                getrandom::fill(bytes).expect("an operating system without randomness is no place");
            }
            Source::Manual(manual) => {
                for chunk in bytes.chunks_mut(8) {
                    let next = manual.entropy.fetch_add(1, Ordering::SeqCst);
                    let mixed = next.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                    chunk.copy_from_slice(&mixed.to_be_bytes()[..chunk.len()]);
                }
            }
        }
    }

    /// Randomness for the ids of one command.
    pub fn entropy(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes
    }

    /// A new id, sorted by `at`.
    pub fn id<K>(&self, at: Timestamp) -> Id<K> {
        IdSource::new(self.entropy()).next(at)
    }
}
