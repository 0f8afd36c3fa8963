//! The one way out: an HTTP client that reaches only what it may.
//!
//! Every URL that a person can choose is called through here, and only with POST. A name is
//! resolved here, each of its addresses is checked, and the connection is made to a checked
//! address, so neither a name that changes its mind nor an odd spelling of an address leads
//! inside. Redirects are answers like any other and are not followed.
//!
//! Everything about the receiver is bounded: one deadline over the whole exchange, the size of
//! its headers, and how much of its body is read.

mod addresses;
mod allow;
mod connect;
mod error;
mod guard;
mod headers;
mod proxy;
mod resolver;
mod target;
#[cfg(test)]
mod tests;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use http::header::HOST;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

pub use allow::{Allow, AllowError};
pub use error::{EgressError, SendError};
pub use headers::{HeaderError, check_headers};
pub use resolver::Names;
pub use target::{Target, UrlError};

use connect::Connector;
use guard::Guard;
use proxy::Proxy;
use resolver::Resolver;
use tls::Trust;

/// Idle connections that are kept for one host.
const IDLE_PER_HOST_MAX: usize = 64;
/// How long an idle connection is kept: less than the minute after which many servers close it.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Bytes of a response's head, beyond which it is malformed.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Headers of a response, beyond which it is malformed.
const HEADERS_READ_MAX: usize = 100;
/// Headers of a response that are kept.
const HEADERS_KEPT_MAX: usize = 64;
/// Bytes of names and values that are kept.
const HEADER_BYTES_KEPT_MAX: usize = 8 * 1024;
/// Bytes of a response's body that are read.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// What an operator decides about outbound requests.
#[derive(Clone, Default)]
pub struct EgressOptions {
    /// What is open although it is not public.
    pub allow: Allow,
    /// `http://user:password@host:port`, or https for TLS to the proxy itself.
    pub proxy: Option<String>,
    /// Certificate authorities to believe besides the public ones, as PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// What names lead to. An operator leaves it to the system.
    pub names: Names,
}

/// A request to be sent.
#[derive(Clone)]
pub struct Outgoing {
    /// Where to.
    pub target: Target,
    /// All headers but `host` and `content-length`.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// For everything from the name's resolution to the end of the answer's body.
    pub timeout: Duration,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code. A redirect is not followed.
    pub status: u16,
    /// The first headers: at most 64, and 8 KiB in all.
    pub headers: Vec<(String, String)>,
    /// The body's first 16 KiB, not decoded.
    pub body: Vec<u8>,
    /// Whether the body went on, and the connection was dropped for it.
    pub is_cut: bool,
}

/// The guarded client. Clones share connections.
#[derive(Clone)]
pub struct Egress {
    client: Client<Connector, Full<Bytes>>,
    allow: Arc<Allow>,
    resolver: Arc<Resolver>,
}

impl Egress {
    /// Makes a client with no connections yet.
    pub fn new(options: EgressOptions) -> Result<Self, EgressError> {
        let EgressOptions { allow, proxy, ca_pem, names } = options;
        let (allow, resolver) = (Arc::new(allow), Arc::new(Resolver::new(names)));
        let trust = Trust::new(ca_pem.as_deref())?;
        let proxy = match proxy {
            Some(url) => Some(Proxy::new(&url, Arc::clone(&resolver), &trust)?),
            None => None,
        };
        let guard = Guard { allow: Arc::clone(&allow), resolver: Arc::clone(&resolver) };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .http1_max_buf_size(HEAD_BYTES_MAX)
            .http1_max_headers(HEADERS_READ_MAX)
            .build(Connector::new(guard, proxy, &trust));
        Ok(Self { client, allow, resolver })
    }

    /// Checks a URL when it is saved: all that can be told without asking DNS.
    pub fn check_url(&self, url: &str) -> Result<Target, UrlError> {
        target::check(url, &self.allow)
    }

    /// Sends a request once, and returns what came back.
    ///
    /// After an error the receiver may or may not have acted on the request.
    pub async fn send(&self, outgoing: Outgoing) -> Result<Answer, SendError> {
        let Outgoing { target, headers, body, timeout } = outgoing;
        let host = target.uri.host().unwrap_or_default().to_owned();
        let exchange = self.exchange(target, headers, body);
        tokio::time::timeout(timeout, exchange).await.unwrap_or_else(|_| Err(self.overdue(&host)))
    }

    /// What an exchange without an end waited for. While a name is looked up, everything that is
    /// sent to it waits for that, except over a connection that was made before.
    fn overdue(&self, host: &str) -> SendError {
        if self.resolver.is_looking_up(host) {
            SendError::Resolve(format!("{host}: no answer before the deadline"))
        } else {
            SendError::Timeout
        }
    }

    async fn exchange(
        &self,
        target: Target,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, SendError> {
        headers.insert(HOST, target.host);
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = target.uri;
        *request.headers_mut() = headers;
        let sent = self.client.request(request).await;
        let (head, body) = sent.map_err(|error| SendError::of_client(&error))?.into_parts();
        let (body, is_cut) = read_body(body).await?;
        let headers = kept_headers(&head.headers);
        Ok(Answer { status: head.status.as_u16(), headers, body, is_cut })
    }
}

/// The beginning of a body, and whether there was more. Dropping the rest closes the connection.
async fn read_body(mut body: Incoming) -> Result<(Vec<u8>, bool), SendError> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| SendError::of_client(&error))?;
        let Some(data) = frame.data_ref() else { continue };
        let room = BODY_BYTES_MAX - read.len();
        read.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            return Ok((read, true));
        }
    }
    Ok((read, false))
}

fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut room = HEADER_BYTES_KEPT_MAX;
    let mut kept = Vec::with_capacity(headers.len().min(HEADERS_KEPT_MAX));
    for (name, value) in headers.iter().take(HEADERS_KEPT_MAX) {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let Some(left) = room.checked_sub(name.as_str().len() + value.len()) else { break };
        room = left;
        kept.push((name.as_str().to_owned(), value));
    }
    kept
}
