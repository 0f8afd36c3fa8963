//! GitLab CI.
//!
//! Source: GitLab docs, "Predefined CI/CD variables reference".

use super::readings::commit;
use super::system::Condition::{Is, Unset};
use super::system::{System, variable};

pub(super) const SYSTEM: System = System {
    name: "gitlab",
    marks: &[&[Is("GITLAB_CI", "true")]],
    tag: &[variable("CI_COMMIT_TAG")],
    // A merged results pipeline runs on a merge commit of its own; the first is its source.
    commit_sha: &[
        variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").read_as(commit),
        variable("CI_COMMIT_SHA").read_as(commit),
    ],
    branch: &[
        variable("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
        variable("CI_COMMIT_BRANCH"),
        variable("CI_COMMIT_REF_NAME").only_if(&[Unset("CI_COMMIT_TAG")]),
    ],
    repository: &[variable("CI_PROJECT_PATH")],
    build_number: &[variable("CI_PIPELINE_IID")],
    // A retried job stays in its pipeline, but gets another CI_JOB_ID.
    invoke_id: &[variable("CI_PIPELINE_ID")],
    run_url: &[variable("CI_PIPELINE_URL"), variable("CI_JOB_URL")],
    actor: &[variable("GITLAB_USER_LOGIN")],
    actor_email: &[variable("GITLAB_USER_EMAIL")],
    actor_name: &[variable("GITLAB_USER_NAME")],
    metadata: &[
        ("pipeline", variable("CI_PIPELINE_NAME")),
        ("stage", variable("CI_JOB_STAGE")),
        ("job", variable("CI_JOB_NAME")),
        ("event", variable("CI_PIPELINE_SOURCE")),
        ("pull_request", variable("CI_MERGE_REQUEST_IID")),
    ],
};

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn a_branch_pipeline_in_a_subgroup() {
        check(
            "CI=true
             GITLAB_CI=true
             CI_COMMIT_BRANCH=main
             CI_COMMIT_REF_NAME=main
             CI_COMMIT_SHA=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             CI_JOB_ID=50291
             CI_JOB_NAME=deploy-production
             CI_JOB_STAGE=deploy
             CI_JOB_URL=https://gitlab.com/acme/web/shop/-/jobs/50291
             CI_PIPELINE_ID=900123
             CI_PIPELINE_IID=77
             CI_PIPELINE_SOURCE=push
             CI_PIPELINE_URL=https://gitlab.com/acme/web/shop/-/pipelines/900123
             CI_PROJECT_NAME=shop
             CI_PROJECT_PATH=acme/web/shop
             CI_PROJECT_TITLE=The Shop
             CI_REPOSITORY_URL=https://gitlab-ci-token:glcbt-64@gitlab.com/acme/web/shop.git
             GITLAB_USER_EMAIL=ada@acme.example
             GITLAB_USER_LOGIN=ada
             GITLAB_USER_NAME=Ada Lovelace",
            "system: gitlab
             application: shop (CI_PROJECT_PATH)
             version: 83a20ec058e2 (short form of CI_COMMIT_SHA)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (CI_COMMIT_SHA)
             branch: main (CI_COMMIT_BRANCH)
             repository: acme/web/shop (CI_PROJECT_PATH)
             build_number: 77 (CI_PIPELINE_IID)
             invoke_id: 900123 (CI_PIPELINE_ID)
             run_url: https://gitlab.com/acme/web/shop/-/pipelines/900123 (CI_PIPELINE_URL)
             actor: ada (GITLAB_USER_LOGIN)
             actor_email: ada@acme.example (GITLAB_USER_EMAIL)
             actor_name: Ada Lovelace (GITLAB_USER_NAME)
             event=push
             job=deploy-production
             stage=deploy",
        );
    }

    #[test]
    fn a_tag_pipeline_has_no_branch() {
        check(
            "GITLAB_CI=true
             CI_COMMIT_REF_NAME=v1.4.0
             CI_COMMIT_SHA=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             CI_COMMIT_TAG=v1.4.0",
            "system: gitlab
             version: v1.4.0 (CI_COMMIT_TAG)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (CI_COMMIT_SHA)",
        );
    }

    #[test]
    fn a_merged_results_pipeline_is_for_the_source_branch() {
        check(
            "GITLAB_CI=true
             CI_COMMIT_REF_NAME=feature/cart
             CI_COMMIT_SHA=ffac537e6cbbf934b08745a378932722df287a53
             CI_MERGE_REQUEST_IID=5
             CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=feature/cart
             CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=eba09b46064473a1d345da7abf28b477468e8dbd
             CI_PIPELINE_SOURCE=merge_request_event",
            "system: gitlab
             version: eba09b460644 (short form of CI_MERGE_REQUEST_SOURCE_BRANCH_SHA)
             commit_sha: eba09b46064473a1d345da7abf28b477468e8dbd (CI_MERGE_REQUEST_SOURCE_BRANCH_SHA)
             branch: feature/cart (CI_MERGE_REQUEST_SOURCE_BRANCH_NAME)
             event=merge_request_event
             pull_request=5",
        );
    }
}
