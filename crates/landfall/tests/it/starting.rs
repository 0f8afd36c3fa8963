//! Starting the real binary: the first key, settings, and what is refused with which words.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use crate::harness::{Call, Client, Ended, Launch, PRESET_KEY, Process, memory_directory};

pub(super) fn report() -> Call {
    let body = json!({
        "product_name": "shop", "version": "1", "environment_name": "production",
        "status": "success",
    });
    Call::post("/deployment-events/", body.to_string())
}

pub(super) fn assert_refused(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for word in words {
        assert!(ended.errors.contains(word), "{word} is not in {}", ended.errors);
    }
}

#[tokio::test]
async fn the_first_start_puts_the_admin_key_where_only_its_user_reads() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let mut process = Launch::serve(&data).start();
    let file = data.join("admin-key");
    assert_eq!(process.line(), format!("The admin key is in {}", file.display()));
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let key = std::fs::read_to_string(&file).unwrap();
    Client::new(&process.url, key.trim()).send(report()).await.ok();
    assert!(!process.log().contains(key.trim()), "the key is in the log");
    process.terminate();
    assert_eq!(process.wait(), Some(0));

    // The second start makes no other key, and the first one goes on working.
    let mut process = Launch::serve(&data).start();
    Client::new(&process.url, key.trim()).send(report()).await.ok();
    process.terminate();
    assert_eq!(process.line(), "");
    assert_eq!(process.wait(), Some(0));
}

#[tokio::test]
async fn a_first_start_that_fails_to_listen_does_not_lose_the_key() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let arguments = ["serve", "--listen", &address, "--data", data.to_str().unwrap()];
    let ended = Launch::command(&arguments, &data).run();
    assert_refused(&ended, &["can't listen on", &address]);

    let mut process = Launch::serve(&data).start();
    assert!(process.line().starts_with("The admin key is in "));
}

#[tokio::test]
async fn a_preset_admin_key_is_taken_instead() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let process = Process::start(&data);
    process.client().send(report()).await.ok();
    assert!(!data.join("admin-key").exists());
    process.kill();

    // Another secret under the same id replaces it.
    let other = PRESET_KEY.replace("0123", "9876");
    let process = Launch::serve(&data).variable("LANDFALL_ADMIN_KEY", &other).start();
    assert_eq!(process.client().send(report()).await.status, 401);
    Client::new(&process.url, &other).send(report()).await.ok();

    let data = directory.path().join("elsewhere");
    let ended = Launch::serve(&data).variable("LANDFALL_ADMIN_KEY", "sk_default_k1_short").run();
    assert_refused(&ended, &["LANDFALL_ADMIN_KEY", "at least 32 characters"]);
}

#[test]
fn a_variable_that_is_no_setting_is_warned_of() {
    let directory = memory_directory();
    let process = Launch::serve(&directory.path().join("data"))
        .variable("LANDFALL_LISEN", "127.0.0.1:1") // typos:ignore
        .variable("LANDFALL_API_KEY", "for the client")
        .start();
    let log = process.log();
    assert!(log.contains("warning: LANDFALL_LISEN is set, but it is no setting"), "{log}"); // typos:ignore
    assert!(!log.contains("LANDFALL_API_KEY"), "{log}");
}

#[cfg(not(feature = "otel"))]
#[test]
fn a_collector_of_traces_is_refused_by_a_binary_that_has_none() {
    let directory = memory_directory();
    let ended = Launch::serve(&directory.path().join("data"))
        .variable("LANDFALL_TRACES_ENDPOINT", "http://127.0.0.1:4318")
        .run();
    assert_refused(&ended, &["`traces_endpoint` is set", "--features otel"]);
}

fn with_file(directory: &Path, text: &str, arguments: &[&str]) -> Launch {
    let file = directory.join("landfall.toml");
    std::fs::write(&file, text).unwrap();
    let arguments = [arguments, &["--config", file.to_str().unwrap()]].concat();
    Launch::command(&arguments, directory)
}

#[test]
fn a_file_that_is_wrong_is_refused_with_what_is_wrong() {
    let directory = memory_directory();
    for (text, words) in [
        ("lissten = '127.0.0.1:0'", &["landfall.toml", "`lissten`", "listen, data"][..]),
        ("listen = ", &["landfall.toml", "is not TOML"]),
        ("listen = 'here'", &["`listen` is `here`", "landfall.toml", "0.0.0.0:8080"]),
        ("listen = true", &["`listen` must be text or a number, not boolean"]),
        ("events_kept_days = 0", &["`events_kept_days` is `0`", "from 1 to 36500"]),
        ("log_format = 'xml'", &["`log_format` is `xml`; use text, json or auto"]),
    ] {
        assert_refused(&with_file(directory.path(), text, &["serve"]).run(), words);
        assert_refused(&with_file(directory.path(), text, &["config", "show"]).run(), words);
    }
    let ended = Launch::command(&["serve", "--config", "/nowhere.toml"], directory.path()).run();
    assert_refused(&ended, &["can't read `/nowhere.toml`"]);
}

#[test]
fn every_setting_is_shown_with_where_it_came_from() {
    let directory = memory_directory();
    let text = "data = '/srv/landfall'\nlog = 'debug'\nrate_per_key = 5\n";
    let ended = with_file(directory.path(), text, &["config", "show", "--listen", "127.0.0.1:9"])
        .variable("LANDFALL_LOG", "warn")
        .variable("LANDFALL_ADMIN_KEY", PRESET_KEY)
        .run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let file = directory.path().join("landfall.toml");
    let file = file.display();
    for line in [
        "listen = \"127.0.0.1:9\"  # --listen",
        &format!("data = \"/srv/landfall\"  # {file}"),
        "log = \"warn\"  # LANDFALL_LOG",
        &format!("rate_per_key = \"5\"  # {file}"),
        "admin_key = \"(hidden)\"  # LANDFALL_ADMIN_KEY",
        "events_kept_days = \"400\"  # default",
    ] {
        assert!(ended.output.lines().any(|shown| shown == line), "{line}: {}", ended.output);
    }
    assert_eq!(ended.output.lines().count(), landfall::settings::SETTINGS.len());
}
