//! What the documents for operators name is what there is: every setting, every metric.

use std::collections::BTreeSet;
use std::path::Path;

use landfall::settings::SETTINGS;
use serde_json::json;

use crate::harness::receiver::Receiver;
use crate::harness::{Call, Server};

fn document(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn every_setting_is_documented_with_its_default_and_no_other() {
    let document = document("configuration.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let documented: Vec<[String; 3]> = rows
        .map(|row| {
            let mut cells = row.split('|').map(|cell| cell.trim().replace('`', ""));
            std::array::from_fn(|_| cells.next().unwrap())
        })
        .collect();
    let settings: Vec<[String; 3]> = SETTINGS
        .iter()
        .map(|setting| [setting.name, setting.variable, setting.default].map(str::to_owned))
        .collect();
    assert_eq!(documented, settings);
}

/// The names of all metrics, as one asks for them.
async fn exposed(server: &Server) -> BTreeSet<String> {
    let shown = server.send(Call::new("GET", "/metrics").anonymous()).await.ok().body;
    let types = shown.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let names = types.map(|(name, kind)| match kind {
        "counter" => format!("{name}_total"),
        _ => name.to_owned(),
    });
    names.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_documented_with_what_to_watch_it_for_and_no_other() {
    let server = Server::start().await;
    // What is counted by label shows once it was counted.
    let receiver = Receiver::ok();
    let webhook = json!({ "name": "ops", "url": receiver.url() });
    assert_eq!(server.post("/api/v1/webhooks", &webhook).await.status, 201);
    let report = json!({
        "product_name": "shop", "version": "1", "environment_name": "production",
        "status": "success",
    });
    server.post("/deployment-events/", &report).await.ok();
    let refused = server.post("/deployment-events/", &json!({})).await.status;
    assert!((400..500).contains(&refused), "{refused}");

    let document = document("operations.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `landfall_"));
    let documented: BTreeSet<String> =
        rows.map(|row| format!("landfall_{}", row.split('`').next().unwrap())).collect();
    let mut found = exposed(&server).await;
    while !found.contains("landfall_webhook_attempts_total") {
        // Until what came of the delivery is known.
        found = exposed(&server).await;
    }
    assert_eq!(documented, found);
    server.stop().await;
}
