//! CircleCI.
//!
//! Source: CircleCI docs, "Project values and variables" and "How to find IDs".

use super::readings::commit;
use super::remote::repository;
use super::system::Condition::Is;
use super::system::{System, template, variable};

pub(super) const SYSTEM: System = System {
    name: "circleci",
    marks: &[&[Is("CIRCLECI", "true")]],
    tag: &[variable("CIRCLE_TAG")],
    commit_sha: &[variable("CIRCLE_SHA1").read_as(commit)],
    branch: &[variable("CIRCLE_BRANCH")],
    repository: &[
        variable("CIRCLE_REPOSITORY_URL").read_as(repository),
        template("{CIRCLE_PROJECT_USERNAME}/{CIRCLE_PROJECT_REPONAME}"),
    ],
    // The number of the job: pipelines have one too, but not as a variable.
    build_number: &[variable("CIRCLE_BUILD_NUM")],
    // A re-run makes a new workflow in the same pipeline.
    invoke_id: &[variable("CIRCLE_PIPELINE_ID"), variable("CIRCLE_WORKFLOW_ID")],
    run_url: &[variable("CIRCLE_BUILD_URL")],
    actor: &[variable("CIRCLE_USERNAME")],
    metadata: &[
        ("workflow", variable("CIRCLE_WORKFLOW_ID")),
        ("job", variable("CIRCLE_JOB")),
        ("pull_request", variable("CIRCLE_PR_NUMBER")),
    ],
    ..System::EMPTY
};

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn a_job_on_a_branch() {
        check(
            "CI=true
             CIRCLECI=true
             CIRCLE_BRANCH=main
             CIRCLE_BUILD_NUM=1514
             CIRCLE_BUILD_URL=https://circleci.com/gh/acme/shop/1514
             CIRCLE_JOB=deploy
             CIRCLE_PIPELINE_ID=4e1ffd3b-c260-43db-a66c-8766eaf7fc88
             CIRCLE_PROJECT_REPONAME=shop
             CIRCLE_PROJECT_USERNAME=acme
             CIRCLE_REPOSITORY_URL=git@github.com:acme/shop.git
             CIRCLE_SHA1=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             CIRCLE_USERNAME=ada
             CIRCLE_WORKFLOW_ID=476fa7ff-7534-440f-9a65-a2779170d344",
            "system: circleci
             application: shop (CIRCLE_REPOSITORY_URL)
             version: 83a20ec058e2 (short form of CIRCLE_SHA1)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (CIRCLE_SHA1)
             branch: main (CIRCLE_BRANCH)
             repository: acme/shop (CIRCLE_REPOSITORY_URL)
             build_number: 1514 (CIRCLE_BUILD_NUM)
             invoke_id: 4e1ffd3b-c260-43db-a66c-8766eaf7fc88 (CIRCLE_PIPELINE_ID)
             run_url: https://circleci.com/gh/acme/shop/1514 (CIRCLE_BUILD_URL)
             actor: ada (CIRCLE_USERNAME)
             job=deploy
             workflow=476fa7ff-7534-440f-9a65-a2779170d344",
        );
    }

    #[test]
    fn a_tag_on_an_old_server() {
        check(
            "CIRCLECI=true
             CIRCLE_BRANCH=
             CIRCLE_PROJECT_REPONAME=shop
             CIRCLE_PROJECT_USERNAME=acme
             CIRCLE_TAG=v1.4.0
             CIRCLE_WORKFLOW_ID=476fa7ff-7534-440f-9a65-a2779170d344",
            "system: circleci
             application: shop (CIRCLE_PROJECT_USERNAME + CIRCLE_PROJECT_REPONAME)
             version: v1.4.0 (CIRCLE_TAG)
             repository: acme/shop (CIRCLE_PROJECT_USERNAME + CIRCLE_PROJECT_REPONAME)
             invoke_id: 476fa7ff-7534-440f-9a65-a2779170d344 (CIRCLE_WORKFLOW_ID)
             workflow=476fa7ff-7534-440f-9a65-a2779170d344",
        );
    }
}
