//! Azure Pipelines: YAML pipelines and classic releases.
//!
//! Source: Azure DevOps docs, "Use predefined variables" and "Classic release and artifacts
//! variables". A variable `Build.BuildId` is `BUILD_BUILDID` in the environment.

use super::readings::{branch_of_any_ref, branch_of_ref, commit, tag_of_ref};
use super::remote::repository;
use super::system::Condition::{Is, Unset};
use super::system::{System, template, variable};

pub(super) const SYSTEM: System = System {
    name: "azure-devops",
    marks: &[&[Is("TF_BUILD", "true")]],
    tag: &[variable("BUILD_SOURCEBRANCH").read_as(tag_of_ref)],
    // Pull requests are built from a merge commit; the first is the one that was proposed.
    commit_sha: &[
        variable("SYSTEM_PULLREQUEST_SOURCECOMMITID").read_as(commit),
        variable("BUILD_SOURCEVERSION").read_as(commit),
    ],
    branch: &[
        variable("SYSTEM_PULLREQUEST_SOURCEBRANCH").read_as(branch_of_any_ref),
        variable("BUILD_SOURCEBRANCH").read_as(branch_of_ref),
    ],
    // The name is `owner/repo` for GitHub, but only `repo` for Azure Repos.
    repository: &[
        variable("BUILD_REPOSITORY_URI").read_as(repository),
        variable("BUILD_REPOSITORY_NAME"),
    ],
    build_number: &[variable("BUILD_BUILDNUMBER")],
    // Both stay the same when failed stages are run again. A classic release deploys what a build
    // made, so that it is the run and the build is not.
    invoke_id: &[template("release-{RELEASE_RELEASEID}"), variable("BUILD_BUILDID")],
    run_url: &[
        variable("RELEASE_RELEASEWEBURL"),
        template(
            "{SYSTEM_TEAMFOUNDATIONCOLLECTIONURI}/{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
        ),
    ],
    actor: &[variable("RELEASE_DEPLOYMENT_REQUESTEDFOR"), variable("BUILD_REQUESTEDFOR")],
    actor_email: &[
        variable("RELEASE_DEPLOYMENT_REQUESTEDFOREMAIL"),
        variable("BUILD_REQUESTEDFOREMAIL").only_if(&[Unset("RELEASE_DEPLOYMENT_REQUESTEDFOR")]),
    ],
    actor_name: &[variable("RELEASE_DEPLOYMENT_REQUESTEDFOR"), variable("BUILD_REQUESTEDFOR")],
    metadata: &[
        ("pipeline", variable("BUILD_DEFINITIONNAME")),
        ("stage", variable("SYSTEM_STAGENAME")),
        ("job", variable("SYSTEM_JOBDISPLAYNAME")),
        ("attempt", variable("SYSTEM_STAGEATTEMPT")),
        ("event", variable("BUILD_REASON")),
        ("ci_environment", variable("RELEASE_ENVIRONMENTNAME")),
        ("pull_request", variable("SYSTEM_PULLREQUEST_PULLREQUESTID")),
    ],
};

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn a_pipeline_on_a_branch_of_azure_repos() {
        check(
            "TF_BUILD=True
             BUILD_BUILDID=4711
             BUILD_BUILDNUMBER=20260912.3
             BUILD_DEFINITIONNAME=shop-deploy
             BUILD_REASON=IndividualCI
             BUILD_REPOSITORY_NAME=shop
             BUILD_REPOSITORY_URI=https://acme@dev.azure.com/acme/web/_git/shop
             BUILD_REQUESTEDFOR=Ada Lovelace
             BUILD_REQUESTEDFOREMAIL=ada@acme.example
             BUILD_SOURCEBRANCH=refs/heads/feature/cart
             BUILD_SOURCEBRANCHNAME=cart
             BUILD_SOURCEVERSION=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             SYSTEM_JOBDISPLAYNAME=Deploy
             SYSTEM_STAGEATTEMPT=1
             SYSTEM_STAGENAME=production
             SYSTEM_TEAMFOUNDATIONCOLLECTIONURI=https://dev.azure.com/acme/
             SYSTEM_TEAMPROJECT=Web Team",
            "system: azure-devops
             application: shop (BUILD_REPOSITORY_URI)
             version: 83a20ec058e2 (short form of BUILD_SOURCEVERSION)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (BUILD_SOURCEVERSION)
             branch: feature/cart (BUILD_SOURCEBRANCH)
             repository: acme/web/shop (BUILD_REPOSITORY_URI)
             build_number: 20260912.3 (BUILD_BUILDNUMBER)
             invoke_id: 4711 (BUILD_BUILDID)
             run_url: https://dev.azure.com/acme/Web%20Team/_build/results?buildId=4711 (SYSTEM_TEAMFOUNDATIONCOLLECTIONURI + SYSTEM_TEAMPROJECT + BUILD_BUILDID)
             actor: Ada Lovelace (BUILD_REQUESTEDFOR)
             actor_email: ada@acme.example (BUILD_REQUESTEDFOREMAIL)
             actor_name: Ada Lovelace (BUILD_REQUESTEDFOR)
             attempt=1
             event=IndividualCI
             job=Deploy
             pipeline=shop-deploy
             stage=production",
        );
    }

    #[test]
    fn a_tag_of_a_repository_at_github() {
        check(
            "TF_BUILD=True
             BUILD_REPOSITORY_NAME=acme/shop
             BUILD_REPOSITORY_URI=https://github.com/acme/shop
             BUILD_SOURCEBRANCH=refs/tags/v1.4.0
             BUILD_SOURCEBRANCHNAME=v1.4.0",
            "system: azure-devops
             application: shop (BUILD_REPOSITORY_URI)
             version: v1.4.0 (BUILD_SOURCEBRANCH)
             repository: acme/shop (BUILD_REPOSITORY_URI)",
        );
    }

    #[test]
    fn a_pull_request_is_for_its_source() {
        check(
            "TF_BUILD=True
             BUILD_REASON=PullRequest
             BUILD_SOURCEBRANCH=refs/pull/17/merge
             BUILD_SOURCEVERSION=ffac537e6cbbf934b08745a378932722df287a53
             SYSTEM_PULLREQUEST_PULLREQUESTID=17
             SYSTEM_PULLREQUEST_SOURCEBRANCH=refs/heads/feature/cart
             SYSTEM_PULLREQUEST_SOURCECOMMITID=eba09b46064473a1d345da7abf28b477468e8dbd",
            "system: azure-devops
             version: eba09b460644 (short form of SYSTEM_PULLREQUEST_SOURCECOMMITID)
             commit_sha: eba09b46064473a1d345da7abf28b477468e8dbd (SYSTEM_PULLREQUEST_SOURCECOMMITID)
             branch: feature/cart (SYSTEM_PULLREQUEST_SOURCEBRANCH)
             event=PullRequest
             pull_request=17",
        );
    }

    #[test]
    fn a_classic_release_is_the_run_and_its_build_is_not() {
        check(
            "TF_BUILD=True
             BUILD_BUILDID=4711
             BUILD_REQUESTEDFOR=Build Bot
             BUILD_REQUESTEDFOREMAIL=bot@acme.example
             RELEASE_DEPLOYMENT_REQUESTEDFOR=Ada Lovelace
             RELEASE_ENVIRONMENTNAME=Production
             RELEASE_RELEASEID=118
             RELEASE_RELEASEWEBURL=https://dev.azure.com/acme/web/_release?releaseId=118",
            "system: azure-devops
             invoke_id: release-118 (RELEASE_RELEASEID)
             run_url: https://dev.azure.com/acme/web/_release?releaseId=118 (RELEASE_RELEASEWEBURL)
             actor: Ada Lovelace (RELEASE_DEPLOYMENT_REQUESTEDFOR)
             actor_name: Ada Lovelace (RELEASE_DEPLOYMENT_REQUESTEDFOR)
             ci_environment=Production",
        );
    }
}
