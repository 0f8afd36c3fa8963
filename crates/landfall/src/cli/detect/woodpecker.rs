//! Woodpecker, from the versions that were still like Drone up to now.
//!
//! Source: Woodpecker docs, "Built-in environment variables" and "Migrations".

use super::readings::commit;
use super::system::Condition::{Is, Unset};
use super::system::{System, variable};

pub(super) const SYSTEM: System = System {
    name: "woodpecker",
    marks: &[&[Is("CI", "woodpecker")], &[Is("CI_SYSTEM_NAME", "woodpecker")]],
    tag: &[variable("CI_COMMIT_TAG")],
    commit_sha: &[variable("CI_COMMIT_SHA").read_as(commit)],
    // For pull requests the second is the branch that is merged into.
    branch: &[
        variable("CI_COMMIT_SOURCE_BRANCH"),
        variable("CI_COMMIT_BRANCH").only_if(&[Unset("CI_COMMIT_TAG")]),
    ],
    repository: &[variable("CI_REPO")],
    // The second of each is from before version 1.
    build_number: &[variable("CI_PIPELINE_NUMBER"), variable("CI_BUILD_NUMBER")],
    // There is no other id. A restart is a new pipeline.
    invoke_id: &[variable("CI_PIPELINE_NUMBER"), variable("CI_BUILD_NUMBER")],
    run_url: &[variable("CI_PIPELINE_URL")],
    actor: &[variable("CI_PIPELINE_AUTHOR"), variable("CI_COMMIT_AUTHOR")],
    actor_email: &[variable("CI_COMMIT_AUTHOR_EMAIL").only_if(&[Unset("CI_PIPELINE_AUTHOR")])],
    metadata: &[
        ("workflow", variable("CI_WORKFLOW_NAME")),
        ("job", variable("CI_STEP_NAME")),
        ("event", variable("CI_PIPELINE_EVENT")),
        ("ci_environment", variable("CI_PIPELINE_DEPLOY_TARGET")),
        ("pull_request", variable("CI_COMMIT_PULL_REQUEST")),
    ],
    ..System::EMPTY
};

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn a_push() {
        check(
            "CI=woodpecker
             CI_COMMIT_AUTHOR=john
             CI_COMMIT_AUTHOR_EMAIL=john@acme.example
             CI_COMMIT_BRANCH=main
             CI_COMMIT_REF=refs/heads/main
             CI_COMMIT_SHA=eba09b46064473a1d345da7abf28b477468e8dbd
             CI_FORGE_TYPE=forgejo
             CI_PIPELINE_AUTHOR=ada
             CI_PIPELINE_EVENT=push
             CI_PIPELINE_NUMBER=8
             CI_PIPELINE_URL=https://ci.acme.example/repos/7/pipeline/8
             CI_REPO=acme/shop
             CI_REPO_NAME=shop
             CI_STEP_NAME=deploy
             CI_SYSTEM_NAME=woodpecker
             CI_WORKFLOW_NAME=release",
            "system: woodpecker
             application: shop (CI_REPO)
             version: eba09b460644 (short form of CI_COMMIT_SHA)
             commit_sha: eba09b46064473a1d345da7abf28b477468e8dbd (CI_COMMIT_SHA)
             branch: main (CI_COMMIT_BRANCH)
             repository: acme/shop (CI_REPO)
             build_number: 8 (CI_PIPELINE_NUMBER)
             invoke_id: 8 (CI_PIPELINE_NUMBER)
             run_url: https://ci.acme.example/repos/7/pipeline/8 (CI_PIPELINE_URL)
             actor: ada (CI_PIPELINE_AUTHOR)
             event=push
             job=deploy
             workflow=release",
        );
    }

    #[test]
    fn an_old_server_that_sets_the_variables_of_drone_too() {
        check(
            "CI=woodpecker
             CI_BUILD_NUMBER=17
             CI_COMMIT_AUTHOR=ada
             CI_COMMIT_AUTHOR_EMAIL=ada@acme.example
             CI_COMMIT_BRANCH=main
             CI_COMMIT_SHA=2abc3b37e83ac31ec8210b8504e64896a49f249c
             CI_REPO=acme/shop
             DRONE=true
             DRONE_BUILD_NUMBER=17
             DRONE_COMMIT_SHA=2abc3b37e83ac31ec8210b8504e64896a49f249c
             DRONE_REPO=acme/shop",
            "system: woodpecker
             application: shop (CI_REPO)
             version: 2abc3b37e83a (short form of CI_COMMIT_SHA)
             commit_sha: 2abc3b37e83ac31ec8210b8504e64896a49f249c (CI_COMMIT_SHA)
             branch: main (CI_COMMIT_BRANCH)
             repository: acme/shop (CI_REPO)
             build_number: 17 (CI_BUILD_NUMBER)
             invoke_id: 17 (CI_BUILD_NUMBER)
             actor: ada (CI_COMMIT_AUTHOR)
             actor_email: ada@acme.example (CI_COMMIT_AUTHOR_EMAIL)",
        );
    }

    #[test]
    fn a_pull_request_is_for_its_source() {
        check(
            "CI=woodpecker
             CI_COMMIT_BRANCH=main
             CI_COMMIT_PULL_REQUEST=5
             CI_COMMIT_SOURCE_BRANCH=feature/cart
             CI_COMMIT_TARGET_BRANCH=main
             CI_PIPELINE_EVENT=pull_request",
            "system: woodpecker
             branch: feature/cart (CI_COMMIT_SOURCE_BRANCH)
             event=pull_request
             pull_request=5",
        );
    }

    #[test]
    fn a_tag_has_no_branch() {
        check(
            "CI=woodpecker\nCI_COMMIT_BRANCH=main\nCI_COMMIT_TAG=v1.10.3",
            "system: woodpecker\nversion: v1.10.3 (CI_COMMIT_TAG)",
        );
    }
}
