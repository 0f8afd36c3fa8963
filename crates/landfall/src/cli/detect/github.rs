//! GitHub Actions, and the runners of Gitea and Forgejo, which set the same variables.
//!
//! Source: GitHub docs, "Variables reference, Default environment variables".

use super::readings::{branch_of_ref, commit, pull_request_of_ref, tag_of_ref};
use super::system::Condition::{Is, IsNot};
use super::system::{System, template, variable};

pub(super) const SYSTEM: System = System {
    name: "github",
    marks: &[&[Is("GITHUB_ACTIONS", "true")]],
    tag: &[variable("GITHUB_REF").read_as(tag_of_ref)],
    // For pull requests this is a merge commit that no branch will ever have. The checkout knows
    // better (see `git::complete`), as the environment does not.
    commit_sha: &[variable("GITHUB_SHA").read_as(commit)],
    branch: &[
        // `pull_request_target` runs on the branch that is merged into.
        variable("GITHUB_HEAD_REF").only_if(&[IsNot("GITHUB_EVENT_NAME", "pull_request_target")]),
        variable("GITHUB_REF").read_as(branch_of_ref),
    ],
    repository: &[variable("GITHUB_REPOSITORY")],
    build_number: &[variable("GITHUB_RUN_NUMBER")],
    // A re-run keeps its id and counts GITHUB_RUN_ATTEMPT up.
    invoke_id: &[variable("GITHUB_RUN_ID")],
    run_url: &[
        template("{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_NUMBER}")
            .only_if(&[Is("GITEA_ACTIONS", "true")]),
        template("{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_NUMBER}")
            .only_if(&[Is("FORGEJO_ACTIONS", "true")]),
        template("{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"),
    ],
    // The first is who asked for this attempt, the second who started the run.
    actor: &[variable("GITHUB_TRIGGERING_ACTOR"), variable("GITHUB_ACTOR")],
    metadata: &[
        ("workflow", variable("GITHUB_WORKFLOW")),
        ("job", variable("GITHUB_JOB")),
        ("attempt", variable("GITHUB_RUN_ATTEMPT")),
        ("event", variable("GITHUB_EVENT_NAME")),
        ("pull_request", variable("GITHUB_REF").read_as(pull_request_of_ref)),
    ],
    ..System::EMPTY
};

#[cfg(test)]
mod tests {
    use super::super::GitFacts;
    use super::super::testing::{check, check_with_git, github_push};

    const PULL_REQUEST: &str = "
        CI=true
        GITHUB_ACTIONS=true
        GITHUB_ACTOR=ada
        GITHUB_BASE_REF=main
        GITHUB_EVENT_NAME=pull_request
        GITHUB_HEAD_REF=feature/cart
        GITHUB_REF=refs/pull/5/merge
        GITHUB_REF_NAME=5/merge
        GITHUB_REF_TYPE=branch
        GITHUB_REPOSITORY=acme/shop
        GITHUB_SHA=ffac537e6cbbf934b08745a378932722df287a53";

    #[test]
    fn a_push_to_a_branch() {
        check(
            github_push(),
            "system: github
             application: shop (GITHUB_REPOSITORY)
             version: 83a20ec058e2 (short form of GITHUB_SHA)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (GITHUB_SHA)
             branch: main (GITHUB_REF)
             repository: acme/shop (GITHUB_REPOSITORY)
             build_number: 42 (GITHUB_RUN_NUMBER)
             invoke_id: 1658821493 (GITHUB_RUN_ID)
             run_url: https://github.com/acme/shop/actions/runs/1658821493 (GITHUB_SERVER_URL + GITHUB_REPOSITORY + GITHUB_RUN_ID)
             actor: grace (GITHUB_TRIGGERING_ACTOR)
             attempt=2
             event=push
             job=deploy
             workflow=Deploy",
        );
    }

    #[test]
    fn a_release_is_for_its_tag_and_for_no_branch() {
        check(
            "GITHUB_ACTIONS=true
             GITHUB_EVENT_NAME=release
             GITHUB_HEAD_REF=
             GITHUB_REF=refs/tags/v1.4.0
             GITHUB_REF_TYPE=tag
             GITHUB_SHA=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d",
            "system: github
             version: v1.4.0 (GITHUB_REF)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (GITHUB_SHA)
             event=release",
        );
    }

    #[test]
    fn a_pull_request_without_its_checkout_has_only_the_merge_commit() {
        check(
            PULL_REQUEST,
            "system: github
             application: shop (GITHUB_REPOSITORY)
             version: ffac537e6cbb (short form of GITHUB_SHA)
             commit_sha: ffac537e6cbbf934b08745a378932722df287a53 (GITHUB_SHA)
             branch: feature/cart (GITHUB_HEAD_REF)
             repository: acme/shop (GITHUB_REPOSITORY)
             actor: ada (GITHUB_ACTOR)
             event=pull_request
             pull_request=5",
        );
    }

    #[test]
    fn a_pull_request_with_its_checkout_has_the_commit_that_was_proposed() {
        let subject = "Merge eba09b46064473a1d345da7abf28b477468e8dbd \
                       into 15784117e4e103f36cba75a9e29da48046eb82c4";
        let checkout = GitFacts {
            head: Some("ffac537e6cbbf934b08745a378932722df287a53".to_owned()),
            subject: Some(subject.to_owned()),
            ..GitFacts::default()
        };
        check_with_git(
            PULL_REQUEST,
            &checkout,
            "system: github
             application: shop (GITHUB_REPOSITORY)
             version: eba09b460644 (short form of subject of the merge commit)
             commit_sha: eba09b46064473a1d345da7abf28b477468e8dbd (subject of the merge commit)
             branch: feature/cart (GITHUB_HEAD_REF)
             repository: acme/shop (GITHUB_REPOSITORY)
             actor: ada (GITHUB_ACTOR)
             event=pull_request
             pull_request=5",
        );
    }

    #[test]
    fn pull_request_target_runs_on_the_base_branch() {
        check(
            "GITHUB_ACTIONS=true
             GITHUB_EVENT_NAME=pull_request_target
             GITHUB_HEAD_REF=feature/cart
             GITHUB_REF=refs/heads/main",
            "system: github
             branch: main (GITHUB_REF)
             event=pull_request_target",
        );
    }

    #[test]
    fn gitea_addresses_a_run_by_its_number() {
        check(
            "GITEA_ACTIONS=true
             GITHUB_ACTIONS=true
             GITHUB_REPOSITORY=acme/shop
             GITHUB_RUN_ID=90211
             GITHUB_RUN_NUMBER=42
             GITHUB_SERVER_URL=https://git.acme.example/",
            "system: github
             application: shop (GITHUB_REPOSITORY)
             repository: acme/shop (GITHUB_REPOSITORY)
             build_number: 42 (GITHUB_RUN_NUMBER)
             invoke_id: 90211 (GITHUB_RUN_ID)
             run_url: https://git.acme.example/acme/shop/actions/runs/42 (GITHUB_SERVER_URL + GITHUB_REPOSITORY + GITHUB_RUN_NUMBER)",
        );
    }
}
