//! TeamCity, which tells little by itself: branch and repository come from git.
//!
//! Source: TeamCity docs, "List of Predefined Build Parameters". A person's name is only a
//! parameter, `%teamcity.build.triggeredBy.username%`, to be passed with `--by`.

use super::readings::{commit, last_number};
use super::system::Condition::Set;
use super::system::{System, template, variable};

pub(super) const SYSTEM: System = System {
    name: "teamcity",
    marks: &[&[Set("TEAMCITY_VERSION")]],
    // Unset where a configuration has more than one repository.
    commit_sha: &[variable("BUILD_VCS_NUMBER").read_as(commit)],
    build_number: &[variable("BUILD_NUMBER")],
    // The build's id is the end of its address. Numbers are a configuration's own.
    invoke_id: &[
        variable("BUILD_URL").read_as(last_number),
        template("{TEAMCITY_PROJECT_NAME}/{TEAMCITY_BUILDCONF_NAME}/{BUILD_NUMBER}"),
    ],
    run_url: &[variable("BUILD_URL")],
    metadata: &[
        ("pipeline", variable("TEAMCITY_PROJECT_NAME")),
        ("job", variable("TEAMCITY_BUILDCONF_NAME")),
    ],
    ..System::EMPTY
};

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn a_build_with_one_repository() {
        check(
            "BUILD_NUMBER=61
             BUILD_URL=https://teamcity.acme.example/buildConfiguration/Shop_Deploy/4711
             BUILD_VCS_NUMBER=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             BUILD_VCS_NUMBER_Shop=83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d
             TEAMCITY_BUILDCONF_NAME=Deploy
             TEAMCITY_PROJECT_NAME=Shop
             TEAMCITY_VERSION=2025.07 (build 197242)",
            "system: teamcity
             version: 83a20ec058e2 (short form of BUILD_VCS_NUMBER)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (BUILD_VCS_NUMBER)
             build_number: 61 (BUILD_NUMBER)
             invoke_id: 4711 (BUILD_URL)
             run_url: https://teamcity.acme.example/buildConfiguration/Shop_Deploy/4711 (BUILD_URL)
             job=Deploy
             pipeline=Shop",
        );
    }

    #[test]
    fn an_old_server_that_tells_no_address() {
        check(
            "BUILD_NUMBER=1.4.61
             BUILD_VCS_NUMBER=48211
             TEAMCITY_BUILDCONF_NAME=Deploy
             TEAMCITY_PROJECT_NAME=Shop
             TEAMCITY_VERSION=2018.1",
            "system: teamcity
             build_number: 1.4.61 (BUILD_NUMBER)
             invoke_id: Shop/Deploy/1.4.61 (TEAMCITY_PROJECT_NAME + TEAMCITY_BUILDCONF_NAME + BUILD_NUMBER)
             job=Deploy
             pipeline=Shop",
        );
    }
}
