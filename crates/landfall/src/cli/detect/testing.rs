//! What the tests of the tables share: environments as text in, findings as text out.

use std::collections::BTreeMap;

use super::{Detected, Found, GitFacts, Told, detect};

/// Checks what an environment gives without git: `field: value (origin)` and `key=value` lines.
pub(super) fn check(variables: &str, expected: &str) {
    check_with_git(variables, &GitFacts::default(), expected);
}

/// As [`check`], in a checkout.
pub(super) fn check_with_git(variables: &str, git: &GitFacts, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();

    assert_eq!(
        describe(&detect(&environment(variables), git, Told::default())),
        expected.join("\n")
    );
}

/// Reads `NAME=value` lines; indentation is dropped, blanks within the value are kept.
pub(super) fn environment(variables: &str) -> BTreeMap<String, String> {
    let entries = variables.lines().filter_map(|line| line.trim_start().split_once('='));
    entries.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A run of GitHub Actions, second attempt by another person.
pub(super) fn github_push() -> &'static str {
    "CI=true
     GITHUB_ACTIONS=true
     GITHUB_ACTOR=ada
     GITHUB_BASE_REF=
     GITHUB_EVENT_NAME=push
     GITHUB_HEAD_REF=
     GITHUB_JOB=deploy
     GITHUB_REF=refs/heads/main
     GITHUB_REF_NAME=main
     GITHUB_REF_TYPE=branch
     GITHUB_REPOSITORY=acme/shop
     GITHUB_REPOSITORY_OWNER=acme
     GITHUB_RUN_ATTEMPT=2
     GITHUB_RUN_ID=1658821493
     GITHUB_RUN_NUMBER=42
     GITHUB_SERVER_URL=https://github.com
     GITHUB_SHA=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
     GITHUB_TRIGGERING_ACTOR=grace
     GITHUB_WORKFLOW=Deploy"
}

/// A build of Jenkins with the Git and build-user-vars plugins.
pub(super) fn jenkins_freestyle() -> &'static str {
    "BUILD_ID=153
     BUILD_NUMBER=153
     BUILD_TAG=jenkins-shop-deploy-153
     BUILD_URL=https://jenkins.acme.example/job/shop-deploy/153/
     BUILD_USER=Ada Lovelace
     BUILD_USER_EMAIL=ada@acme.example
     BUILD_USER_ID=ada
     GIT_BRANCH=origin/main
     GIT_COMMIT=15784117e4e103f36cba75a9e29da48046eb82c4
     GIT_URL=https://jenkins:hunter2@git.acme.example/acme/shop.git
     JENKINS_HOME=/var/jenkins_home
     JENKINS_URL=https://jenkins.acme.example/
     JOB_NAME=shop-deploy"
}

fn describe(detected: &Detected) -> String {
    let fields: [(&str, &Option<Found>); 11] = [
        ("application", &detected.application),
        ("version", &detected.version),
        ("commit_sha", &detected.commit_sha),
        ("branch", &detected.branch),
        ("repository", &detected.repository),
        ("build_number", &detected.build_number),
        ("invoke_id", &detected.invoke_id),
        ("run_url", &detected.run_url),
        ("actor", &detected.actor),
        ("actor_email", &detected.actor_email),
        ("actor_name", &detected.actor_name),
    ];
    let system = detected.system.map(|system| format!("system: {system}"));
    let found = fields.into_iter().filter_map(|(field, found)| {
        let Found { value, origin } = found.as_ref()?;
        Some(format!("{field}: {value} ({origin})"))
    });
    let metadata = detected.metadata.iter().map(|(key, value)| format!("{key}={value}"));
    system.into_iter().chain(found).chain(metadata).collect::<Vec<_>>().join("\n")
}
