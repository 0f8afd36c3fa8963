//! Signatures as receivers verify them: with the official libraries of Standard Webhooks for Rust,
//! JavaScript and Python, and ed25519 with Node's own crypto, since the libraries do not know it.
//!
//! The libraries compare timestamps with the machine's clock, so these servers run at its time.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{HeaderMap, HeaderName};
use landfall_domain::time::Timestamp;
use landfall_engine::Ambient;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::{Hook, deploy, hook, move_clock, settled, show};
use crate::harness::Server;
use crate::harness::receiver::{Received, Receiver};

/// Bytes and characters of a body must not be confused.
const APPLICATION: &str = "crème brûlée ✓ 🚀";
/// How long the old secret signs as well, and some more.
const ROTATION_OVER: Duration = Duration::from_hours(25);

/// A way to verify: its name, what it says of each case, and how it says that no signature fits.
type Verifier = (&'static str, fn(&[Case]) -> Vec<String>, &'static str);

const RUST: Verifier = ("Rust", verify_with_rust, "signature invalid");
const NODE: Verifier = ("JavaScript", verify_with_node, "No matching signature found");
const PYTHON: Verifier = ("Python", verify_with_python, "No matching signature found");

/// What a receiver got and verifies with a secret or public key, and whether that should succeed.
struct Case {
    secret: String,
    request: Received,
    is_genuine: bool,
}

impl Case {
    fn genuine(request: &Received, secret: &str) -> Self {
        Self { secret: secret.to_owned(), request: request.clone(), is_genuine: true }
    }

    /// With a secret that did not sign this request.
    fn foreign(request: &Received, secret: &str) -> Self {
        Self { is_genuine: false, ..Self::genuine(request, secret) }
    }

    /// Changed under way, into JSON that says the same.
    fn tampered(request: &Received, secret: &str) -> Self {
        let mut case = Self::foreign(request, secret);
        case.request.body.push(b' ');
        case
    }

    /// The line that the programs in `tests/clients` read.
    fn line(&self) -> String {
        let headers: BTreeMap<_, _> = self.request.headers.iter().cloned().collect();
        let body = STANDARD.encode(&self.request.body);
        format!("{}\n", json!({ "secret": self.secret, "headers": headers, "body_base64": body }))
    }
}

/// Every request is genuine by this secret, and none is once its body is another.
fn signed(requests: &[Received], secret: &str) -> Vec<Case> {
    let pair = |request| [Case::genuine(request, secret), Case::tampered(request, secret)];
    requests.iter().flat_map(pair).collect()
}

#[track_caller]
fn assert_verdicts(verifiers: &[Verifier], cases: &[Case]) {
    for (name, verify, refusal) in verifiers {
        let verdicts = verify(cases);
        assert_eq!(verdicts.len(), cases.len(), "{name} says {verdicts:?}");
        for (case, verdict) in cases.iter().zip(verdicts) {
            let wanted = if case.is_genuine { "ok" } else { refusal };
            let signature = case.request.header("webhook-signature");
            assert_eq!(verdict, wanted, "{name}: {:?} with {signature}", case.request);
        }
    }
}

fn verify_with_rust(cases: &[Case]) -> Vec<String> {
    let verdict = |case: &Case| {
        let header = |(name, value): &(String, String)| {
            (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())
        };
        let headers: HeaderMap = case.request.headers.iter().map(header).collect();
        let webhook = Webhook::new(&case.secret).unwrap();
        let verified = webhook.verify(&case.request.body, &headers);
        verified.map_or_else(|error| error.to_string(), |()| "ok".to_owned())
    };
    cases.iter().map(verdict).collect()
}

fn verify_with_node(cases: &[Case]) -> Vec<String> {
    require_installed("node_modules/standardwebhooks");
    run(Path::new("node"), "verify.mjs", cases)
}

fn verify_with_python(cases: &[Case]) -> Vec<String> {
    run(&require_installed("python/bin/python3"), "verify.py", cases)
}

fn manifest_path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// Where `./test` installs the libraries, wherever cargo itself builds.
fn clients() -> PathBuf {
    manifest_path("../../target/clients")
}

fn require_installed(relative: &str) -> PathBuf {
    let path = clients().join(relative);
    assert!(path.exists(), "{} is missing; ./test installs it", path.display());
    path
}

/// Runs a script of `tests/clients`, and returns the line that it prints for each case.
fn run(program: &Path, script: &str, cases: &[Case]) -> Vec<String> {
    let mut command = Command::new(program);
    command.arg(manifest_path("tests/clients").join(script)).current_dir(clients());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| {
        panic!("{} does not start ({error}); ./test installs it", program.display())
    });
    let lines: String = cases.iter().map(Case::line).collect();
    // A script that fails before it has read all says why itself, below.
    let written = child.stdin.take().unwrap().write_all(lines.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && written.is_ok(), "{script}: {written:?} {output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().map(str::to_owned).collect()
}

/// Each format with the fields that choose it. Slack's own rate would need a clock that moves.
fn formats() -> [Value; 3] {
    let template = json!({ "app": "${application.name} ✓", "status": "${deployment.status}" });
    [
        json!({ "format": "standard" }),
        json!({ "format": "template", "template": template }),
        json!({ "format": "slack", "rate_per_second": null }),
    ]
}

/// The machine's time.
fn now() -> Timestamp {
    Ambient::system().now()
}

/// A server at a time, a receiver, and the webhook between them.
struct Scene {
    server: Server,
    receiver: Receiver,
    hook: Hook,
}

impl Scene {
    async fn start(time: Timestamp, fields: Value) -> Self {
        let server = Server::start().await;
        server.ambient.set(time);
        let receiver = Receiver::ok();
        let hook = hook(&server.client, &receiver.url(), fields).await;
        Self { server, receiver, hook }
    }

    /// Reports a deployment, and returns everything that the receiver got of it.
    async fn deliver(&self) -> Vec<Received> {
        let before = self.receiver.requests().len();
        deploy(&self.server.client, APPLICATION, before).await;
        settled(&self.server.client, &self.hook).await;
        let received = self.receiver.requests().split_off(before);
        assert!(!received.is_empty());
        received
    }

    /// Gives the webhook another secret, and returns it.
    async fn rotate(&self) -> String {
        let path = self.hook.path("/rotate-secret");
        self.server.post(&path, &json!({})).await.ok().text("secret")
    }

    async fn public_key(&self) -> String {
        let shown = show(&self.server.client, &self.hook.path("")).await;
        shown["public_key"].as_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_libraries_verify_deliveries_of_every_format() {
    for fields in formats() {
        let scene = Scene::start(now(), fields).await;
        let received = scene.deliver().await;
        assert_verdicts(&[RUST, NODE, PYTHON], &signed(&received, &scene.hook.secret));
        scene.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_libraries_verify_with_either_secret_while_one_follows_the_other() {
    for fields in formats() {
        let scene = Scene::start(now(), fields).await;
        let before = scene.deliver().await;
        let secret = scene.rotate().await;
        let during = scene.deliver().await;
        let mut cases = signed(&during, &scene.hook.secret);
        cases.extend(signed(&during, &secret));
        cases.extend(before.iter().map(|request| Case::foreign(request, &secret)));
        assert_verdicts(&[RUST, NODE, PYTHON], &cases);
        scene.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_libraries_refuse_the_old_secret_when_its_day_is_over() {
    let scene = Scene::start(now() - ROTATION_OVER, json!({})).await;
    let secret = scene.rotate().await;
    move_clock(&scene.server, ROTATION_OVER).await;
    let received = scene.deliver().await;
    let mut cases = signed(&received, &secret);
    cases.extend(received.iter().map(|request| Case::foreign(request, &scene.hook.secret)));
    assert_verdicts(&[RUST, NODE, PYTHON], &cases);
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn node_verifies_ed25519_with_either_public_key_while_one_follows_the_other() {
    for mut fields in formats() {
        fields["signature"] = json!("ed25519");
        let scene = Scene::start(now(), fields).await;
        let old = scene.public_key().await;
        let before = scene.deliver().await;
        scene.rotate().await;
        let new = scene.public_key().await;
        let during = scene.deliver().await;
        let mut cases = signed(&before, &old);
        cases.extend(before.iter().map(|request| Case::foreign(request, &new)));
        cases.extend(signed(&during, &old));
        cases.extend(signed(&during, &new));
        assert_verdicts(&[NODE], &cases);
        scene.server.stop().await;
    }
}
