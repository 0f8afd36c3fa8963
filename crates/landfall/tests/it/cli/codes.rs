//! Exit codes and signing in.

use super::Desk;
use crate::harness::PRESET_KEY;

#[test]
fn every_way_to_fail_has_its_code() {
    let desk = Desk::start();
    let cases: [(&[&str], i32, &str); 6] = [
        (&["status", "--bogus"], 1, "--bogus"),
        (&["report", "build", "--version", "1", "-a", ""], 1, "no application"),
        (&["status", "--url", "http://127.0.0.1:1"], 2, "can't be reached"),
        (&["compare", "here", "there"], 3, "here"),
        (&["status", "--api-key", "sk_default_k9_wrong"], 4, "API key"),
        (&["status", "--url", "nonsense"], 1, "must be like"),
    ];
    for (line, code, word) in cases {
        // Without a checkout: here is one, and it would tell an application.
        let ended = desk.user(line).variable("GIT_DIR", "/nowhere").run();
        assert_eq!(ended.code, Some(code), "{line:?}: {ended:?}");
        assert!(ended.errors.contains(word), "{line:?}: {}", ended.errors);
    }
}

#[test]
fn a_report_can_be_told_never_to_break_a_pipeline() {
    let desk = Desk::start();
    let line = "report build -a shop --version 1 --status flying --fail-on-error false";
    let ended = desk.user(&line.split(' ').collect::<Vec<_>>()).run();
    assert_eq!(ended.code, Some(0));
    assert!(ended.errors.contains("warning: not reported"), "{}", ended.errors);
}

#[test]
fn who_signed_in_needs_neither_flags_nor_variables() {
    let desk = Desk::start();
    assert_eq!(desk.stranger(&["status"]).run().code, Some(1), "no server is known");

    let wrong = ["login", "--url", &desk.server.url, "--key", "sk_default_k9_wrong"];
    assert_eq!(desk.stranger(&wrong).run().code, Some(4));
    assert!(!desk.path("home").exists(), "nothing is kept of a key that was refused");

    let right = ["login", "--url", &desk.server.url, "--key", PRESET_KEY];
    let ended = desk.stranger(&right).run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.output.contains(PRESET_KEY) && !ended.errors.contains(PRESET_KEY));
    assert_eq!(desk.stranger(&["status"]).run().code, Some(0));
}

#[test]
fn a_key_for_reports_can_sign_in() {
    let desk = Desk::start();
    let key = desk.run("key create ci");
    let ended = desk.stranger(&["login", "--url", &desk.server.url, "--key", key.trim()]).run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.output.contains("can report but not read"), "{}", ended.output);
}
