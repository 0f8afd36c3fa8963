//! An organization that has one of everything, so that a stranger has something to find.

use landfall_engine::sessions::Client;
use serde_json::{Value, json};

use crate::harness::receiver::Receiver;
use crate::harness::{Answer, Call, Server};

/// In every name of the world, and nowhere else.
pub(super) const MARK: &str = "zebra";

/// The names and ids of one of everything.
pub(super) struct World {
    pub(super) organization: Value,
    pub(super) project: Value,
    application: Value,
    environment: Value,
    team: Value,
    version: Value,
    build: Value,
    deployment: Value,
    key: Value,
    signing_key: Value,
    user: Value,
    session: Value,
    webhook: Value,
    job: Value,
    qovery: Value,
    akinon: Value,
    /// Keeps what deliveries go to.
    _receiver: Receiver,
}

const HUMANITEC_JOB: &str = "zebra-job";

async fn post(server: &Server, path: &str, body: Value) -> Value {
    let answer: Answer = server.post(path, &body).await;
    assert!(matches!(answer.status, 200..=202), "{path}: {} {}", answer.status, answer.body);
    answer.json()
}

async fn first(server: &Server, path: &str) -> Value {
    server.send(Call::new("GET", path)).await.ok().json()["items"][0].clone()
}

impl World {
    /// Fills the server's first organization.
    pub(super) async fn make(server: &Server) -> Self {
        let receiver = Receiver::ok();
        let url = receiver.url();
        let api = |rest: &str| format!("/api/v1{rest}");
        let organization = server.send(Call::new("GET", &api("/organization"))).await.ok().json();
        let team = post(server, &api("/teams"), json!({ "code": "zebra-team" })).await;
        let project = post(server, &api("/projects"), json!({ "name": "zebra" })).await;
        let hook = json!({ "name": "zebra-hook", "url": url });
        let webhook = post(server, &api("/webhooks"), hook).await;
        let of = |key: &str, value: &Value| value[key].as_str().unwrap().to_owned();
        let qovery = json!({
            "kind": "STANDARD", "target_url": url, "events": ["DEPLOYMENT_STARTED"],
            "description": "zebra-qovery", "target_secret": "zebra-secret",
        });
        let path = format!("/organization/{}/webhook", of("id", &organization));
        let qovery = post(server, &path, qovery).await;
        let humanitec = json!({
            "id": HUMANITEC_JOB, "url": url, "headers": {}, "payload": null,
            "triggers": [{ "scope": "deployment", "type": "started" }],
        });
        let path = format!("/orgs/{}/apps/zebra/webhooks", of("slug", &organization));
        post(server, &path, humanitec).await;
        let akinon = json!({
            "name": "zebra-akinon", "url": url, "events": ["distribution.created"],
        });
        let (o, p) = (of("object_id", &organization), of("object_id", &project));
        let path = format!("/organizations/{o}/projects/{p}/settings/webhooks");
        let akinon = post(server, &path, akinon).await;
        let build = json!({ "project": "zebra", "application": "zebra-app", "version": "zebra-1" });
        post(server, &api("/builds"), build).await;
        let deployment = json!({
            "project": "zebra", "application": "zebra-app", "version": "zebra-1",
            "environment": "zebra-env", "status": "started",
        });
        post(server, &api("/deployments"), deployment).await;
        receiver.wait_until(|requests| requests.len() >= 4).await;
        let refused = json!({ "application": "zebra-app", "version": 7 });
        assert_eq!(server.post(&api("/builds"), &refused).await.status, 400);
        let replay = api(&format!("/webhooks/{}/replay", of("id", &webhook)));
        let job = post(server, &replay, json!({ "first": 1, "last": 2 })).await;
        let key = json!({ "name": "zebra-key", "scopes": ["read"] });
        let key = post(server, &api("/keys"), key).await;
        let signing_key = json!({ "name": "zebra-signing" });
        let signing_key = post(server, &api("/signing-keys"), signing_key).await;
        let user = json!({ "email": "zebra@acme.example", "role": "viewer" });
        let user = post(server, &api("/users"), user).await["user"].clone();
        let browser = Client::new(None, "zebra-browser");
        server.engine.sign_in_with_key(&server.admin_key, &browser).await.unwrap();
        Self {
            application: first(server, &api("/applications")).await,
            environment: first(server, &api("/environments")).await,
            version: first(server, &api("/versions")).await,
            build: first(server, &api("/builds")).await,
            deployment: first(server, &api("/deployments")).await,
            session: first(server, &api("/sessions")).await,
            organization,
            project,
            team,
            key,
            signing_key,
            user,
            webhook,
            job,
            qovery,
            akinon,
            _receiver: receiver,
        }
    }

    /// What stands in a path for its parameter, by what is written before it.
    pub(super) fn word(&self, before: &str) -> String {
        let (of, member) = match before {
            "/api/v1/applications/" => (&self.application, "id"),
            "/api/v1/environments/" => (&self.environment, "id"),
            "/api/v1/projects/" => (&self.project, "id"),
            "/api/v1/teams/" => (&self.team, "id"),
            "/api/v1/versions/" => (&self.version, "id"),
            "/api/v1/builds/" => (&self.build, "id"),
            "/api/v1/deployments/" => (&self.deployment, "id"),
            "/api/v1/keys/" => (&self.key, "key_id"),
            "/api/v1/signing-keys/" => (&self.signing_key, "key_id"),
            "/api/v1/users/" => (&self.user, "id"),
            "/api/v1/sessions/" => (&self.session, "id"),
            "/api/v1/webhooks/" => (&self.webhook, "id"),
            "/api/v1/webhooks/{webhook}/jobs/" => (&self.job, "id"),
            "/organization/" => (&self.organization, "id"),
            "/organization/{organization}/webhook/" => (&self.qovery, "id"),
            "/orgs/" | "/v1/company/" => (&self.organization, "slug"),
            _ => return self.vendors_word(before),
        };
        of[member].as_str().unwrap().to_owned()
    }

    fn vendors_word(&self, before: &str) -> String {
        let of = |value: &Value, member: &str| value[member].as_str().unwrap().to_owned();
        // Akinon's paths are served with and without their prefix.
        match before.strip_prefix("/api/v1").unwrap_or(before) {
            "/webhooks/{webhook}/deliveries/" | "/webhooks/{webhook}/matches/" => "3".to_owned(),
            "/organizations/" => of(&self.organization, "object_id"),
            "/organizations/{organizationId}/projects/" => of(&self.project, "object_id"),
            "/organizations/{organizationId}/projects/{projectId}/settings/webhooks/" => {
                of(&self.akinon, "_id")
            }
            "/orgs/{org}/apps/" => MARK.to_owned(),
            "/orgs/{org}/apps/{app}/webhooks/" => HUMANITEC_JOB.to_owned(),
            rest if rest.starts_with("/v1/company/") => MARK.to_owned(),
            _ => panic!("say here what `{before}` leads to"),
        }
    }
}

/// Something of the same form that nobody has.
pub(super) fn unknown(word: &str) -> String {
    let other = |c: char| match c {
        '0'..='9' => '7',
        'a'..='z' => 'e',
        other => other,
    };
    let is_uuid = word.len() == 36 && word.matches('-').count() == 4;
    if is_uuid {
        return "55555555-5555-4555-8555-555555555555".to_owned();
    }
    word.chars().map(other).collect()
}
