//! Drone, and Harness CI, which sets the same variables.
//!
//! Source: Drone docs, "Pipeline, Environment, Reference".

use super::readings::{commit, person};
use super::system::Condition::{Is, Unset};
use super::system::{System, variable};

pub(super) const SYSTEM: System = System {
    name: "drone",
    marks: &[&[Is("DRONE", "true")]],
    tag: &[variable("DRONE_TAG")],
    commit_sha: &[variable("DRONE_COMMIT_SHA").read_as(commit)],
    // For pull requests the second is the branch that is merged into.
    branch: &[
        variable("DRONE_SOURCE_BRANCH").only_if(&[Unset("DRONE_TAG")]),
        variable("DRONE_BRANCH").only_if(&[Unset("DRONE_TAG")]),
    ],
    repository: &[variable("DRONE_REPO")],
    build_number: &[variable("DRONE_BUILD_NUMBER")],
    // There is no other id. A restart is a new build.
    invoke_id: &[variable("DRONE_BUILD_NUMBER")],
    run_url: &[variable("DRONE_BUILD_LINK")],
    // A push is triggered by `@hook`: then it is the commit's author, and else it is not.
    actor: &[
        variable("DRONE_BUILD_TRIGGER").read_as(person),
        variable("DRONE_COMMIT_AUTHOR").only_if(&[Is("DRONE_BUILD_TRIGGER", "@hook")]),
    ],
    actor_email: &[
        variable("DRONE_COMMIT_AUTHOR_EMAIL").only_if(&[Is("DRONE_BUILD_TRIGGER", "@hook")])
    ],
    actor_name: &[
        variable("DRONE_COMMIT_AUTHOR_NAME").only_if(&[Is("DRONE_BUILD_TRIGGER", "@hook")])
    ],
    metadata: &[
        ("pipeline", variable("DRONE_STAGE_NAME")),
        ("job", variable("DRONE_STEP_NAME")),
        ("event", variable("DRONE_BUILD_EVENT")),
        ("ci_environment", variable("DRONE_DEPLOY_TO")),
        ("pull_request", variable("DRONE_PULL_REQUEST")),
    ],
};

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn a_push() {
        check(
            "CI=true
             DRONE=true
             DRONE_BRANCH=main
             DRONE_BUILD_EVENT=push
             DRONE_BUILD_LINK=https://drone.acme.example/acme/shop/42
             DRONE_BUILD_NUMBER=42
             DRONE_BUILD_TRIGGER=@hook
             DRONE_COMMIT_AUTHOR=ada
             DRONE_COMMIT_AUTHOR_EMAIL=ada@acme.example
             DRONE_COMMIT_AUTHOR_NAME=Ada Lovelace
             DRONE_COMMIT_SHA=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             DRONE_REPO=acme/shop
             DRONE_SOURCE_BRANCH=main
             DRONE_STAGE_NAME=default
             DRONE_STEP_NAME=deploy
             DRONE_TARGET_BRANCH=main",
            "system: drone
             application: shop (DRONE_REPO)
             version: 83a20ec058e2 (short form of DRONE_COMMIT_SHA)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (DRONE_COMMIT_SHA)
             branch: main (DRONE_SOURCE_BRANCH)
             repository: acme/shop (DRONE_REPO)
             build_number: 42 (DRONE_BUILD_NUMBER)
             invoke_id: 42 (DRONE_BUILD_NUMBER)
             run_url: https://drone.acme.example/acme/shop/42 (DRONE_BUILD_LINK)
             actor: ada (DRONE_COMMIT_AUTHOR)
             actor_email: ada@acme.example (DRONE_COMMIT_AUTHOR_EMAIL)
             actor_name: Ada Lovelace (DRONE_COMMIT_AUTHOR_NAME)
             event=push
             job=deploy
             pipeline=default",
        );
    }

    #[test]
    fn a_promotion_is_by_who_promoted_and_not_by_the_author() {
        check(
            "DRONE=true
             DRONE_BRANCH=main
             DRONE_BUILD_EVENT=promote
             DRONE_BUILD_TRIGGER=grace
             DRONE_COMMIT_AUTHOR=ada
             DRONE_COMMIT_AUTHOR_EMAIL=ada@acme.example
             DRONE_DEPLOY_TO=production
             DRONE_TAG=v1.4.0",
            "system: drone
             version: v1.4.0 (DRONE_TAG)
             actor: grace (DRONE_BUILD_TRIGGER)
             ci_environment=production
             event=promote",
        );
    }

    #[test]
    fn a_schedule_is_by_nobody() {
        check("DRONE=true\nDRONE_BUILD_TRIGGER=@cron\nDRONE_COMMIT_AUTHOR=ada", "system: drone");
    }
}
