//! The dashboard in a headless Chromium, over the demo's company.
//!
//! What is checked stands in `tests/clients/browser`, one program per test, and all pages in one list
//! there, `pages.mjs`. A program prints a line for each check, so that one test tells all that is wrong.

mod program;

use program::Program;

use crate::harness::{Launch, memory_directory};

/// Serves the demo and runs a program against it.
fn run(program: &str) {
    let directory = memory_directory();
    let data = directory.path().join("demo");
    // Some programs bring a receiver of their own.
    let demo = Launch::demo(&data, "127.0.0.1:0").variable("LANDFALL_EGRESS_ALLOW", "127.0.0.0/8");
    let server = demo.start();
    let key = std::fs::read_to_string(data.join("demo-key")).unwrap();
    let checks = Program::start(program, &server.url, &key).finish(|wanted| panic!("{wanted}?"));
    checks.assert_all_passed();
}

#[test]
fn every_page_is_whole_in_both_themes_on_a_wide_screen_and_a_phone() {
    run("look.mjs");
}

#[test]
fn filter_numbers_keys_and_theme_do_what_they_say() {
    run("using.mjs");
}

#[test]
fn every_action_does_what_it_says() {
    run("acting.mjs");
}

#[test]
fn a_matrix_that_is_larger_than_a_page_is_all_within_reach() {
    run("wide.mjs");
}

#[test]
fn the_facts_of_a_cell_are_told_to_pointers_keys_and_fingers() {
    run("card.mjs");
}

#[test]
fn many_tabs_of_one_browser_all_hear_the_news() {
    run("tabs.mjs");
}

#[test]
fn pages_and_forms_are_for_whom_they_are_for() {
    run("access.mjs");
}

#[test]
fn news_show_by_themselves_also_after_a_restart() {
    let directory = memory_directory();
    let data = directory.path().join("demo");
    let mut server = Some(Launch::demo(&data, "127.0.0.1:0").start());
    let url = server.as_ref().unwrap().url.clone();
    let address = url.strip_prefix("http://").unwrap().to_owned();
    let key = std::fs::read_to_string(data.join("demo-key")).unwrap();
    let checks = Program::start("live.mjs", &url, &key).finish(|wanted| {
        assert_eq!(wanted, "restart");
        let before = server.take().unwrap();
        before.terminate();
        assert_eq!(before.wait(), Some(0));
        server = Some(Launch::demo(&data, &address).start());
    });
    checks.assert_all_passed();
}
