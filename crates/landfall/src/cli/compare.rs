//! `landfall compare`: two environments side by side, and which of them is ahead.

use clap::Args;
use landfall_domain::time::Timestamp;
use serde::Deserialize;

use super::age::age;
use super::api::{Api, parse};
use super::connection::ServerOptions;
use super::failure::Failure;
use super::path::Path;
use super::session::Session;
use super::shapes::{Named, Standing};
use super::table::table;

/// The flags of `compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The environment to look from, such as `staging`
    pub from: String,
    /// The environment to look at, such as `production`
    pub to: String,
    /// Show what is the same in both too
    #[arg(long)]
    pub all: bool,
    /// Print the server's JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerOptions,
}

/// How two environments stand to each other.
#[derive(Debug, Deserialize)]
struct Comparison {
    differences: Vec<Difference>,
    #[serde(default)]
    same: u64,
}

/// One application, or one target of it, in the two.
#[derive(Debug, Deserialize)]
struct Difference {
    application: Named,
    #[serde(default)]
    project: Named,
    #[serde(default)]
    target: String,
    #[serde(default)]
    from: Option<Standing>,
    #[serde(default)]
    to: Option<Standing>,
    relation: String,
    #[serde(default)]
    versions: Option<u64>,
}

/// Shows what differs; that something does is no failure.
pub(crate) async fn run(arguments: CompareArguments, session: &Session) -> Result<(), Failure> {
    let CompareArguments { from, to, all, json, server } = arguments;
    let path = Path::new("/compare")
        .with("from", Some(&from))
        .with("to", Some(&to))
        .with("all", all.then_some(true));
    let body = Api::find(&server, session)?.get(path).await?;
    if json {
        return session.output.verbatim(&body);
    }
    session.output.text(&render(&parse(&body)?, &from, &to, session.now()))
}

fn render(comparison: &Comparison, from: &str, to: &str, now: Timestamp) -> String {
    let Comparison { differences, same } = comparison;
    let differing = differences.iter().filter(|it| it.relation != "same").count();
    let title = format!("{from} → {to}: {differing} differ, {same} the same");
    if differences.is_empty() {
        return title;
    }
    let is_grouped = differences.windows(2).any(|pair| pair[0].project != pair[1].project);
    let row = |difference: &Difference| {
        vec![
            name(difference, is_grouped),
            side(difference.from.as_ref(), now),
            side(difference.to.as_ref(), now),
            verdict(difference, from, to),
        ]
    };
    let table = table(&["APPLICATION", from, to, ""], differences.iter().map(row).collect());
    format!("{title}\n\n{table}")
}

fn name(difference: &Difference, is_grouped: bool) -> String {
    let Difference { project, application, target, .. } = difference;
    let name = if is_grouped {
        format!("{} / {}", project.name, application.name)
    } else {
        application.name.clone()
    };
    if target.is_empty() { name } else { format!("{name} ({target})") }
}

fn side(standing: Option<&Standing>, now: Timestamp) -> String {
    let text = |Standing { version, at }: &Standing| format!("{version} {}", age(now, *at));
    standing.map_or_else(|| "–".to_owned(), text)
}

/// Which is ahead, seen from the first.
fn verdict(difference: &Difference, from: &str, to: &str) -> String {
    let by = match difference.versions {
        Some(1) => " by 1 version".to_owned(),
        Some(0) | None => String::new(),
        Some(count) => format!(" by {count} versions"),
    };
    match difference.relation.as_str() {
        "same" => "the same".to_owned(),
        "ahead" => format!("{from} is ahead{by}"),
        "behind" => format!("{to} is ahead{by}"),
        "only_in_from" => format!("only in {from}"),
        "only_in_to" => format!("only in {to}"),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answer: &str) -> String {
        let now = Timestamp::parse("2026-11-20T22:18:49Z").unwrap();
        render(&parse(answer).unwrap(), "staging", "production", now)
    }

    #[test]
    fn differences_say_which_side_is_ahead_and_how_far() {
        let text = check(
            r#"{"from": {"code": "staging"}, "to": {"code": "production"}, "same": 9, "differences": [
            {"application": {"name": "cart"}, "project": {"name": "default"}, "target": "",
             "from": {"version": "1.5.0", "at": "2026-11-20T20:00:00Z"},
             "to": {"version": "1.4.2", "at": "2026-11-17T20:00:00Z"},
             "relation": "ahead", "versions": 2},
            {"application": {"name": "shop"}, "project": {"name": "default"}, "target": "eu",
             "from": {"version": "2.0.0", "at": "2026-11-20T20:00:00Z"},
             "to": {"version": "2.0.1", "at": "2026-11-20T22:00:00Z"},
             "relation": "behind", "versions": 1},
            {"application": {"name": "mail"}, "project": {"name": "default"}, "target": "",
             "from": {"version": "0.1.0", "at": "2026-11-20T22:18:00Z"}, "relation": "only_in_from"},
            {"application": {"name": "tax"}, "project": {"name": "default"}, "target": "",
             "to": {"version": "7", "at": "2025-01-01T00:00:00Z"}, "relation": "only_in_to"}
        ]}"#,
        );
        insta::assert_snapshot!(text, @"
        staging → production: 4 differ, 9 the same

        APPLICATION  staging    production
        cart         1.5.0 2h   1.4.2 3d    staging is ahead by 2 versions
        shop (eu)    2.0.0 2h   2.0.1 18m   production is ahead by 1 version
        mail         0.1.0 49s  –           only in staging
        tax          –          7 1y        only in production
        ");
    }

    #[test]
    fn two_environments_that_are_the_same_are_told_in_a_line() {
        let text = check(r#"{"differences": [], "same": 3}"#);
        assert_eq!(text, "staging → production: 0 differ, 3 the same");
    }
}
