//! What every command is handed: the variables, the output, and the clock.

use std::collections::BTreeMap;

use landfall_domain::time::Timestamp;
use landfall_engine::Ambient;

use super::environment::environment;
use super::output::Output;

/// The surroundings of one run of a command.
pub(crate) struct Session {
    /// The environment variables.
    pub variables: BTreeMap<String, String>,
    /// Where to print.
    pub output: Output,
    ambient: Ambient,
}

impl Session {
    /// The surroundings of this process.
    pub(crate) fn of_process() -> Self {
        let variables = environment();
        let output = Output::of_process(&variables);
        Self { variables, output, ambient: Ambient::system() }
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.ambient.now()
    }

    /// Bytes that nobody can guess.
    pub(crate) fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.ambient.fill(&mut bytes);
        bytes
    }

    /// A key that no other call has.
    pub(crate) fn idempotency_key(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.ambient.entropy()))
    }
}
