//! `landfall master-key rotate`: other secrets' key, the same secrets.

use std::path::Path;

use landfall_domain::signing::{seconds, sign};
use landfall_engine::Ambient;
use serde_json::json;

use crate::harness::{
    Call, Launch, MASTER_KEY, PRESET_KEY, Process, database_of, is_postgres, memory_directory,
    open_store,
};
use crate::starting::assert_refused;

const NEW_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const RECEIVER: &str = "https://receiver.example/hook?token=t0ken";

/// What a server keeps sealed, and shows only if it opens.
struct Secrets {
    webhook: String,
    key_id: String,
    secret: String,
}

impl Secrets {
    async fn make(server: &Process) -> Self {
        let body = json!({ "name": "ops", "url": RECEIVER });
        let made = server.client().send(Call::post("/api/v1/webhooks", body.to_string())).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let webhook = made.json()["id"].as_str().unwrap().to_owned();
        let body = json!({ "name": "ci" }).to_string();
        let made = server.client().send(Call::post("/api/v1/signing-keys", body)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        Self { webhook, key_id: made.text("key_id"), secret: made.text("secret") }
    }

    async fn webhook_opens(&self, server: &Process) -> bool {
        let path = format!("/api/v1/webhooks/{}", self.webhook);
        server.client().send(Call::new("GET", &path)).await.ok().body.contains(RECEIVER)
    }

    /// What a signed request is answered: 401 by who can't open the secret.
    async fn signed(&self, server: &Process) -> u16 {
        let timestamp = seconds(Ambient::system().now()).to_string();
        let call = Call::post("/webhook/notify", "{}")
            .anonymous()
            .method("PUT")
            .with("content-type", "application/json")
            .with("x-webhook-key-id", &self.key_id)
            .with("x-webhook-timestamp", &timestamp)
            .with("x-webhook-signature", &sign(&self.secret, &timestamp, b"{}"));
        server.client().send(call).await.status
    }

    async fn assert_open(&self, server: &Process) {
        assert!(self.webhook_opens(server).await);
        assert_eq!(self.signed(server).await, 400);
    }
}

/// On PostgreSQL settings hold the keys, on SQLite files do.
fn rotate(data: &Path) -> Launch {
    let launch = Launch::command(&["master-key", "rotate", "--data", data.to_str().unwrap()], data);
    let Some(url) = database_of(data) else { return launch };
    launch
        .variable("LANDFALL_DATABASE", &url)
        .variable("LANDFALL_MASTER_KEY", MASTER_KEY)
        .variable("LANDFALL_NEW_MASTER_KEY", NEW_KEY)
}

fn serve(data: &Path) -> Launch {
    Launch::serve(data).variable("LANDFALL_ADMIN_KEY", PRESET_KEY)
}

/// A server with whatever key holds after a rotation.
fn serve_anew(data: &Path) -> Launch {
    let launch = serve(data);
    if is_postgres() { launch.variable("LANDFALL_MASTER_KEY", NEW_KEY) } else { launch }
}

async fn filled(data: &Path) -> Secrets {
    let server = serve(data).start();
    let secrets = Secrets::make(&server).await;
    secrets.assert_open(&server).await;
    stop(server);
    secrets
}

/// Ends a server in order, so that it leaves the nodes at once.
fn stop(server: Process) {
    server.terminate();
    assert_eq!(server.wait(), Some(0));
}

#[tokio::test]
async fn after_a_rotation_the_new_key_opens_everything_and_the_old_one_starts_no_server() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let secrets = filled(&data).await;
    let ended = rotate(&data).run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.output.contains("Sealed anew: 1 webhooks, 1 signing keys\n"), "{ended:?}");
    let server = serve_anew(&data).start();
    secrets.assert_open(&server).await;
    stop(server);

    let old = if is_postgres() { MASTER_KEY.to_owned() } else { old_key(&data) };
    let refused = serve(&data).variable("LANDFALL_MASTER_KEY", &old).run();
    assert_refused(&refused, &["the master key"]);
    // Once more finds nothing to do where settings hold the keys, and takes a further key in files.
    let ended = rotate(&data).run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let sealed =
        if is_postgres() { "Sealed anew: 0 webhooks, 0" } else { "Sealed anew: 1 webhooks, 1" };
    assert!(ended.output.contains(sealed), "{ended:?}");
    secrets.assert_open(&serve_anew(&data).start()).await;
}

/// The key that a rotation kept under its name.
fn old_key(data: &Path) -> String {
    let files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let mut kept =
        files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("master-key-"));
    std::fs::read_to_string(kept.next().unwrap()).unwrap()
}

#[tokio::test]
async fn a_rotation_that_breaks_off_halfway_changes_nothing() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let secrets = filled(&data).await;
    // Webhooks come first, so one was sealed anew when this does not open.
    spoil_signing_keys(&data).await;
    let ended = rotate(&data).run();
    assert_refused(&ended, &["nothing was changed", "stored secret can't be read"]);

    assert!(!data.join("master-key.new").exists());
    let server = serve(&data).start();
    assert!(secrets.webhook_opens(&server).await);
}

async fn spoil_signing_keys(data: &Path) {
    let store = open_store(data);
    let spoil = store.writer.run(Box::new(|db| {
        let sql = "UPDATE signing_keys SET sealed = ?1";
        db.write_many(sql, [[b"\x01--------".as_slice().into()]]).map(|_| ())
    }));
    spoil.await.unwrap();
    store.close();
}

#[tokio::test]
async fn a_rotation_under_another_key_than_that_of_the_data_is_refused() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let secrets = filled(&data).await;
    let wrong = "2222222222222222222222222222222222222222222222222222222222222222";
    let ended = rotate(&data)
        .variable("LANDFALL_MASTER_KEY", wrong)
        .variable("LANDFALL_NEW_MASTER_KEY", NEW_KEY)
        .run();
    assert_refused(&ended, &["nothing was changed", "the master key"]);
    assert!(!ended.errors.contains(wrong) && !ended.errors.contains(NEW_KEY), "{ended:?}");
    secrets.assert_open(&serve(&data).start()).await;
}

mod sqlite {
    use super::*;

    #[tokio::test]
    async fn data_that_came_without_its_key_says_which_one_it_needs() {
        let directory = memory_directory();
        let data = directory.path().join("data");
        let secrets = filled(&data).await;
        let [file, kept] = ["master-key", "kept"].map(|name| data.join(name));
        std::fs::rename(&file, &kept).unwrap();
        let ended = serve(&data).run();
        assert_refused(&ended, &["sealed with the master key ", "into the file master-key"]);
        std::fs::rename(&kept, &file).unwrap();
        secrets.assert_open(&serve(&data).start()).await;
    }

    #[tokio::test]
    async fn a_rotation_that_did_not_put_the_new_file_in_place_is_brought_to_its_end() {
        let directory = memory_directory();
        let data = directory.path().join("data");
        let secrets = filled(&data).await;
        assert_eq!(rotate(&data).run().code, Some(0));
        // As if the process had ended before its last step.
        let [file, new] = ["master-key", "master-key.new"].map(|name| data.join(name));
        std::fs::rename(&file, &new).unwrap();
        std::fs::write(&file, old_key(&data)).unwrap();
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&file, owner_only).unwrap();
        assert_refused(
            &serve(&data).run(),
            &["master-key.new", "run `landfall master-key rotate`"],
        );

        let ended = rotate(&data).run();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.output.contains("Sealed anew: 0 webhooks, 0 signing keys"), "{ended:?}");
        assert!(!new.exists());
        secrets.assert_open(&serve(&data).start()).await;
    }

    #[tokio::test]
    async fn keys_are_not_rotated_under_a_running_server() {
        let directory = memory_directory();
        let data = directory.path().join("data");
        let server = serve(&data).start();
        let secrets = Secrets::make(&server).await;
        assert_refused(&rotate(&data).run(), &["is in use by another Landfall process"]);
        secrets.assert_open(&server).await;
    }
}
