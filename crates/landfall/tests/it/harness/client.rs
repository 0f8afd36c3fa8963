//! A small HTTP client over real sockets.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// A request in the making. It carries the client's own key unless it says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    is_anonymous: bool,
    body: Bytes,
}

impl Call {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            headers: Vec::new(),
            is_anonymous: false,
            body: Bytes::new(),
        }
    }

    /// A POST of JSON, or of what pretends to be.
    pub(crate) fn post(path: &str, body: impl Into<Vec<u8>>) -> Self {
        let call = Self::new("POST", path).with("content-type", "application/json");
        Self { body: Bytes::from(body.into()), ..call }
    }

    /// The report that a deployment of an application began, in production, as `run-<run>`.
    pub(crate) fn started(application: &str, run: usize) -> Self {
        let body = json!({
            "application": application, "version": "1.0.0", "environment": "production",
            "status": "started", "invoke_id": format!("run-{run}"),
        });
        Self::post("/api/v1/deployments", body.to_string())
    }

    /// The same request by another method.
    pub(crate) fn method(self, method: &str) -> Self {
        Self { method: method.parse().unwrap(), ..self }
    }

    /// Sets a header, in place of the one it had of that name.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a header away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// Adds a header beside those of that name.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.with("authorization", &format!("Bearer {key}"))
    }

    /// With the cookie of a session in place of a key.
    pub(crate) fn signed_in(self, cookie: &str) -> Self {
        Self { is_anonymous: true, ..self }.with("cookie", cookie)
    }

    /// Without any header but what HTTP itself needs.
    pub(crate) fn anonymous(self) -> Self {
        Self { is_anonymous: true, headers: Vec::new(), ..self }
    }
}

/// What a server answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// A member of the answer, as text; empty if it is no text.
    pub(crate) fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The answer, if it is one of a report that was taken in.
    pub(crate) fn ok_or_created(self) -> Self {
        assert!(matches!(self.status, 200 | 201), "{}", self.body);
        self
    }

    /// The answer, if it is a good one.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.body);
        self
    }
}

/// Sends requests to one server, over connections that it keeps.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    inner: legacy::Client<HttpConnector, Full<Bytes>>,
    url: String,
    key: String,
}

impl Client {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        // Who sends again is the test, and it counts.
        builder.retry_canceled_requests(false);
        Self { inner: builder.build_http(), url: url.to_owned(), key: key.to_owned() }
    }

    /// Sends a request; `None` if the connection broke before the answer was whole.
    pub(crate) async fn try_send(&self, call: Call) -> Option<Answer> {
        let Call { method, path, headers, is_anonymous, body } = call;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = format!("{}{path}", self.url).parse().unwrap();
        if !is_anonymous {
            let bearer = format!("Bearer {}", self.key).parse().unwrap();
            request.headers_mut().insert("authorization", bearer);
        }
        if headers.iter().any(|(name, _)| name == "authorization") {
            request.headers_mut().remove("authorization");
        }
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request.headers_mut().append(name, value);
        }
        let answer = self.inner.request(request).await.ok()?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Some(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    pub(crate) async fn send(&self, call: Call) -> Answer {
        self.try_send(call).await.expect("the server answers")
    }
}
