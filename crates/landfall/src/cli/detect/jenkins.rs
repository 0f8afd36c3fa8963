//! Jenkins, with the Git, multibranch and build-user-vars plugins where they are installed.
//!
//! Source: a Jenkins server's own `/env-vars.html`; the plugins' pages on plugins.jenkins.io.

use super::readings::{branch_of_any_ref, commit, tag_of_any_ref};
use super::remote::repository;
use super::system::Condition::{Set, Unset};
use super::system::{System, variable};

pub(super) const SYSTEM: System = System {
    name: "jenkins",
    // People set JENKINS_URL in their shells too, hence the second condition. The URL is unset
    // where the administrator left it out.
    marks: &[
        &[Set("JENKINS_URL"), Set("BUILD_NUMBER")],
        &[Set("JENKINS_HOME"), Set("BUILD_NUMBER")],
    ],
    tag: &[variable("TAG_NAME"), variable("GIT_BRANCH").read_as(tag_of_any_ref)],
    commit_sha: &[variable("GIT_COMMIT").read_as(commit)],
    // In multibranch jobs the names are the tag for tags, and made up for pull requests (`PR-24`).
    branch: &[
        variable("CHANGE_BRANCH"),
        variable("BRANCH_NAME").only_if(&[Unset("TAG_NAME"), Unset("CHANGE_ID")]),
        variable("GIT_BRANCH")
            .read_as(branch_of_any_ref)
            .only_if(&[Unset("TAG_NAME"), Unset("CHANGE_ID")]),
    ],
    repository: &[
        variable("GIT_URL").read_as(repository),
        variable("GIT_URL_1").read_as(repository),
    ],
    build_number: &[variable("BUILD_NUMBER")],
    // `jenkins-JOB-NUMBER`, since numbers are a job's own. A replay is a new build.
    invoke_id: &[variable("BUILD_TAG")],
    run_url: &[variable("BUILD_URL")],
    actor: &[variable("BUILD_USER_ID"), variable("CHANGE_AUTHOR")],
    actor_email: &[
        variable("BUILD_USER_EMAIL"),
        variable("CHANGE_AUTHOR_EMAIL").only_if(&[Unset("BUILD_USER_ID")]),
    ],
    actor_name: &[
        variable("BUILD_USER"),
        variable("CHANGE_AUTHOR_DISPLAY_NAME").only_if(&[Unset("BUILD_USER_ID")]),
    ],
    metadata: &[
        ("job", variable("JOB_NAME")),
        ("stage", variable("STAGE_NAME")),
        ("pull_request", variable("CHANGE_ID")),
    ],
};

#[cfg(test)]
mod tests {
    use super::super::testing::{check, jenkins_freestyle};

    #[test]
    fn a_freestyle_job_started_by_a_person() {
        check(
            jenkins_freestyle(),
            "system: jenkins
             application: shop (GIT_URL)
             version: 15784117e4e1 (short form of GIT_COMMIT)
             commit_sha: 15784117e4e103f36cba75a9e29da48046eb82c4 (GIT_COMMIT)
             branch: main (GIT_BRANCH)
             repository: acme/shop (GIT_URL)
             build_number: 153 (BUILD_NUMBER)
             invoke_id: jenkins-shop-deploy-153 (BUILD_TAG)
             run_url: https://jenkins.acme.example/job/shop-deploy/153/ (BUILD_URL)
             actor: ada (BUILD_USER_ID)
             actor_email: ada@acme.example (BUILD_USER_EMAIL)
             actor_name: Ada Lovelace (BUILD_USER)
             job=shop-deploy",
        );
    }

    #[test]
    fn a_multibranch_job_on_a_branch() {
        check(
            "JENKINS_URL=https://jenkins.acme.example/
             BRANCH_NAME=feature/cart
             BUILD_NUMBER=4
             GIT_BRANCH=feature/cart
             JOB_NAME=shop/feature%2Fcart
             STAGE_NAME=Deploy",
            "system: jenkins
             branch: feature/cart (BRANCH_NAME)
             build_number: 4 (BUILD_NUMBER)
             job=shop/feature%2Fcart
             stage=Deploy",
        );
    }

    #[test]
    fn a_multibranch_job_on_a_tag() {
        check(
            "JENKINS_HOME=/var/jenkins_home
             BRANCH_NAME=v1.4.0
             BUILD_NUMBER=1
             GIT_BRANCH=v1.4.0
             TAG_NAME=v1.4.0",
            "system: jenkins
             version: v1.4.0 (TAG_NAME)
             build_number: 1 (BUILD_NUMBER)",
        );
    }

    #[test]
    fn a_multibranch_job_on_a_pull_request() {
        check(
            "JENKINS_URL=https://jenkins.acme.example/
             BRANCH_NAME=PR-24
             BUILD_NUMBER=2
             CHANGE_AUTHOR=ada
             CHANGE_AUTHOR_DISPLAY_NAME=Ada Lovelace
             CHANGE_AUTHOR_EMAIL=ada@acme.example
             CHANGE_BRANCH=feature/cart
             CHANGE_ID=24
             CHANGE_TARGET=main
             GIT_BRANCH=PR-24",
            "system: jenkins
             branch: feature/cart (CHANGE_BRANCH)
             build_number: 2 (BUILD_NUMBER)
             actor: ada (CHANGE_AUTHOR)
             actor_email: ada@acme.example (CHANGE_AUTHOR_EMAIL)
             actor_name: Ada Lovelace (CHANGE_AUTHOR_DISPLAY_NAME)
             pull_request=24",
        );
    }

    #[test]
    fn the_address_of_a_server_in_a_shell_is_no_build() {
        check("JENKINS_URL=https://jenkins.acme.example/", "");
    }
}
