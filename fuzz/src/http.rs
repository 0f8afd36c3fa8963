//! Requests as text: the first line has method and path, headers follow, and after a blank line the
//! body. A line of `====` begins the next one.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};

/// More requests of one input do not lead to other places.
pub const REQUESTS_MAX: usize = 4;

/// A request, or what mutation made of one.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// Those headers that are any.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Cuts an input into requests.
pub fn split(input: &str) -> impl Iterator<Item = &str> {
    input.split("\n====\n").take(REQUESTS_MAX)
}

impl Call {
    /// Reads a request; `None` if no server could be sent it.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let (method, path) = lines.next()?.split_once(' ')?;
        Some(Self {
            method: method.parse().ok()?,
            uri: path.parse().ok().filter(|uri: &Uri| uri.path().starts_with('/'))?,
            headers: lines.filter_map(header).collect(),
            body: body.as_bytes().to_vec(),
        })
    }

    /// The request for the page that a page's `next` leads to; `None` where that would have to be
    /// escaped, or the query is.
    pub fn of_next_page(&self, next: &str) -> Option<Self> {
        let query = self.uri.query().unwrap_or_default();
        let is_plain = |text: &str| text.bytes().all(|byte| !b"%+&=# ".contains(&byte));
        let others = query.split('&').filter(|pair| !pair.starts_with("cursor"));
        let others = others.collect::<Vec<_>>().join("&");
        let uri = format!("{}?{others}&cursor={next}", self.uri.path());
        let uri = uri.parse().ok().filter(|_| !query.contains('%') && is_plain(next))?;
        Some(Self { uri, ..self.clone() })
    }

    /// The request, to be served.
    pub fn into_request(self) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        request.headers_mut().extend(self.headers);
        request
    }
}

fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    Some((name.parse().ok()?, HeaderValue::from_str(value.trim()).ok()?))
}
