//! Filters, seen from outside: what passes, and what is said about it.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

fn globs(patterns: &[&str]) -> Vec<Glob> {
    patterns.iter().map(|text| Glob::try_from((*text).to_owned()).unwrap()).collect()
}

const COMPLETED: Subject<'static> = Subject {
    kind: "deployment.completed",
    project: Some("shop"),
    project_id: None,
    application: Some("checkout"),
    environment: Some("prod-eu"),
    environment_name: Some("Production EU"),
    environment_type: Some(EnvironmentType::Production),
    backfill: false,
};
const CREATED: Subject<'static> = Subject {
    kind: "environment.created",
    project: None,
    project_id: None,
    application: None,
    environment: Some("qa"),
    environment_name: None,
    environment_type: Some(EnvironmentType::Testing),
    backfill: false,
};
const DISABLED: Subject<'static> =
    Subject { kind: "webhook.disabled", environment: None, environment_type: None, ..CREATED };

#[test]
fn no_filters_want_every_event_but_those_about_webhooks() {
    let all = Filters::default();
    assert!(all.matches(&COMPLETED) && all.matches(&CREATED));
    assert!(!all.matches(&DISABLED));
    assert!(Filters { events: globs(&["*"]), ..Filters::default() }.matches(&DISABLED));
}

#[test]
fn projects_do_not_matter_to_environments_and_webhooks() {
    let filters =
        Filters { events: globs(&["*"]), projects: globs(&["other"]), ..Filters::default() };
    assert!(filters.matches(&CREATED) && filters.matches(&DISABLED));
    assert!(!filters.matches(&COMPLETED));
}

#[test]
fn what_an_event_lacks_satisfies_no_filter() {
    let of_applications = Filters { applications: globs(&["*"]), ..Filters::default() };
    assert!(of_applications.matches(&COMPLETED) && !of_applications.matches(&CREATED));
    let of_environments = Filters { environments: globs(&["*"]), ..Filters::default() };
    let of_types =
        Filters { environment_types: EnvironmentType::ALL.to_vec(), ..Filters::default() };
    let built = Subject {
        kind: "build.completed",
        environment: None,
        environment_name: None,
        environment_type: None,
        ..COMPLETED
    };
    assert!(!of_environments.matches(&built) && !of_types.matches(&built));
}

#[test]
fn an_environment_is_known_by_code_and_by_name() {
    for pattern in ["prod-*", "production eu"] {
        let filters = Filters { environments: globs(&[pattern]), ..Filters::default() };
        assert!(filters.matches(&COMPLETED), "{pattern}");
    }
}

#[test]
fn late_reports_are_wanted_only_where_history_is() {
    let late = Subject { backfill: true, ..COMPLETED };
    assert!(!Filters::default().matches(&late));
    assert!(Filters { history: true, ..Filters::default() }.matches(&late));
    assert_eq!(Filters::default().explain(&late)[0].filter, "history");
}

#[test]
fn an_explanation_names_what_was_wanted_and_found() {
    let filters = Filters {
        projects: globs(&["shop", "pay*"]),
        environments: globs(&["qa"]),
        ..Filters::default()
    };
    let found: Vec<_> = filters
        .explain(&COMPLETED)
        .into_iter()
        .map(|check| (check.filter, check.wanted, check.found, check.holds))
        .collect();
    assert_eq!(
        found,
        [
            ("projects", "shop, pay*".to_owned(), "shop".to_owned(), true),
            ("environments", "qa".to_owned(), "prod-eu (Production EU)".to_owned(), false),
        ]
    );
}

#[test]
fn lists_are_bounded_and_may_be_left_out() {
    let many = serde_json::json!({ "events": vec!["*"; 51] });
    assert!(serde_json::from_value::<Filters>(many).is_err());
    assert_eq!(serde_json::from_str::<Filters>("{}").unwrap(), Filters::default());
}

fn patterns() -> impl Strategy<Value = Vec<Glob>> {
    let words = vec!["*", "shop", "prod*", "deployment.*", "webhook.disabled", "qa", "?a"];
    subsequence(words, 0..3).prop_map(|words| globs(&words))
}

fn name() -> impl Strategy<Value = Option<&'static str>> {
    select(vec![None, Some("shop"), Some("prod-eu"), Some("qa"), Some("")])
}

fn filters() -> impl Strategy<Value = Filters> {
    let types = subsequence(EnvironmentType::ALL.to_vec(), 0..3);
    (patterns(), patterns(), patterns(), patterns(), types, any::<bool>()).prop_map(
        |(events, projects, applications, environments, environment_types, history)| Filters {
            events,
            projects,
            applications,
            environments,
            environment_types,
            history,
        },
    )
}

fn subject() -> impl Strategy<Value = Subject<'static>> {
    let kinds = select(vec!["deployment.completed", "environment.created", "webhook.disabled"]);
    let types = proptest::option::of(select(EnvironmentType::ALL.to_vec()));
    (kinds, name(), name(), name(), name(), types, any::<bool>()).prop_map(
        |(
            kind,
            project,
            application,
            environment,
            environment_name,
            environment_type,
            backfill,
        )| {
            Subject {
                kind,
                project,
                project_id: None,
                application,
                environment,
                environment_name,
                environment_type,
                backfill,
            }
        },
    )
}

proptest! {
    #[test]
    fn an_event_is_wanted_when_every_check_holds(filters in filters(), subject in subject()) {
        let explained = filters.explain(&subject).iter().all(|check| check.holds);
        prop_assert_eq!(filters.matches(&subject), explained);
    }
}
