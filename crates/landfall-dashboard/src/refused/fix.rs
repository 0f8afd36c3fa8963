//! What would have worked instead of a refused report, as a line to copy.

use landfall_domain::time::Timestamp;
use landfall_engine::refused::StoredRefused;
use serde_json::{Map, Value, json};

use super::body;
use super::command::curl;
use super::field::Wrong;

/// A body that is longer is cut down to what has to be there.
const BODY_CHARS_MAX: usize = 2_000;
/// Fields that name a version's commit, in any dialect.
const COMMIT_FIELDS: [&str; 2] = ["commit_sha", "scm_sha"];

/// What would have worked.
pub(super) struct Fix {
    /// What to do, in words.
    pub words: String,
    /// The line that does it.
    pub line: Option<String>,
    /// Where it can be done here: words and address.
    pub link: Option<(&'static str, &'static str)>,
}

impl Fix {
    /// What would have worked instead of a report.
    pub(super) fn of(refused: &StoredRefused, url: &str) -> Self {
        let request = Request::of(refused, url);
        let detail = refused.detail.as_str();
        let found = match refused.code.as_str() {
            "invalid_field" => of_field(&request, detail),
            "unknown_name" | "not_found" => of_missing(&request, detail),
            "version_conflict" => Some(of_conflict(&request)),
            "quota_reached" => of_quota(&request, detail),
            "forbidden" => Some(of_scope()),
            "idempotency_mismatch" => {
                let words = "Give every request a key of its own:";
                Some(request.again(words, &["Idempotency-Key: $(uuidgen)"]))
            }
            "unsupported_media_type" => Some(request.again("Say that the body is JSON:", &[])),
            "invalid_json" => Some(request.again("Send an object like this one:", &[])),
            "body_too_large" => {
                Some(request.again("Send less; metadata and commits can be left out:", &[]))
            }
            "body_too_slow" | "body_cut_off" => {
                Some(request.again("Nothing of it was taken in. Send it again:", &[]))
            }
            _ => None,
        };
        found.unwrap_or_else(|| Self::words("What has to change stands in the reason."))
    }

    fn words(words: &str) -> Self {
        Self { words: words.to_owned(), line: None, link: None }
    }

    fn line(words: impl Into<String>, line: String) -> Self {
        Self { words: words.into(), line: Some(line), link: None }
    }
}

/// The fields without which a kind of report is none, with examples.
pub(super) struct Sample(Map<String, Value>);

impl Sample {
    fn of(dialect: &str, path: &str) -> Self {
        let is_deployment = path.contains("deployment");
        let value = match (dialect, path) {
            ("envtracker", path) if path.starts_with("/webhook/notify") => json!({
                "projectCode": "default", "envCode": "production", "repoCode": "my-service",
                "branch": "main", "pipeline": 4711, "status": "success",
            }),
            ("envtracker", _) => json!({ "pipeline": 4711, "status": "success" }),
            ("versioner", _) if is_deployment => json!({
                "product_name": "my-service", "version": "1.2.3",
                "environment_name": "production", "status": "completed",
            }),
            ("versioner", _) => {
                json!({ "product_name": "my-service", "version": "1.2.3", "status": "completed" })
            }
            _ if is_deployment => json!({
                "application": "my-service", "version": "1.2.3", "environment": "production",
                "status": "completed",
            }),
            _ => json!({ "application": "my-service", "version": "1.2.3", "status": "completed" }),
        };
        Self(value.as_object().cloned().unwrap_or_default())
    }

    /// An example of a field; none if the field may be left out.
    pub(super) fn value(&self, field: &str) -> Option<Value> {
        self.0.get(field).cloned()
    }
}

/// The request that was refused, as far as it was kept.
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    url: &'a str,
    at: Timestamp,
    /// Requests of this dialect are signed, so no line can send one.
    is_signed: bool,
    /// The object that was sent, if it was one.
    sent: Option<Value>,
    sample: Sample,
}

impl<'a> Request<'a> {
    fn of(refused: &'a StoredRefused, url: &'a str) -> Self {
        let (method, path) = refused.request.split_once(' ').unwrap_or(("POST", ""));
        Self {
            method,
            path,
            url,
            at: refused.at,
            is_signed: refused.dialect == "envtracker",
            sent: body::object(&refused.body),
            sample: Sample::of(&refused.dialect, path),
        }
    }

    /// What was sent, or an example if that is no object.
    fn body(&self) -> Value {
        self.sent.clone().unwrap_or_else(|| Value::Object(self.sample.0.clone()))
    }

    /// The request with another body.
    fn line(&self, mut body: Value, headers: &[&str]) -> String {
        let is_long = body.to_string().len() > BODY_CHARS_MAX;
        if let (true, Some(fields)) = (is_long, body.as_object_mut()) {
            fields.retain(|name, _| self.sample.0.contains_key(name));
        }
        if self.is_signed {
            return serde_json::to_string_pretty(&body).unwrap_or_default();
        }
        curl(self.method, &format!("{}{}", self.url, self.path), headers, &body)
    }

    fn again(&self, words: &str, headers: &[&str]) -> Fix {
        Fix::line(words, self.line(self.body(), headers))
    }

    /// A request of the native API that an admin sends.
    fn native(&self, method: &str, path: &str, body: &Value) -> String {
        curl(method, &format!("{}/api/v1{path}", self.url), &[], body)
    }
}

fn of_field(request: &Request<'_>, detail: &str) -> Option<Fix> {
    let wrong = Wrong::of(detail)?;
    if wrong.field == "Idempotency-Key" {
        let headers = ["Idempotency-Key: $(uuidgen)"];
        return Some(request.again("Send a key such as a UUID:", &headers));
    }
    let mut body = request.body();
    let words = wrong.mend(&mut body, &request.sample, request.at);
    Some(Fix::line(words, request.line(body, &[])))
}

/// The command that makes what is missing.
fn of_missing(request: &Request<'_>, detail: &str) -> Option<Fix> {
    let told = detail.strip_prefix("there is no ").unwrap_or(detail);
    let (noun, rest) = told.split_once(" `")?;
    let name = rest.split_once("` is unknown and").map(|(name, _)| name);
    let name = name.or_else(|| rest.strip_suffix('`'))?;
    let (path, settings, mut body) = match noun {
        "project" => ("/projects", "/settings/projects", json!({ "name": name })),
        "application" => ("/applications", "/settings/applications", json!({ "name": name })),
        "environment" => ("/environments", "/settings/environments", json!({ "code": name })),
        "team" => ("/teams", "/settings/teams", json!({ "code": name })),
        _ => return None,
    };
    let sent = request.sent.as_ref();
    let project = sent.and_then(|sent| sent.get("project").or_else(|| sent.get("projectCode")));
    if let (true, Some(project)) = (noun == "application", project) {
        body["project"] = project.clone();
    }
    Some(Fix {
        words: format!("Make the {noun}, then send the report again:"),
        line: Some(request.native("POST", path, &body)),
        link: Some(("or make it in the settings", settings)),
    })
}

/// The same build under another version's name.
fn of_conflict(request: &Request<'_>) -> Fix {
    let mut body = request.body();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let version = text("version");
    let commit: String = COMMIT_FIELDS.iter().map(|name| text(name)).collect();
    let short: String = commit.chars().take(7).collect();
    let ending = if short.is_empty() { "2" } else { &short };
    body::set(&mut body, "version", format!("{version}-{ending}").into());
    let words = "A version is one commit for ever. Give another commit another version:";
    Fix::line(words, request.line(body, &[]))
}

/// How the limit is raised.
fn of_quota(request: &Request<'_>, detail: &str) -> Option<Fix> {
    let (_, rest) = detail.split_once("may have ")?;
    let (max, rest) = rest.split_once(' ')?;
    let noun = if rest.starts_with("environment") { "environments" } else { "applications" };
    let more = max.parse::<u32>().ok()?.saturating_add(10);
    let mut settings = Map::new();
    settings.insert(format!("{noun}_max"), more.into());
    Some(Fix {
        words: format!("Delete or archive {noun}, or raise the limit:"),
        line: Some(request.native("PATCH", "/organization", &json!({ "settings": settings }))),
        link: Some(("or raise it in the settings", "/settings#limits")),
    })
}

fn of_scope() -> Fix {
    Fix {
        words: "Report with a key that may:".to_owned(),
        line: Some("landfall key create --scope report ci".to_owned()),
        link: Some(("or make one in the settings", "/settings/keys")),
    }
}
