//! Requests through the router: routing, who calls, parsing the body, rendering the answer. What the
//! store does for them meanwhile, on its own threads, is counted elsewhere.

use anyhow::ensure;
use http::{Method, Request};
use http_body_util::Full;
use landfall_api::Limits;
use landfall_domain::signing::{seconds, sign};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::Benchmark;
use super::reports::{application, commit};
use crate::counted::{FRAME, the_counted_part};
use crate::data::{Data, Opened, PROJECT};

pub(super) const BENCHMARKS: &[Benchmark] = &[
    Benchmark {
        name: "request: a deployment, native",
        data: Data::Company,
        counted: &[FRAME],
        run: || report("/api/v1/deployments", native(true)),
    },
    Benchmark {
        name: "request: a build, native",
        data: Data::Company,
        counted: &[FRAME],
        run: || report("/api/v1/builds", native(false)),
    },
    Benchmark {
        name: "request: a deployment, versioner",
        data: Data::Company,
        counted: &[FRAME],
        run: || report("/deployment-events/", versioner(true)),
    },
    Benchmark {
        name: "request: a build, versioner",
        data: Data::Company,
        counted: &[FRAME],
        run: || report("/build-events/", versioner(false)),
    },
    Benchmark {
        name: "request: a notification, envtracker",
        data: Data::Company,
        counted: &[FRAME],
        run: notify,
    },
];

type Call = Request<Full<bytes::Bytes>>;

/// The body of a report, which a number tells apart from another one.
fn native(is_deployment: bool) -> impl Fn(usize) -> Value {
    move |number| {
        let mut body = json!({
            "application": application(number), "version": "1.2.0", "status": "completed",
            "invoke_id": "9284710", "source_system": "github", "build_number": "482",
            "commit_sha": commit(number), "branch": "main", "repository": "acme/shop",
            "url": "https://ci.example.com/acme/shop/runs/482",
            "actor": { "login": "octo", "name": "Octo Cat", "email": "octo@example.com" },
            "links": [{ "title": "Notes", "url": "https://example.com/notes" }],
            "metadata": { "workflow": "deploy", "attempt": "1" },
        });
        if is_deployment {
            body["environment"] = "production".into();
        }
        body
    }
}

fn versioner(is_deployment: bool) -> impl Fn(usize) -> Value {
    move |number| {
        let mut body = json!({
            "product_name": application(number), "version": "1.2.0", "status": "completed",
            "source_system": "github", "build_number": "482", "scm_sha": commit(number),
            "scm_repository": "acme/shop", "invoke_id": "9284710",
            "extra_metadata": { "vi_gh_workflow": "deploy", "vi_gh_run_attempt": "1" },
        });
        if is_deployment {
            body["environment_name"] = "production".into();
            body["deployed_by"] = "octo".into();
            body["deploy_url"] = "https://ci.example.com/acme/shop/runs/482".into();
        } else {
            body["built_by"] = "octo".into();
            body["build_url"] = "https://ci.example.com/acme/shop/runs/482".into();
        }
        body
    }
}

fn report(path: &str, body: impl Fn(usize) -> Value) -> anyhow::Result<()> {
    let opened = Opened::here()?;
    let call = |number| {
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request.header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {}", opened.key));
        Ok(request.body(Full::from(body(number).to_string()))?)
    };
    answer_second(&opened, call)
}

fn notify() -> anyhow::Result<()> {
    let opened = Opened::here()?;
    let (id, secret) = Opened::signing_key()?;
    let timestamp = seconds(opened.ambient.now()).to_string();
    let call = |number: usize| {
        let body = json!({
            "projectCode": PROJECT, "envCode": "production", "repoCode": application(number),
            "pipeline": 456, "status": "success", "branch": "main",
        });
        let body = body.to_string();
        let request = Request::builder().method(Method::PUT).uri("/webhook/notify");
        let request = request.header("content-type", "application/json");
        let request = request.header("x-webhook-key-id", &id);
        let request = request.header("x-webhook-timestamp", &timestamp);
        let signature = sign(&secret, &timestamp, body.as_bytes());
        Ok(request.header("x-webhook-signature", signature).body(Full::from(body))?)
    };
    answer_second(&opened, call)
}

/// Counts the second of two requests: the first one makes what is made once.
fn answer_second(
    opened: &Opened,
    call: impl Fn(usize) -> anyhow::Result<Call>,
) -> anyhow::Result<()> {
    let router = landfall_api::router(opened.engine.clone(), Limits::default());
    let (first, second) = (call(1)?, call(2)?);
    let answer = |call: Call| opened.runtime.block_on(router.clone().oneshot(call));
    let warm = answer(first)?;
    ensure!(warm.status().is_success(), "the first was answered {}", warm.status());
    let counted = the_counted_part(|| answer(second))?;
    ensure!(counted.status().is_success(), "the second was answered {}", counted.status());
    Ok(())
}
