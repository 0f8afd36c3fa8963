//! Travis CI.
//!
//! Source: Travis CI docs, "Default environment variables".

use super::readings::{commit, number_or_false};
use super::system::Condition::{Is, Unset};
use super::system::{System, variable};

pub(super) const SYSTEM: System = System {
    name: "travis",
    marks: &[&[Is("TRAVIS", "true")]],
    tag: &[variable("TRAVIS_TAG")],
    // For pull requests the second is a merge commit, and the first the one that was proposed.
    commit_sha: &[
        variable("TRAVIS_PULL_REQUEST_SHA").read_as(commit),
        variable("TRAVIS_COMMIT").read_as(commit),
    ],
    // The second is the tag again for tags, and the branch that is merged into for pull requests.
    branch: &[
        variable("TRAVIS_PULL_REQUEST_BRANCH"),
        variable("TRAVIS_BRANCH").only_if(&[Unset("TRAVIS_TAG")]),
    ],
    repository: &[variable("TRAVIS_REPO_SLUG")],
    build_number: &[variable("TRAVIS_BUILD_NUMBER")],
    // A restarted build keeps its id.
    invoke_id: &[variable("TRAVIS_BUILD_ID")],
    run_url: &[variable("TRAVIS_BUILD_WEB_URL")],
    metadata: &[
        ("stage", variable("TRAVIS_BUILD_STAGE_NAME")),
        ("job", variable("TRAVIS_JOB_NAME")),
        ("event", variable("TRAVIS_EVENT_TYPE")),
        ("pull_request", variable("TRAVIS_PULL_REQUEST").read_as(number_or_false)),
    ],
    ..System::EMPTY
};

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn a_push() {
        check(
            "CI=true
             TRAVIS=true
             TRAVIS_BRANCH=main
             TRAVIS_BUILD_ID=46812085
             TRAVIS_BUILD_NUMBER=60
             TRAVIS_BUILD_WEB_URL=https://app.travis-ci.com/acme/shop/builds/46812085
             TRAVIS_COMMIT=e7090ffc4ef844d1a066a34037c913b429d7dc2a
             TRAVIS_EVENT_TYPE=push
             TRAVIS_PULL_REQUEST=false
             TRAVIS_PULL_REQUEST_BRANCH=
             TRAVIS_PULL_REQUEST_SHA=
             TRAVIS_REPO_SLUG=acme/shop
             TRAVIS_TAG=",
            "system: travis
             application: shop (TRAVIS_REPO_SLUG)
             version: e7090ffc4ef8 (short form of TRAVIS_COMMIT)
             commit_sha: e7090ffc4ef844d1a066a34037c913b429d7dc2a (TRAVIS_COMMIT)
             branch: main (TRAVIS_BRANCH)
             repository: acme/shop (TRAVIS_REPO_SLUG)
             build_number: 60 (TRAVIS_BUILD_NUMBER)
             invoke_id: 46812085 (TRAVIS_BUILD_ID)
             run_url: https://app.travis-ci.com/acme/shop/builds/46812085 (TRAVIS_BUILD_WEB_URL)
             event=push",
        );
    }

    #[test]
    fn a_tag_repeated_as_branch_is_no_branch() {
        check(
            "TRAVIS=true\nTRAVIS_BRANCH=v1.4.0\nTRAVIS_TAG=v1.4.0",
            "system: travis\nversion: v1.4.0 (TRAVIS_TAG)",
        );
    }

    #[test]
    fn a_pull_request_is_for_its_source() {
        check(
            "TRAVIS=true
             TRAVIS_BRANCH=main
             TRAVIS_COMMIT=ffac537e6cbbf934b08745a378932722df287a53
             TRAVIS_PULL_REQUEST=5
             TRAVIS_PULL_REQUEST_BRANCH=feature/cart
             TRAVIS_PULL_REQUEST_SHA=eba09b46064473a1d345da7abf28b477468e8dbd",
            "system: travis
             version: eba09b460644 (short form of TRAVIS_PULL_REQUEST_SHA)
             commit_sha: eba09b46064473a1d345da7abf28b477468e8dbd (TRAVIS_PULL_REQUEST_SHA)
             branch: feature/cart (TRAVIS_PULL_REQUEST_BRANCH)
             pull_request=5",
        );
    }
}
