//! Which deployment is the n-th: the names that a run reports, without repeats.
//!
//! Applications take turns, and each goes through the environments in order, so neighbouring
//! deployments never share an application and connections do not meet in one cell. Versions and
//! invoke ids begin with the run's name, so that a second run against the same data is new too.

use std::time::UNIX_EPOCH;

use anyhow::ensure;

/// The first environments; further ones are numbered.
const ENVIRONMENTS: [&str; 5] = ["development", "testing", "staging", "preview", "production"];

/// A run's name is part of version names, of which Versioner's document allows 100 bytes.
const RUN_BYTES_MAX: usize = 60;

/// What the deployments of a run are spread over.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PlanArgs {
    /// Prefix of versions and invoke ids; must be new for each run against the same data.
    /// Made from the time unless given.
    #[arg(long)]
    run: Option<String>,
    /// An application gets a new version every so many deployments.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    versions_every: u64,
}

/// The names of a run.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    run: String,
    applications: Vec<String>,
    environments: Vec<String>,
    versions_every: u64,
    seed: u64,
}

/// The names of one deployment, ready to be put into a body.
pub(crate) struct Deployment<'plan> {
    pub(crate) application: &'plan str,
    pub(crate) environment: &'plan str,
    pub(crate) version: String,
    pub(crate) sha: String,
    pub(crate) invoke_id: String,
    pub(crate) n: String,
}

impl PlanArgs {
    /// Spreads the run over so many applications and environments.
    pub(crate) fn spread(&self, applications: u32, environments: u32) -> anyhow::Result<Plan> {
        let run = self.run.clone().unwrap_or_else(name_from_time);
        Plan::new(run, applications, environments, self.versions_every)
    }
}

impl Plan {
    /// Spreads the run of that name over so many applications and environments, with a new version
    /// of an application every so many deployments.
    pub(crate) fn new(
        run: String,
        applications: u32,
        environments: u32,
        versions_every: u64,
    ) -> anyhow::Result<Self> {
        ensure!(applications > 0 && environments > 0, "at least one application and environment");
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        ensure!(
            (1..=RUN_BYTES_MAX).contains(&run.len()) && run.bytes().all(is_plain),
            "run name `{run}` is not 1 to {RUN_BYTES_MAX} letters, digits, `-`, `_` or `.`"
        );
        Ok(Self {
            applications: (0..applications).map(|number| format!("app-{number:04}")).collect(),
            environments: (0..environments).map(environment_name).collect(),
            versions_every,
            seed: seed_of(&run),
            run,
        })
    }

    /// The same spread under the name of one round, so that rounds do not repeat each other.
    pub(crate) fn round(&self, number: u16) -> anyhow::Result<Self> {
        let run = format!("{}-{number}", self.run);
        let plan = self.clone();
        ensure!(run.len() <= RUN_BYTES_MAX, "run name `{run}` is over {RUN_BYTES_MAX} bytes");
        Ok(Self { seed: seed_of(&run), run, ..plan })
    }

    pub(crate) fn deployment(&self, n: u64) -> Deployment<'_> {
        let application = n % self.applications.len() as u64;
        let turn = n / self.applications.len() as u64;
        let environment = turn % self.environments.len() as u64;
        let version = turn / self.versions_every;
        Deployment {
            application: name_at(&self.applications, application),
            environment: name_at(&self.environments, environment),
            version: format!("{}.{version}", self.run),
            sha: sha_of(self.seed ^ (application << 40) ^ version),
            invoke_id: format!("{}-{n}", self.run),
            n: n.to_string(),
        }
    }

    /// The name of the run, which no other run has.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// Which deployment has that invoke id, if this run has one.
    pub(crate) fn number_of(&self, invoke_id: &str) -> Option<u64> {
        invoke_id.strip_prefix(&self.run)?.strip_prefix('-')?.parse().ok()
    }
}

fn name_at(names: &[String], index: u64) -> &str {
    &names[usize::try_from(index).expect("an index below a length fits")]
}

fn environment_name(number: u32) -> String {
    let known = usize::try_from(number).ok().and_then(|number| ENVIRONMENTS.get(number));
    known.map_or_else(|| format!("env-{number:03}"), |&name| name.to_owned())
}

/// A name that no earlier run had.
pub(crate) fn name_from_time() -> String {
    #[expect(clippy::disallowed_methods, reason = "a run needs a name that no earlier run had")]
    let now = std::time::SystemTime::now();
    let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("t{:x}", since_epoch.as_millis())
}

fn seed_of(run: &str) -> u64 {
    run.bytes().fold(0, |seed, byte| mixed(seed ^ u64::from(byte)))
}

/// A made-up commit: 40 hexadecimal digits, always the same for the same key.
fn sha_of(key: u64) -> String {
    let first = mixed(key);
    let second = mixed(first);
    let third = mixed(second) >> 32;
    format!("{first:016x}{second:016x}{third:08x}")
}

/// One step of splitmix64.
fn mixed(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    pub(crate) fn plan() -> Plan {
        Plan::new("r1".to_owned(), 200, 5, 10).unwrap()
    }

    #[test]
    fn every_pair_is_used_once_before_any_is_used_twice() {
        let plan = plan();
        let pair = |n| (plan.deployment(n).application, plan.deployment(n).environment);

        let pairs: HashSet<_> = (0..1_000).map(pair).collect();

        assert_eq!(pairs.len(), 1_000);
        assert_eq!(pair(1_000), pair(0));
    }

    #[test]
    fn an_application_gets_a_new_version_every_tenth_deployment() {
        let plan = plan();
        let mut uses = HashMap::new();
        for n in 0..20_000 {
            let deployment = plan.deployment(n);
            *uses.entry((deployment.application, deployment.version)).or_insert(0) += 1;
        }

        assert_eq!(uses.len(), 200 * 10);
        assert!(uses.values().all(|&count| count == 10));
    }

    #[test]
    fn a_version_has_one_sha_and_other_versions_have_others() {
        let plan = plan();
        let mut shas = HashMap::new();
        for n in 0..20_000 {
            let deployment = plan.deployment(n);
            assert_eq!(deployment.sha.len(), 40);
            let version = (deployment.application, deployment.version);
            let first = shas.entry(version).or_insert_with(|| deployment.sha.clone());
            assert_eq!(*first, deployment.sha);
        }
        assert_eq!(shas.values().collect::<HashSet<_>>().len(), shas.len());
    }

    #[test]
    fn two_rounds_share_no_version_and_no_invoke_id() {
        let (first, second) = (plan().round(1).unwrap(), plan().round(2).unwrap());
        let names = |plan: &Plan| {
            let deployments = (0..5_000).map(|n| plan.deployment(n));
            deployments.flat_map(|it| [it.version, it.invoke_id, it.sha]).collect::<HashSet<_>>()
        };

        assert!(names(&first).is_disjoint(&names(&second)));
    }

    #[test]
    fn an_invoke_id_tells_its_deployment() {
        let plan = plan();

        assert_eq!(plan.number_of(&plan.deployment(4_711).invoke_id), Some(4_711));
        assert_eq!(plan.number_of("r1-"), None);
        assert_eq!(plan.number_of("r12-3"), None);
        assert_eq!(plan.number_of("r2-3"), None);
    }

    #[test]
    fn a_run_name_that_would_break_the_json_is_refused() {
        assert!(Plan::new("a\"b".to_owned(), 1, 1, 1).is_err());
        assert!(Plan::new(String::new(), 1, 1, 1).is_err());
    }
}
