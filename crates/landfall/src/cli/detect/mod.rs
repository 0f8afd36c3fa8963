//! What `landfall report` can find out by itself: from the CI system's environment, and from git.
//!
//! One table per system says which variable gives which field, so that a new system is one small
//! file. [`detect`] is pure; [`read_git`] is the only thing here that touches the machine.
//!
//! Nothing secret is kept: only the variables named in the tables are read, and credentials are
//! cut out of every address.

mod azure_devops;
mod bitbucket;
mod buildkite;
mod circleci;
mod drone;
mod git;
mod github;
mod gitlab;
mod jenkins;
mod readings;
mod remote;
mod system;
mod teamcity;
#[cfg(test)]
mod testing;
mod travis;
mod woodpecker;

use std::collections::BTreeMap;

pub(crate) use self::git::{GitFacts, read_git};
use self::system::{System, Variables};

/// In order of trust, since a runner may inherit the variables of another system around it.
///
/// Woodpecker comes before Drone, whose variables its older servers set too. Jenkins comes last:
/// its variables have the most general names.
static SYSTEMS: [System; 11] = [
    github::SYSTEM,
    gitlab::SYSTEM,
    circleci::SYSTEM,
    buildkite::SYSTEM,
    bitbucket::SYSTEM,
    azure_devops::SYSTEM,
    travis::SYSTEM,
    woodpecker::SYSTEM,
    drone::SYSTEM,
    teamcity::SYSTEM,
    jenkins::SYSTEM,
];

/// Short enough to read, long enough that no two commits of a repository share it.
const SHORT_SHA_CHARS: usize = 12;

/// A value and where it was found, e.g. `GITHUB_SHA`, `git rev-parse HEAD`, `origin remote`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub value: String,
    pub origin: String,
}

impl Found {
    fn new(value: &str, origin: &str) -> Self {
        Self { value: value.to_owned(), origin: origin.to_owned() }
    }
}

/// What a CI system's environment and the checkout tell about the run; every field is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Detected {
    /// The report's `source_system`: a CI system's name, or `git` for a plain checkout.
    pub system: Option<&'static str>,
    /// The repository's short name.
    pub application: Option<Found>,
    /// The tag of the run, else the tag of the commit, else the commit's first 12 digits.
    pub version: Option<Found>,
    pub commit_sha: Option<Found>,
    pub branch: Option<Found>,
    /// `owner/repo`, with all groups between them where a host nests them.
    pub repository: Option<Found>,
    pub build_number: Option<Found>,
    /// The run's id, which stays the same over re-runs where the CI system says so.
    pub invoke_id: Option<Found>,
    pub run_url: Option<Found>,
    pub actor: Option<Found>,
    pub actor_email: Option<Found>,
    pub actor_name: Option<Found>,
    pub metadata: BTreeMap<String, String>,
}

/// What somebody said, from which other values follow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub commit_sha: Option<Found>,
    pub repository: Option<Found>,
}

/// Reads the environment of the CI system that it names, and fills the gaps from git.
///
/// What was told stands, and what follows from it follows: a version from a commit, an application
/// from a repository.
pub(crate) fn detect(
    environment: &BTreeMap<String, String>,
    git: &GitFacts,
    told: Told,
) -> Detected {
    let variables = Variables(environment);
    let mut detected = match system_of(variables) {
        Some(system) => system.read(variables),
        None if git.head.is_some() => git::plain(variables, git),
        None => Detected::default(),
    };
    detected.commit_sha = told.commit_sha.or(detected.commit_sha);
    detected.repository = told.repository.or(detected.repository);
    git::complete(&mut detected, git);
    name_application_and_version(&mut detected);
    detected
}

/// A value that a report can't do without, and that may be found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    Application,
    Version,
}

/// Where [`detect`] looks for a value in this environment, besides git.
pub(crate) fn looked_at(
    environment: &BTreeMap<String, String>,
    wanted: Wanted,
) -> Vec<&'static str> {
    let Some(system) = system_of(Variables(environment)) else { return Vec::new() };
    match wanted {
        Wanted::Application => system::variables(system.repository),
        Wanted::Version => system::variables(&[system.tag, system.commit_sha].concat()),
    }
}

fn system_of(variables: Variables<'_>) -> Option<&'static System> {
    SYSTEMS.iter().find(|system| system.runs_in(variables))
}

/// Both may follow from what was found: a short name from a long one, a version from a commit.
fn name_application_and_version(detected: &mut Detected) {
    detected.application = detected.repository.as_ref().and_then(|repository| {
        let mut names = repository.value.rsplit('/').map(str::trim);
        Some(Found::new(names.find(|name| !name.is_empty())?, &repository.origin))
    });
    if let (None, Some(commit)) = (&detected.version, &detected.commit_sha) {
        let short = commit.value.get(..SHORT_SHA_CHARS).unwrap_or(&commit.value);
        detected.version = Some(Found::new(short, &format!("short form of {}", commit.origin)));
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{check, check_with_git, environment, github_push, jenkins_freestyle};
    use super::{Detected, Found, GitFacts, SYSTEMS, Told, Wanted, detect, looked_at};

    #[test]
    fn outside_of_ci_and_git_nothing_is_made_up() {
        let shell = environment("USER=ada\nHOME=/home/ada\nCI=true\nBUILD_NUMBER=7");

        assert_eq!(detect(&shell, &GitFacts::default(), Told::default()), Detected::default());
    }

    #[test]
    fn a_variable_that_is_set_to_nothing_counts_as_absent() {
        check("GITHUB_ACTIONS=\nTRAVIS= \nGITLAB_CI=", "");
    }

    #[test]
    fn values_lose_the_white_space_around_them() {
        check(
            "GITHUB_ACTIONS=true\nGITHUB_REPOSITORY=  acme/shop \nGITHUB_ACTOR=\t",
            "system: github
             application: shop (GITHUB_REPOSITORY)
             repository: acme/shop (GITHUB_REPOSITORY)",
        );
    }

    #[test]
    fn what_is_read_from_a_variable_as_nothing_counts_as_absent() {
        check("GITHUB_ACTIONS=true\nGITHUB_REF=refs/heads/", "system: github");
        check("GITHUB_ACTIONS=true\nGITHUB_REF=refs/tags/", "system: github");
    }

    #[test]
    fn a_slash_at_the_end_of_a_repository_ends_no_name() {
        check(
            "DRONE=true\nDRONE_REPO=acme/shop/",
            "system: drone
             application: shop (DRONE_REPO)
             repository: acme/shop/ (DRONE_REPO)",
        );
    }

    #[test]
    fn of_two_nested_systems_the_surer_one_counts_alone() {
        let both = format!("{}\n{}", jenkins_freestyle(), github_push());

        let nested = detect(&environment(&both), &GitFacts::default(), Told::default());

        let github = environment(github_push());
        assert_eq!(nested, detect(&github, &GitFacts::default(), Told::default()));
    }

    #[test]
    fn git_fills_the_gaps_that_the_ci_system_leaves() {
        check_with_git(
            "TEAMCITY_VERSION=2025.07 (build 197242)\nBUILD_NUMBER=61",
            &GitFacts {
                head: Some("83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d".to_owned()),
                exact_tag: Some("v2.1.0".to_owned()),
                branch: Some("main".to_owned()),
                origin_url: Some("https://bot:hunter2@git.acme.example/acme/shop.git".to_owned()),
                ..GitFacts::default()
            },
            "system: teamcity
             application: shop (origin remote)
             version: v2.1.0 (git describe --tags --exact-match)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (git rev-parse HEAD)
             branch: main (git symbolic-ref --short HEAD)
             repository: acme/shop (origin remote)
             build_number: 61 (BUILD_NUMBER)",
        );
    }

    #[test]
    fn a_checkout_of_another_commit_says_nothing_about_the_run() {
        check_with_git(
            "TRAVIS=true\nTRAVIS_COMMIT=e7090ffc4ef844d1a066a34037c913b429d7dc2a",
            &GitFacts {
                head: Some("83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d".to_owned()),
                exact_tag: Some("v2.1.0".to_owned()),
                branch: Some("main".to_owned()),
                subject: Some("Prepare the tools".to_owned()),
                ..GitFacts::default()
            },
            "system: travis
             version: e7090ffc4ef8 (short form of TRAVIS_COMMIT)
             commit_sha: e7090ffc4ef844d1a066a34037c913b429d7dc2a (TRAVIS_COMMIT)",
        );
    }

    #[test]
    fn what_follows_from_a_flag_follows_it() {
        let told = |text: &str, flag: &str| Some(Found::new(text, flag));
        let told = Told {
            commit_sha: told("15784117e4e103f36cba75a9e29da48046eb82c4", "--commit"),
            repository: told("acme/web/cart", "--repository"),
        };

        let detected = detect(&environment(github_push()), &GitFacts::default(), told);

        let version = Found::new("15784117e4e1", "short form of --commit");
        assert_eq!(detected.version, Some(version));
        assert_eq!(detected.application, Some(Found::new("cart", "--repository")));
    }

    #[test]
    fn it_can_tell_where_it_looked() {
        let github = environment("GITHUB_ACTIONS=true");
        assert_eq!(looked_at(&github, Wanted::Application), ["GITHUB_REPOSITORY"]);
        assert_eq!(looked_at(&github, Wanted::Version), ["GITHUB_REF", "GITHUB_SHA"]);
        assert!(looked_at(&environment(""), Wanted::Version).is_empty());
    }

    #[test]
    fn every_variable_is_in_the_documentation_of_its_system() {
        let documentation = include_str!("../../../../../docs/ci-systems.md");
        for system in &SYSTEMS {
            let start = format!("`source_system`: `{}`", system.name);
            let section = documentation.split("\n## ").find(|section| section.contains(&start));
            for variable in system.variables() {
                let is_there = section.is_some_and(|text| text.contains(&format!("`{variable}`")));
                assert!(is_there, "{variable} is missing under {}", system.name);
            }
        }
    }
}
