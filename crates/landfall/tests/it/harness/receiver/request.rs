//! Reading the requests of one connection, one after the other.

use std::fmt;
use std::time::Instant;

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Room for one read.
const READ_BYTES: usize = 64 << 10;

/// A request that arrived whole.
#[derive(Clone)]
pub(crate) struct Received {
    /// Counted over all connections of the receiver, from 1.
    pub(crate) number: usize,
    /// When its last byte was there.
    pub(crate) at: Instant,
    /// With its query.
    pub(crate) path: String,
    /// Names in lower case, in the order in which they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Which connection it came over, counted from 1.
    pub(crate) connection: usize,
}

impl Received {
    /// A header's first value; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        value_of(&self.headers, name).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The header `webhook-id`.
    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }
}

/// Short, since a failed wait shows all that came.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, at: _, path, headers: _, body, connection } = self;
        let body = String::from_utf8_lossy(body);
        let body: String = body.chars().take(80).collect();
        write!(f, "{number} on {connection}: {path} {:?} {body}", self.id())
    }
}

/// What a request says, before it has a place among the others.
pub(super) struct Request {
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// The bytes of a connection that belong to no request yet.
#[derive(Default)]
pub(super) struct RequestReader {
    unread: Vec<u8>,
}

impl RequestReader {
    /// The next request; `None` when the sender went away, be it within a request.
    pub(super) async fn read(&mut self, stream: &mut TcpStream) -> Option<Request> {
        loop {
            if let Some((request, length)) = whole_request(&self.unread) {
                self.unread.drain(..length);
                return Some(request);
            }
            self.unread.reserve(READ_BYTES);
            if stream.read_buf(&mut self.unread).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }
}

/// The request at the beginning of the bytes and its length, once all of it is there. It panics on
/// what Landfall never sends: another method or version, or a body whose length is not told.
fn whole_request(bytes: &[u8]) -> Option<(Request, usize)> {
    const HEAD_END: &[u8] = b"\r\n\r\n";
    let head_length = bytes.windows(HEAD_END.len()).position(|window| window == HEAD_END)?;
    let head = std::str::from_utf8(&bytes[..head_length]).expect("the head is text");
    let mut lines = head.split("\r\n");
    let path = lines.next().and_then(|line| line.strip_prefix("POST ")?.strip_suffix(" HTTP/1.1"));
    let path = path.unwrap_or_else(|| panic!("not a POST of HTTP/1.1: {head}"));
    let headers: Vec<_> = lines.map(header).collect();
    let body_length = value_of(&headers, "content-length").and_then(|text| text.parse().ok());
    let body_length: usize = body_length.unwrap_or_else(|| panic!("without a length: {head}"));
    let body_start = head_length + HEAD_END.len();
    let end = body_start + body_length;
    let body = bytes.get(body_start..end)?.to_vec();
    Some((Request { path: path.to_owned(), headers, body }, end))
}

fn header(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("not a header: {line}"));
    (name.to_ascii_lowercase(), value.trim().to_owned())
}

fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    header.map(|(_, value)| value.as_str())
}
