//! Qovery's own client for JavaScript, driven by Node through everything that it can do here.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::report;
use crate::harness::Server;
use crate::harness::receiver::Receiver;

/// Where `./test` installs the client, wherever cargo itself builds.
const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/clients");
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/qovery.mjs");

/// Runs one part of the program, and returns what it prints.
async fn run(server: &Server, scheme: &str, part: &str, input: &Value) -> Value {
    let client = Path::new(CLIENTS).join("node_modules/qovery-typescript-axios");
    assert!(client.exists(), "{} is missing; ./test installs it", client.display());
    let mut command = Command::new("node");
    command.args([PROGRAM, part, &input.to_string()]).current_dir(CLIENTS);
    command.env("BASE_URL", server.url()).env("API_KEY", &server.admin_key).env("SCHEME", scheme);
    let run = tokio::task::spawn_blocking(move || command.output());
    let output = run.await.unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_does_everything_with_either_way_to_authenticate() {
    for scheme in ["Token", "Bearer"] {
        let server = Server::start().await;
        let receiver = Receiver::ok();
        let organization = server.admin.organization.to_string();
        let input = json!({"target_url": receiver.url()});
        let made = run(&server, scheme, "make", &input).await;
        assert_eq!(made["organization"], organization);
        assert_eq!(made["created"]["status"], 201);
        assert_eq!(made["created"]["data"]["enabled"], true);
        assert_eq!(made["created"]["data"]["target_secret_set"], true);
        assert_eq!(made["listed"], json!([made["created"]["data"]]));
        assert_eq!(made["shown"], made["created"]["data"]);
        let id = &made["shown"]["id"];

        report(&server, json!({"status": "success"})).await;
        let received = receiver.wait_for(1).await.remove(0);
        assert_eq!(received.header("qovery-secret"), "s3cret");

        let input = json!({"organization": organization, "id": id});
        let told = run(&server, scheme, "history", &input).await;
        assert_eq!(told[0]["request"], received.json());
        assert_eq!(told[0]["matched_event"], "DEPLOYMENT_SUCCESSFUL");
        assert_eq!(told[0]["target_response_status_code"], 200);
        assert_eq!(told[0]["target_response_body"], "");

        let ended = run(&server, scheme, "end", &input).await;
        assert_eq!(ended["edited"]["status"], 200);
        assert_eq!(ended["edited"]["data"]["description"], "edited");
        assert_eq!(ended["edited"]["data"]["target_secret_set"], true);
        assert_eq!(ended["deleted"], json!({"status": 204, "data": ""}));
        assert_eq!(ended["missing"]["status"], 404);
        assert_eq!(ended["missing"]["data"]["error"], "Not Found");
        assert_eq!(ended["refused"]["status"], 400);
        let message = ended["refused"]["data"]["message"].as_str().unwrap();
        assert!(message.starts_with("Validation error: target_url"), "{message}");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_value_of_its_closed_lists_is_taken_and_given_back() {
    let server = Server::start().await;
    let made = run(&server, "Token", "values", &json!({})).await;
    let made = made.as_array().unwrap();
    assert_eq!(made.len(), 2);
    for webhook in made {
        assert_eq!(webhook["sent"], webhook["answered"], "{webhook}");
    }
    server.stop().await;
}
