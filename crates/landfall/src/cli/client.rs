//! HTTP and HTTPS requests, each with a deadline and a bound on its answer.
//!
//! It knows nothing of what is asked: `api` says that. Redirects are not followed, since they
//! would carry the key to another address.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::connection::Connection;
use super::path::Path;

/// Nobody waits longer for an answer, unless they say so.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Room for the whole matrix of 2,000 applications and 50 environments, twice.
const ANSWER_BYTES_MAX: usize = 96 << 20;

/// A request to be made, as often as it takes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What to do.
    pub method: Method,
    /// To what.
    pub path: Path,
    /// JSON to send along.
    pub body: Option<Bytes>,
    /// Makes repeating the call harmless.
    pub idempotency_key: Option<String>,
}

/// An answer, whatever it says.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as far as it is text.
    pub body: String,
}

/// Why no answer came, in words.
#[derive(Clone, Debug)]
pub(crate) struct NoAnswer(pub String);

/// Speaks HTTP and HTTPS to anyone, and presents no key of its own.
pub(crate) type Http = HyperClient<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// What every request says of its sender.
pub(crate) const AGENT: &str = concat!("landfall/", env!("CARGO_PKG_VERSION"));

/// Makes a connection when it is first needed.
pub(crate) fn http() -> Http {
    let connector =
        HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
    HyperClient::builder(TokioExecutor::new()).build(connector)
}

/// Makes requests to one server.
pub(crate) struct Client {
    http: Http,
    connection: Connection,
    deadline: Duration,
}

impl Client {
    /// A client that makes a connection when it is first needed.
    pub(crate) fn new(connection: Connection, deadline: Duration) -> Self {
        Self { http: http(), connection, deadline }
    }

    /// Which server is asked.
    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Makes a request and reads its whole answer before the deadline.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, NoAnswer> {
        let request = self.request(call, "application/json", None)?;
        self.before_deadline(async {
            let (head, body) = self.begin(request).await?.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| self.no_answer(error.as_ref()))?.to_bytes();
            let body = String::from_utf8_lossy(&body).into_owned();
            Ok(Answer { status: head.status, headers: head.headers, body })
        })
        .await
    }

    /// Opens a stream of server-sent events; the deadline is for its beginning.
    pub(crate) async fn open(
        &self,
        call: &Call,
        last_event_id: Option<u64>,
    ) -> Result<Response<Incoming>, NoAnswer> {
        let request = self.request(call, "text/event-stream", last_event_id)?;
        self.before_deadline(self.begin(request)).await
    }

    async fn before_deadline<T>(
        &self,
        work: impl Future<Output = Result<T, NoAnswer>>,
    ) -> Result<T, NoAnswer> {
        tokio::time::timeout(self.deadline, work).await.unwrap_or_else(|_| {
            let seconds = self.deadline.as_secs();
            Err(NoAnswer(format!("{} did not answer within {seconds} s", self.connection.address)))
        })
    }

    async fn begin(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, NoAnswer> {
        self.http.request(request).await.map_err(|error| self.no_answer(&error))
    }

    fn no_answer(&self, error: &(dyn std::error::Error + 'static)) -> NoAnswer {
        NoAnswer(format!("{} can't be reached: {}", self.connection.address, root_cause(error)))
    }

    fn request(
        &self,
        call: &Call,
        accept: &'static str,
        last_event_id: Option<u64>,
    ) -> Result<Request<Full<Bytes>>, NoAnswer> {
        let Connection { address, key } = &self.connection;
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", key.reveal()))
            .map_err(|_| NoAnswer("the API key holds characters that no key has".to_owned()))?;
        authorization.set_sensitive(true);
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(format!("{address}/api/v1{}", call.path))
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, accept)
            .header(USER_AGENT, AGENT);
        if call.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(key) = &call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let body = Full::new(call.body.clone().unwrap_or_default());
        request.body(body).map_err(|error| NoAnswer(format!("the request can't be made: {error}")))
    }
}

/// The innermost error says what happened; those around it say `client error`.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
