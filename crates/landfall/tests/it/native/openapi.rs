//! The document says what the server does, and the page that shows it needs nobody else.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::reports::full;
use super::schema::check;
use super::server::{Answer, Server};

async fn plain(server: &Server, method: &str, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    server.ask(request).await
}

#[tokio::test]
async fn every_operation_of_the_document_is_served_and_says_what_it_does() {
    let server = Server::start().await;
    let document = plain(&server, "GET", "/openapi.json").await.body;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let mut ids = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let asked = path.replace(['{', '}'], "");
            let answer = plain(&server, &method.to_uppercase(), &asked).await;
            assert_eq!(answer.problem(), "401 unauthenticated", "{method} {path}");
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{method} {path}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                let problem = &response["content"]["application/problem+json"];
                assert_eq!(problem.is_object(), status.as_str() >= "400", "{method} {path}");
            }
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
        }
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an operation's id is its own");
    assert!(count >= 40, "{count}");
}

#[tokio::test]
async fn answers_have_the_documented_shape() {
    let server = Server::start().await;
    let document = plain(&server, "GET", "/openapi.json").await.body;
    server.ok(r#"POST /teams {"code":"core"}"#).await;
    server.ok(r#"POST /signing-keys {"name":"ci"}"#).await;
    let told = server.ok(&format!("POST /deployments {}", full())).await;
    server.deploy("shop", "2", "staging").await;
    let id = told["deployment"]["id"].as_str().unwrap();
    server.ok(r#"POST /builds {"application":"shop","version":"1"}"#).await;
    server.ok(r#"PATCH /applications/web%2Fshop {"description":"x"}"#).await;
    let second = server.deploy("shop", "3", "staging").await;
    server.ok(&format!(r#"POST /deployments/{second}/void {{"reason":"x"}}"#)).await;
    server.send(super::server::ADMIN, "POST /deployments {}").await;
    server.ok(r#"POST /users {"email":"ada@acme.example","role":"viewer"}"#).await;
    let client = landfall_engine::sessions::Client::default();
    server.engine.sign_in_with_key(super::server::ADMIN, &client).await.unwrap();
    let versions = server.list("/versions", "/id").await;
    let version = format!("/versions/{}", versions[0].as_str().unwrap());
    let deployment = format!("/deployments/{id}");
    let paths = [
        ("/organization", "/organization"),
        ("/organizations", "/organizations"),
        ("/keys", "/keys"),
        ("/signing-keys", "/signing-keys"),
        ("/users", "/users"),
        ("/users/ada@acme.example", "/users/{user}"),
        ("/sessions", "/sessions"),
        ("/teams", "/teams"),
        ("/projects", "/projects"),
        ("/applications", "/applications"),
        ("/environments", "/environments"),
        ("/versions", "/versions"),
        (&version, "/versions/{id}"),
        ("/builds", "/builds"),
        ("/deployments", "/deployments"),
        (&deployment, "/deployments/{id}"),
        ("/status", "/status"),
        ("/compare?from=staging&to=production&all=true", "/compare"),
        ("/events?limit=500", "/events"),
        ("/refused", "/refused"),
        ("/audit", "/audit"),
    ];
    for (path, documented) in paths {
        let answer = server.ok(&format!("GET {path}")).await;
        check(&document, &schema_of(&document, documented, "get", "200"), &answer, path);
    }
    let posted = schema_of(&document, "/deployments", "post", "200");
    check(&document, &posted, &told, "POST /deployments");
    check(&document, &request_of(&document, "/deployments"), &worded(full()), "the report itself");
    let problem = server.send("", "GET /teams").await.body;
    check(&document, &json!({"$ref": "#/components/schemas/Problem"}), &problem, "a problem");
}

/// The same report, its numbers in quotes: that a number is taken too is a kindness, not a promise.
fn worded(mut body: Value) -> Value {
    for pointer in ["/invoke_id", "/build_number", "/error/code"] {
        let value = body.pointer_mut(pointer).unwrap();
        *value = json!(value.to_string());
    }
    body
}

fn schema_of(document: &Value, path: &str, method: &str, status: &str) -> Value {
    let operation = &document["paths"][format!("/api/v1{path}")][method];
    operation["responses"][status]["content"]["application/json"]["schema"].clone()
}

fn request_of(document: &Value, path: &str) -> Value {
    let operation = &document["paths"][format!("/api/v1{path}")]["post"];
    operation["requestBody"]["content"]["application/json"]["schema"].clone()
}

#[tokio::test]
async fn the_page_asks_only_its_own_server() {
    let server = Server::start().await;
    assert_eq!(plain(&server, "GET", "/docs").await.header("location"), "/docs/");
    let page = plain(&server, "GET", "/docs/").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        let answer = plain(&server, "GET", &format!("/docs/{file}")).await;
        assert_eq!(answer.status, 200, "{file}");
    }
}
