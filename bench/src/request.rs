//! A request as a receiver reads it: cheaply, and only what a benchmark looks at.

use anyhow::{Context, bail, ensure};

/// Far above any delivery of a benchmark's reports.
const REQUEST_BYTES_MAX: usize = 1 << 20;
const HEADERS_MAX: usize = 64;

/// What a receiver wants to know of a request.
#[derive(Debug, PartialEq)]
pub(crate) struct Request<'a> {
    pub(crate) path: &'a str,
    pub(crate) body: &'a [u8],
    /// Of all of it, with its head.
    pub(crate) length: usize,
}

impl<'a> Request<'a> {
    /// The request that the bytes begin with, once it is whole.
    pub(crate) fn read(bytes: &'a [u8]) -> anyhow::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut head = httparse::Request::new(&mut headers);
        let parsed = head.parse(bytes).context("not HTTP/1")?;
        ensure!(bytes.len() <= REQUEST_BYTES_MAX, "a request of over {REQUEST_BYTES_MAX} bytes");
        let httparse::Status::Complete(head_length) = parsed else { return Ok(None) };
        let (Some(path), Some(body_length)) = (head.path, length_of(head.headers)) else {
            bail!("a request without a Content-Length")
        };
        let length = head_length.saturating_add(body_length);
        let body = bytes.get(head_length..length);
        Ok(body.map(|body| Self { path, body, length }))
    }
}

fn length_of(headers: &[httparse::Header<'_>]) -> Option<usize> {
    let header = headers.iter().find(|it| it.name.eq_ignore_ascii_case("content-length"))?;
    std::str::from_utf8(header.value).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"POST /hook/3 HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";

    #[test]
    fn a_request_is_read_once_it_is_whole() {
        for length in 0..WHOLE.len() {
            assert_eq!(Request::read(&WHOLE[..length]).unwrap(), None);
        }
        let two = [WHOLE, WHOLE].concat();

        let request = Request::read(&two).unwrap();

        let expected = Request { path: "/hook/3", body: b"body", length: WHOLE.len() };
        assert_eq!(request, Some(expected));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert!(Request::read(b"\0\0").is_err());
        assert!(Request::read(b"POST / HTTP/1.1\r\n\r\n").is_err());
        assert!(Request::read(&vec![b'A'; REQUEST_BYTES_MAX + 1]).is_err());
    }
}
