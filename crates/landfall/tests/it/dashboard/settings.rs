//! The settings: each page, each action, and who may.

use std::time::Duration;

use landfall::settings::SETTINGS;
use landfall_domain::access::Scope;
use landfall_domain::role::Role;
use landfall_engine::Options;
use serde_json::{Value, json};

use super::browser::Browser;
use crate::harness::{Call, Server, Setup};

const HOSTILE: &str = "<script>alert(\"x\")</script>'&";

const READ: [&str; 5] = [
    "/settings",
    "/settings/environments",
    "/settings/projects",
    "/settings/applications",
    "/settings/teams",
];
const ADMIN: [&str; 4] =
    ["/settings/people", "/settings/keys", "/settings/signing-keys", "/settings/audit"];

async fn api(server: &Server, path: &str) -> Value {
    server.send(Call::new("GET", &format!("/api/v1{path}"))).await.ok().json()
}

/// The id of the only thing of a list of the API whose member is this.
async fn id_of(server: &Server, path: &str, member: &str, value: &str) -> String {
    let list = api(server, path).await;
    let found = list["items"].as_array().unwrap().iter().find(|item| item[member] == value);
    found.unwrap_or_else(|| panic!("{value} in {list}"))["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_for_those_who_may_see_them() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    let reader = Browser::of(&server, Role::Viewer).await;
    let manager = Browser::of(&server, Role::Manager).await;
    for path in READ.iter().chain(&ADMIN) {
        assert!(admin.page(path).await.contains("aria-current=\"page\""), "{path}");
        let signed_out = server.send(Call::new("GET", path).anonymous()).await;
        assert_eq!(signed_out.status, 303, "{path}");
    }
    for path in READ {
        let page = reader.page(path).await;
        assert!(!page.contains("class=\"primary\""), "{path}: {page}");
        assert!(!page.contains("/settings/keys"), "{path}: {page}");
    }
    for path in ADMIN {
        assert_eq!(reader.get(path).await.status, 403, "{path}");
        assert_eq!(manager.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_count_only_from_our_pages_and_from_those_who_may() {
    let server = Server::start().await;
    let reader = Browser::of(&server, Role::Viewer).await;
    let manager = Browser::of(&server, Role::Manager).await;
    let admin = Browser::admin(&server).await;
    let team = [("code", "x"), ("name", "x")];
    let org = [("name", "x"), ("stale_after_hours", "1"), ("archive_previews_after_days", "1")];
    assert_eq!(reader.submit("/settings/teams", &team).await.status, 403);
    assert_eq!(manager.submit("/settings", &org).await.status, 403);
    let key = [("name", "x"), ("admin", "on")];
    assert_eq!(manager.submit("/settings/keys", &key).await.status, 403);
    assert_eq!(manager.submit("/settings/signing-keys", &key).await.status, 403);
    assert_eq!(admin.submit_bare("/settings/teams", &team).await.status, 403);
    assert_eq!(admin.submit_from_elsewhere("/settings/teams", &team).await.status, 403);
    let wrong = [("code", "x"), ("csrf", "wrong")];
    assert_eq!(admin.submit_bare("/settings/teams", &wrong).await.status, 403);
    assert_eq!(api(&server, "/teams").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organization_is_changed() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    let mut fields = vec![
        ("name", HOSTILE),
        ("strict", "on"),
        ("stale_after_hours", "48"),
        ("archive_previews_after_days", "7"),
        ("environments_max", "12"),
        ("applications_max", ""),
    ];
    let answer = admin.submit("/settings", &fields).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/settings?done=saved"));
    let organization = api(&server, "/organization").await;
    assert_eq!(organization["name"], HOSTILE);
    let settings = json!({ "strict": true, "refuse_other_sha": false, "stale_after_hours": 48,
        "archive_previews_after_days": 7, "environments_max": 12, "applications_max": null });
    assert_eq!(organization["settings"], settings);
    let page = admin.page("/settings?done=saved").await;
    assert!(page.contains("Saved.") && !page.contains("<script>alert"), "{page}");
    assert!(page.contains("<summary>&#60;script&#62;"), "the bar has another name: {page}");

    fields[2].1 = "0";
    let refused = admin.submit("/settings", &fields).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("stale_after_hours") && refused.body.contains("role=\"alert\""));
    assert_eq!(api(&server, "/organization").await["settings"]["stale_after_hours"], 48);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_how_long_things_are_kept_and_which_settings_say_so() {
    let days = |days: u64| Duration::from_hours(days * 24);
    let options = Options {
        events_kept_for: days(401),
        attempts_kept_for: days(31),
        refused_kept_for: days(8),
        ..Options::default()
    };
    let server = Server::start_with(Setup { options, ..Setup::default() }).await;
    let reader = Browser::of(&server, Role::Viewer).await;
    let page = reader.page("/settings").await;
    let (_, retention) = page.split_once("id=\"retention\"").unwrap();
    for (days, name) in
        [("401", "events_kept_days"), ("31", "attempts_kept_days"), ("8", "refused_kept_days")]
    {
        let setting = SETTINGS.iter().find(|setting| setting.name == name).unwrap();
        assert!(retention.contains(&format!("{days} days")), "{retention}");
        assert!(retention.contains(&format!("<code>{name}</code>")), "{retention}");
        assert!(retention.contains(&format!("<code>{}</code>", setting.variable)), "{retention}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_is_made_changed_and_deleted_by_its_code() {
    let server = Server::start().await;
    let manager = Browser::of(&server, Role::Manager).await;
    let made = manager.submit("/settings/teams", &[("code", HOSTILE), ("name", HOSTILE)]).await;
    assert_eq!(made.header("location"), "/settings/teams?done=made");
    let list = manager.page("/settings/teams").await;
    assert!(!list.contains("<script>alert"), "{list}");
    let again = manager.submit("/settings/teams", &[("code", HOSTILE)]).await;
    assert_eq!(again.status, 400);
    assert!(again.body.contains("exists already") && !again.body.contains("<script>alert"));

    let path = format!("/settings/teams/{}", id_of(&server, "/teams", "code", HOSTILE).await);
    manager.submit(&path, &[("code", "web"), ("name", "Web")]).await;
    assert_eq!(api(&server, "/teams/web").await["name"], "Web");
    let delete = format!("{path}/delete");
    let refused = manager.submit(&delete, &[("name", "Web")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("must be typed as it is"), "{}", refused.body);
    assert_eq!(manager.submit(&delete, &[("name", "web")]).await.status, 303);
    assert_eq!(manager.get(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_and_applications_are_made_renamed_and_deleted() {
    let server = Server::start().await;
    let manager = Browser::of(&server, Role::Manager).await;
    manager.submit("/settings/teams", &[("code", "web")]).await;
    manager.submit("/settings/projects", &[("name", "shop"), ("team", "web")]).await;
    let project =
        format!("/settings/projects/{}", id_of(&server, "/projects", "name", "shop").await);
    let fields = [("project", "shop"), ("name", "api"), ("repository", "git/api")];
    assert_eq!(manager.submit("/settings/applications", &fields).await.status, 303);
    let id = id_of(&server, "/applications", "name", "api").await;
    let application = format!("/settings/applications/{id}");
    manager.submit(&application, &[("name", "gateway"), ("team", "web")]).await;
    let changed = api(&server, "/applications/gateway").await;
    assert_eq!((&changed["team"], &changed["repository"]), (&json!("web"), &Value::Null));
    let page = manager.page(&application).await;
    assert!(page.contains("Reports may still say <code>api</code>"), "{page}");

    let unknown = manager.submit(&application, &[("name", "gateway"), ("team", "nobody")]).await;
    assert_eq!(unknown.status, 400);
    assert_eq!(manager.submit(&format!("{project}/delete"), &[("name", "shop")]).await.status, 400);
    manager.submit(&format!("{application}/delete"), &[("name", "gateway")]).await;
    assert_eq!(manager.get(&application).await.status, 404);
    assert_eq!(manager.submit(&format!("{project}/delete"), &[("name", "shop")]).await.status, 303);
    assert_eq!(manager.get(&project).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_are_edited_moved_archived_and_deleted() {
    let server = Server::start().await;
    let manager = Browser::of(&server, Role::Manager).await;
    for code in ["prod-a", "prod-b", "prod-c"] {
        manager.submit("/settings/environments", &[("code", code)]).await;
    }
    let id = id_of(&server, "/environments", "code", "prod-c").await;
    let path = format!("/settings/environments/{id}");
    let up = format!("{path}/move");
    for _ in 0..3 {
        assert_eq!(manager.submit(&up, &[("direction", "earlier")]).await.status, 303);
    }
    assert_eq!(codes(&server).await, ["prod-c", "prod-a", "prod-b"]);
    manager.submit(&up, &[("direction", "later")]).await;
    assert_eq!(codes(&server).await, ["prod-a", "prod-c", "prod-b"]);

    let fields = [
        ("code", "canary"),
        ("name", "Canary"),
        ("type", "staging"),
        ("url", "https://canary.example.com"),
    ];
    manager.submit(&path, &fields).await;
    let changed = api(&server, "/environments/canary").await;
    assert_eq!((&changed["type"], &changed["position"]), (&json!("staging"), &json!(1)));
    let mut hostile = fields;
    hostile[3].1 = "javascript:alert(1)";
    assert_eq!(manager.submit(&path, &hostile).await.status, 400);

    manager.submit(&format!("{path}/archive"), &[("archived", "true")]).await;
    assert_eq!(codes(&server).await, ["prod-a", "prod-b"]);
    assert!(manager.page("/settings/environments").await.contains("1 archived"));
    assert!(manager.page("/settings/environments?archived=yes").await.contains("canary"));
    manager.submit(&format!("{path}/archive"), &[("archived", "false")]).await;
    assert_eq!(codes(&server).await, ["canary", "prod-a", "prod-b"]);
    manager.submit(&format!("{path}/delete"), &[("name", "canary")]).await;
    assert_eq!(manager.get(&path).await.status, 404);
}

async fn codes(server: &Server) -> Vec<String> {
    let list = api(server, "/environments").await;
    let codes = list["items"].as_array().unwrap().iter();
    codes.map(|found| found["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_shown_once_and_revoked_by_its_name() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    let fields = [("name", HOSTILE), ("report", "on"), ("read", "on"), ("expires", "2026-03-01")];
    let made = admin.submit("/settings/keys", &fields).await.ok();
    assert!(!made.body.contains("<script>alert"), "{}", made.body);
    assert_eq!(made.header("cache-control"), "no-store");
    let (_, rest) = made.body.split_once("aria-label=\"The key\">").unwrap();
    let text = rest.split_once('<').unwrap().0;
    let key = server.engine.authenticate(text).await.unwrap();
    assert!(key.require(Scope::Read).is_ok() && key.require(Scope::Manage).is_err());

    let path = format!("/settings/keys/{}", key.key_id);
    let page = admin.page(&path).await;
    assert!(page.contains("2026-03-01T23:59:59Z") && !page.contains(text), "{page}");
    let revoke = format!("{path}/revoke");
    assert_eq!(admin.submit(&revoke, &[("name", "another")]).await.status, 400);
    assert!(server.engine.authenticate(text).await.is_ok());
    assert_eq!(admin.submit(&revoke, &[("name", HOSTILE)]).await.status, 303);
    assert!(server.engine.authenticate(text).await.is_err());
    assert!(admin.page("/settings/keys").await.contains("revoked"));
    let audit = admin.page("/settings/audit").await;
    assert!(audit.contains("key.revoked") && audit.contains(&key.key_id), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_needs_a_scope_and_a_future() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    for (fields, told) in [
        ([("name", "ci"), ("expires", "")], "scopes"),
        ([("name", "ci"), ("expires", "soon")], "expires"),
    ] {
        let refused = admin.submit("/settings/keys", &fields).await;
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains(told) && refused.body.contains("value=\"ci\""), "{told}");
    }
    let past = [("name", "ci"), ("report", "on"), ("expires", "2026-02-28")];
    assert_eq!(admin.submit("/settings/keys", &past).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signing_key_is_made_shown_once_changed_and_revoked() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    let made = admin.submit("/settings/signing-keys", &[("name", "ci")]).await.ok().body;
    assert!(made.contains("shown this once"), "{made}");
    let keys = server.engine.list_signing_keys(&server.admin).await.unwrap();
    let id = keys[0].key_id.clone();
    assert!(made.contains(&id) && !keys[0].allows_legacy);
    let path = format!("/settings/signing-keys/{id}");
    admin.submit(&path, &[("allows_legacy", "on")]).await;
    assert!(server.engine.list_signing_keys(&server.admin).await.unwrap()[0].allows_legacy);
    assert_eq!(admin.submit(&format!("{path}/revoke"), &[("name", "x")]).await.status, 400);
    assert_eq!(admin.submit(&format!("{path}/revoke"), &[("name", "ci")]).await.status, 303);
    let keys = server.engine.list_signing_keys(&server.admin).await.unwrap();
    assert!(keys[0].revoked_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organizations_things_are_not_there() {
    let server = Server::start().await;
    let (key, _) = server.organization("other").await;
    let body = r#"{"code": "secret"}"#;
    let made = server.send(Call::post("/api/v1/teams", body).key(&key)).await.text("id");
    let admin = Browser::admin(&server).await;
    let path = format!("/settings/teams/{made}");
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(admin.submit(&path, &[("code", "x"), ("name", "x")]).await.status, 404);
    assert!(!admin.page("/settings/teams").await.contains("secret"));
}
