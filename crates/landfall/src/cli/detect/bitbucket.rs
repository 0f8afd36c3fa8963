//! Bitbucket Pipelines.
//!
//! Source: Bitbucket Cloud docs, "Variables and secrets, Default variables".

use super::readings::{commit, without_braces};
use super::remote::repository;
use super::system::Condition::Set;
use super::system::{System, template, variable};

pub(super) const SYSTEM: System = System {
    name: "bitbucket",
    marks: &[&[Set("BITBUCKET_BUILD_NUMBER"), Set("BITBUCKET_COMMIT")]],
    tag: &[variable("BITBUCKET_TAG")],
    commit_sha: &[variable("BITBUCKET_COMMIT").read_as(commit)],
    branch: &[variable("BITBUCKET_BRANCH")],
    repository: &[
        variable("BITBUCKET_REPO_FULL_NAME"),
        variable("BITBUCKET_GIT_HTTP_ORIGIN").read_as(repository),
    ],
    build_number: &[variable("BITBUCKET_BUILD_NUMBER")],
    // Running failed steps again keeps both and counts BITBUCKET_STEP_RUN_NUMBER up.
    invoke_id: &[
        variable("BITBUCKET_PIPELINE_UUID").read_as(without_braces),
        variable("BITBUCKET_BUILD_NUMBER"),
    ],
    run_url: &[template(
        "https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",
    )],
    // Bitbucket tells no name.
    actor: &[variable("BITBUCKET_STEP_TRIGGERER_UUID").read_as(without_braces)],
    metadata: &[
        ("attempt", variable("BITBUCKET_STEP_RUN_NUMBER")),
        ("ci_environment", variable("BITBUCKET_DEPLOYMENT_ENVIRONMENT")),
        ("pull_request", variable("BITBUCKET_PR_ID")),
    ],
    ..System::EMPTY
};

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn a_deployment_step_on_a_branch() {
        check(
            "CI=true
             BITBUCKET_BRANCH=main
             BITBUCKET_BUILD_NUMBER=61
             BITBUCKET_COMMIT=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             BITBUCKET_DEPLOYMENT_ENVIRONMENT=production
             BITBUCKET_GIT_HTTP_ORIGIN=http://bitbucket.org/acme/shop
             BITBUCKET_PIPELINE_UUID={fe99db34-e979-40be-b383-c1a7738b52f7}
             BITBUCKET_REPO_FULL_NAME=acme/shop
             BITBUCKET_REPO_SLUG=shop
             BITBUCKET_STEP_RUN_NUMBER=1
             BITBUCKET_STEP_TRIGGERER_UUID={5a50dd52-5ab7-4225-831c-4db9451375a2}",
            "system: bitbucket
             application: shop (BITBUCKET_REPO_FULL_NAME)
             version: 83a20ec058e2 (short form of BITBUCKET_COMMIT)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (BITBUCKET_COMMIT)
             branch: main (BITBUCKET_BRANCH)
             repository: acme/shop (BITBUCKET_REPO_FULL_NAME)
             build_number: 61 (BITBUCKET_BUILD_NUMBER)
             invoke_id: fe99db34-e979-40be-b383-c1a7738b52f7 (BITBUCKET_PIPELINE_UUID)
             run_url: https://bitbucket.org/acme/shop/pipelines/results/61 (BITBUCKET_REPO_FULL_NAME + BITBUCKET_BUILD_NUMBER)
             actor: 5a50dd52-5ab7-4225-831c-4db9451375a2 (BITBUCKET_STEP_TRIGGERER_UUID)
             attempt=1
             ci_environment=production",
        );
    }

    #[test]
    fn a_tag() {
        check(
            "BITBUCKET_BUILD_NUMBER=62
             BITBUCKET_COMMIT=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             BITBUCKET_TAG=v1.4.0",
            "system: bitbucket
             version: v1.4.0 (BITBUCKET_TAG)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (BITBUCKET_COMMIT)
             build_number: 62 (BITBUCKET_BUILD_NUMBER)
             invoke_id: 62 (BITBUCKET_BUILD_NUMBER)",
        );
    }
}
