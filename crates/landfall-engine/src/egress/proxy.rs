//! The operator's proxy: a tunnel to an address that was already checked.
//!
//! The proxy is told an address and never a name, also for plain http, so it resolves nothing and
//! can't be led elsewhere. Its own address was given by the operator and is not checked.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::Service;
use url::Url;

use super::connect::{Wire, connect_any};
use super::error::{EgressError, SendError};
use super::resolver::{Place, Resolver};
use super::tls::{Tls, Trust};

/// A longer answer to CONNECT is refused.
const ANSWER_BYTES_MAX: usize = 8 * 1024;

/// A proxy that opens tunnels with CONNECT.
pub(super) struct Proxy {
    uri: Uri,
    /// `Proxy-Authorization` with its line end, or nothing.
    authorization: String,
    tls: Tls<Dialler>,
}

impl Proxy {
    /// Parses `http://user:password@host:port`, or https for TLS to the proxy itself.
    pub(super) fn new(
        text: &str,
        resolver: Arc<Resolver>,
        trust: &Trust,
    ) -> Result<Self, EgressError> {
        let unusable = |why: &str| EgressError::Proxy(why.to_owned());
        let url = Url::parse(text).map_err(|error| unusable(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(unusable("it starts with neither http:// nor https://"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(unusable("there is something after the host and port"));
        }
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let uri = format!("{}://{authority}/", url.scheme());
        let uri = uri.parse().map_err(|_| unusable("its host can't be used"))?;
        let tls = Tls::new(&Dialler(resolver), trust);
        Ok(Self { uri, authorization: authorization(&url), tls })
    }

    /// A tunnel to an address, ready for what the target is to be sent.
    pub(super) async fn tunnel(&self, address: SocketAddr) -> Result<Wire, SendError> {
        let wire = self.tls.connect(&self.uri).await.map_err(|error| match error {
            known @ SendError::Proxy(_) => known,
            other => SendError::Proxy(other.to_string()),
        })?;
        let mut stream = TokioIo::new(wire);
        let request =
            format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n{}\r\n", self.authorization);
        ask(&mut stream, &request)
            .await
            .map_err(|why| SendError::Proxy(format!("{why} (asked for a tunnel to {address})")))?;
        Ok(stream.into_inner())
    }
}

fn authorization(url: &Url) -> String {
    if url.username().is_empty() && url.password().is_none() {
        return String::new();
    }
    let mut plain = percent_decoded(url.username());
    plain.push(b':');
    plain.extend(percent_decoded(url.password().unwrap_or_default()));
    format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(plain))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            bytes.push(high << 4 | low);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Sends a CONNECT request and reads its answer to the end of the headers, and no further.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &str,
) -> Result<(), String> {
    stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    stream.flush().await.map_err(|error| error.to_string())?;
    let mut answer = Vec::with_capacity(256);
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= ANSWER_BYTES_MAX {
            return Err("its answer is too long".to_owned());
        }
        // One byte at a time, as what follows is the target's; it is once per connection.
        answer.push(stream.read_u8().await.map_err(|error| error.to_string())?);
    }
    let line = String::from_utf8_lossy(answer.split(|byte| *byte == b'\r').next().unwrap_or(&[]));
    let status = line.split(' ').nth(1).unwrap_or_default();
    let is_open = line.starts_with("HTTP/1.") && status.len() == 3 && status.starts_with('2');
    if is_open { Ok(()) } else { Err(format!("it answered `{line}`")) }
}

/// Reaches the proxy, wherever its operator put it.
#[derive(Clone)]
struct Dialler(Arc<Resolver>);

impl Service<Uri> for Dialler {
    type Response = TokioIo<TcpStream>;
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, SendError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let resolver = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = resolver.resolve(&Place::of(&uri)).await?;
            Ok(TokioIo::new(connect_any(&addresses).await?))
        })
    }
}
