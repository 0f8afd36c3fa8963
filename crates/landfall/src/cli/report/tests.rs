//! Which values a report has, and what people are told of it.

use std::collections::BTreeMap;

use clap::Parser;

use super::super::api::parse;
use super::super::connection::Address;
use super::super::detect::{GitFacts, detect};
use super::arguments::DeploymentArguments;
use super::draft::{Draft, Place, told};
use super::{Kind, missing, outcome};

#[derive(Parser)]
#[command(disable_version_flag = true)]
struct Line {
    #[command(flatten)]
    arguments: DeploymentArguments,
}

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn github() -> BTreeMap<String, String> {
    variables(&[
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_SHA", "83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d"),
        ("GITHUB_RUN_ID", "1658821493"),
        ("GITHUB_ACTOR", "ada"),
        ("GITHUB_WORKFLOW", "Deploy"),
    ])
}

fn draft(variables: &BTreeMap<String, String>, flags: &[&str]) -> Draft {
    let line = Line::parse_from([&["deployment"], flags].concat());
    let DeploymentArguments { environment, target, flags, sending: _ } = line.arguments;
    let place = Place { environment: environment.as_ref(), target: target.as_ref() };
    Draft::merge(place, &flags, &detect(variables, &GitFacts::default(), told(&flags)))
}

#[test]
fn a_dry_run_tells_every_value_and_its_origin() {
    let draft = draft(
        &github(),
        &["-e", "production", "--target=eu", "--branch=release", "--metadata", "image=shop:1"],
    );
    let address = Address::parse("https://landfall.acme.example").unwrap();
    insta::assert_snapshot!(outcome::rehearsal(Kind::Deployment, Some(&address), &draft), @"
    Dry run: nothing is sent. Without --dry-run: POST https://landfall.acme.example/api/v1/deployments

    FIELD              VALUE                                     FROM
    application        shop                                      GITHUB_REPOSITORY
    version            83a20ec058e2                              short form of GITHUB_SHA
    environment        production                                --environment
    target             eu                                        --target
    status             completed                                 default
    commit_sha         83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d  GITHUB_SHA
    branch             release                                   --branch
    repository         acme/shop                                 GITHUB_REPOSITORY
    invoke_id          1658821493                                GITHUB_RUN_ID
    source_system      github                                    recognised by itself
    actor.login        ada                                       GITHUB_ACTOR
    metadata.image     shop:1                                    --metadata
    metadata.workflow  Deploy                                    github
    ");
}

#[test]
fn the_body_has_the_shape_of_the_api() {
    let flags = ["-e=production", "--by-name=Ada", "--error=timed out", "--status=failed"];
    let flags = [&flags[..], &["--version=1.4.2", "--metadata=workflow=mine=1"]].concat();
    let expected = serde_json::json!({
      "actor": {
        "login": "ada",
        "name": "Ada"
      },
      "application": "shop",
      "branch": "main",
      "commit_sha": "83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d",
      "environment": "production",
      "error": {
        "message": "timed out"
      },
      "invoke_id": "1658821493",
      "metadata": {
        "workflow": "mine=1"
      },
      "repository": "acme/shop",
      "source_system": "github",
      "status": "failed",
      "version": "1.4.2"
    });
    assert_eq!(draft(&github(), &flags).body(), expected);
}

#[test]
fn a_person_named_by_a_flag_is_not_mixed_with_the_one_found() {
    let gitlab = variables(&[
        ("GITLAB_CI", "true"),
        ("GITLAB_USER_LOGIN", "grace"),
        ("GITLAB_USER_EMAIL", "grace@acme.example"),
    ]);

    let named = draft(&gitlab, &["--by=ada"]);
    let found = draft(&gitlab, &["--by-name=Grace Hopper"]);

    assert_eq!((named.find("actor.login"), named.find("actor.email")), (Some("ada"), None));
    assert_eq!(found.find("actor.email"), Some("grace@acme.example"));
    assert_eq!(found.find("actor.name"), Some("Grace Hopper"));
}

#[test]
fn an_empty_flag_counts_as_not_given() {
    let draft = draft(&github(), &["--branch=", "--version= "]);
    assert_eq!(draft.find("branch"), Some("main"));
    assert_eq!(draft.find("version"), Some("83a20ec058e2"));
}

#[test]
fn what_is_missing_is_told_with_where_it_was_looked_for() {
    let refusal = |variables: &BTreeMap<String, String>| {
        missing::check(&draft(variables, &[]), true, variables).unwrap_err().to_string()
    };
    let outside = refusal(&variables(&[]));
    insta::assert_snapshot!(outside, @"
    no application: give --application (no CI system was recognised, and git knows none here)
    no version: give --version (no CI system was recognised, and git knows none here)
    no environment: give --environment, such as production
    ");
    let inside = refusal(&variables(&[("GITHUB_ACTIONS", "true")]));
    insta::assert_snapshot!(inside, @"
    no application: give --application, or set one of GITHUB_REPOSITORY (none is set or fits, and git knows none here)
    no version: give --version, or set one of GITHUB_REF, GITHUB_SHA (none is set or fits, and git knows none here)
    no environment: give --environment, such as production
    ");
}

#[test]
fn flags_that_make_no_sense_are_refused() {
    for flags in [
        ["--metadata", "image"],
        ["--metadata", "=shop"],
        ["--started-at", "yesterday"],
        ["--timeout", "0"],
        ["--fail-on-error", "maybe"],
    ] {
        let line = Line::try_parse_from([&["deployment"], &flags[..]].concat());
        assert!(line.is_err(), "{flags:?}");
    }
}

#[test]
fn the_answer_is_told_in_words() {
    let answer = r#"{"deployment": {"id": "0193", "status": "completed",
        "began_at": "2026-11-20T22:17:00Z", "application": {"name": "shop"},
        "version": {"name": "1.4.2"}, "environment": {"code": "production"}, "target": "eu",
        "flags": ["other_sha"]}, "repeated": false, "became_current": true, "sequence": 7}"#;
    insta::assert_snapshot!(outcome::told(&parse(answer).unwrap()), @"
    shop 1.4.2 → production / eu: completed, now current
    id 0193
    note: it names another commit than the build of its version did
    ");

    let answer = r#"{"build": {"id": "0193", "status": "failed",
        "began_at": "2026-11-20T22:17:00Z", "application": {"name": "shop"},
        "version": {"name": "1.4.2"}}, "repeated": true, "sequence": null}"#;
    insta::assert_snapshot!(outcome::told(&parse(answer).unwrap()), @"
    shop 1.4.2: failed (known already, nothing changed)
    id 0193
    ");
}
