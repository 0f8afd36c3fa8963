//! Buildkite.
//!
//! Source: Buildkite docs, "Environment variables".

use super::readings::{commit, number_or_false};
use super::remote::repository;
use super::system::Condition::{Is, Unset};
use super::system::{System, variable};

pub(super) const SYSTEM: System = System {
    name: "buildkite",
    marks: &[&[Is("BUILDKITE", "true")]],
    tag: &[variable("BUILDKITE_TAG")],
    // May be the word `HEAD` for builds that a person started; git then knows.
    commit_sha: &[variable("BUILDKITE_COMMIT").read_as(commit)],
    // For tags it is the tag again.
    branch: &[variable("BUILDKITE_BRANCH").only_if(&[Unset("BUILDKITE_TAG")])],
    repository: &[variable("BUILDKITE_REPO").read_as(repository)],
    build_number: &[variable("BUILDKITE_BUILD_NUMBER")],
    // A retried job stays in its build; a rebuild is a new one.
    invoke_id: &[variable("BUILDKITE_BUILD_ID")],
    run_url: &[variable("BUILDKITE_BUILD_URL")],
    // Who let a blocked build go on is who deployed.
    actor: &[variable("BUILDKITE_UNBLOCKER"), variable("BUILDKITE_BUILD_CREATOR")],
    actor_email: &[
        variable("BUILDKITE_UNBLOCKER_EMAIL"),
        variable("BUILDKITE_BUILD_CREATOR_EMAIL").only_if(&[Unset("BUILDKITE_UNBLOCKER")]),
    ],
    actor_name: &[variable("BUILDKITE_UNBLOCKER"), variable("BUILDKITE_BUILD_CREATOR")],
    metadata: &[
        ("pipeline", variable("BUILDKITE_PIPELINE_SLUG")),
        ("job", variable("BUILDKITE_LABEL")),
        ("attempt", variable("BUILDKITE_RETRY_COUNT")),
        ("event", variable("BUILDKITE_SOURCE")),
        ("pull_request", variable("BUILDKITE_PULL_REQUEST").read_as(number_or_false)),
    ],
};

#[cfg(test)]
mod tests {
    use super::super::GitFacts;
    use super::super::testing::{check, check_with_git};

    #[test]
    fn a_build_of_a_branch_that_a_person_unblocked() {
        check(
            "BUILDKITE=true
             BUILDKITE_BRANCH=main
             BUILDKITE_BUILD_CREATOR=Carol Danvers
             BUILDKITE_BUILD_CREATOR_EMAIL=carol@acme.example
             BUILDKITE_BUILD_ID=4735ba57-80d0-46e2-8fa0-b28223a86586
             BUILDKITE_BUILD_NUMBER=1514
             BUILDKITE_BUILD_URL=https://buildkite.com/acme/shop/builds/1514
             BUILDKITE_COMMIT=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             BUILDKITE_LABEL=:rocket: Deploy
             BUILDKITE_PIPELINE_SLUG=shop
             BUILDKITE_PULL_REQUEST=false
             BUILDKITE_REPO=git@github.com:acme/shop.git
             BUILDKITE_RETRY_COUNT=0
             BUILDKITE_SOURCE=webhook
             BUILDKITE_TAG=
             BUILDKITE_UNBLOCKER=Ada Lovelace
             CI=true",
            "system: buildkite
             application: shop (BUILDKITE_REPO)
             version: 83a20ec058e2 (short form of BUILDKITE_COMMIT)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (BUILDKITE_COMMIT)
             branch: main (BUILDKITE_BRANCH)
             repository: acme/shop (BUILDKITE_REPO)
             build_number: 1514 (BUILDKITE_BUILD_NUMBER)
             invoke_id: 4735ba57-80d0-46e2-8fa0-b28223a86586 (BUILDKITE_BUILD_ID)
             run_url: https://buildkite.com/acme/shop/builds/1514 (BUILDKITE_BUILD_URL)
             actor: Ada Lovelace (BUILDKITE_UNBLOCKER)
             actor_name: Ada Lovelace (BUILDKITE_UNBLOCKER)
             attempt=0
             event=webhook
             job=:rocket: Deploy
             pipeline=shop",
        );
    }

    #[test]
    fn a_tag_repeated_as_branch_is_no_branch() {
        check(
            "BUILDKITE=true\nBUILDKITE_BRANCH=v1.4.0\nBUILDKITE_TAG=v1.4.0",
            "system: buildkite\nversion: v1.4.0 (BUILDKITE_TAG)",
        );
    }

    #[test]
    fn head_is_resolved_by_git() {
        let checkout = GitFacts {
            head: Some("83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d".to_owned()),
            ..GitFacts::default()
        };
        check_with_git(
            "BUILDKITE=true\nBUILDKITE_BRANCH=main\nBUILDKITE_COMMIT=HEAD",
            &checkout,
            "system: buildkite
             version: 83a20ec058e2 (short form of git rev-parse HEAD)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (git rev-parse HEAD)
             branch: main (BUILDKITE_BRANCH)",
        );
    }
}
