//! Reporting from pipelines.

use super::Desk;

const GITHUB: [(&str, &str); 5] = [
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_REPOSITORY", "acme/shop"),
    ("GITHUB_REF", "refs/tags/v1.4.2"),
    ("GITHUB_RUN_ID", "1658821493"),
    ("GITHUB_ACTOR", "ada"),
];

#[test]
fn a_pipeline_reports_with_nothing_but_an_environment() {
    let desk = Desk::start();
    for status in ["started", "completed"] {
        let line = ["report", "deployment", "-e", "production", "--status", status];
        let mut launch = desk.user(&line);
        for (name, value) in GITHUB {
            launch = launch.variable(name, value);
        }
        let ended = launch.run();
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }

    let history: serde_json::Value = serde_json::from_str(&desk.run("history --json")).unwrap();
    let items = history["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "start and end are one deployment");
    assert_eq!(items[0]["version"]["name"], "v1.4.2");
    assert_eq!(items[0]["application"]["name"], "shop");
    assert_eq!(items[0]["status"], "completed");
    assert_eq!(items[0]["actor"]["login"], "ada");
    assert_eq!(items[0]["source_system"], "github");
}

#[test]
fn a_dry_run_sends_nothing_and_needs_no_server() {
    let desk = Desk::start();
    let line = "report deployment -a shop --version 1.4.2 -e production --dry-run";
    let ended = desk.stranger(&line.split(' ').collect::<Vec<_>>()).run();

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.output.contains("environment"), "{}", ended.output);
    assert!(desk.run("history").contains("No deployment"));
}

#[test]
fn a_repeated_report_is_told_as_such() {
    let desk = Desk::start();
    let line = "report deployment -a shop --version 1.4.2 -e production";
    assert!(desk.run(line).contains("now current"));
    assert!(desk.run(line).contains("known already"));
}

#[test]
fn everything_that_a_flag_can_say_is_accepted() {
    let desk = Desk::start();
    let said = "--status success --target eu --project web --branch main --repository acme/shop \
        --commit 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d --build-number 7 --invoke-id 8 \
        --source-id 9 --source-system jenkins --run-url https://ci.example/7 --by ada \
        --by-email ada@acme.example --by-name Ada --description Fine --error none \
        --error-code E0 --metadata a=b --metadata c=d=e --started-at 2026-03-01T12:00:00Z \
        --completed-at 2026-03-01T12:01:30Z --timeout 5 --json";
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = format!("report deployment -a shop --version 1.4.2 -e production {said}");
    let answer: serde_json::Value = serde_json::from_str(&desk.run(&line)).unwrap();

    let deployment = &answer["deployment"];
    assert_eq!(deployment["duration_ms"], 90_000);
    assert_eq!(deployment["metadata"]["c"], "d=e");
    assert_eq!(deployment["url"], "https://ci.example/7");
    assert_eq!(deployment["project"]["name"], "web");
    assert_eq!(deployment["target"], "eu");
}
