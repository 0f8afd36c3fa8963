//! Reads HTTP/1.1 responses from bytes as they arrive, whether their length is given or chunked.
//!
//! It does no I/O: bytes are put into [`ResponseReader::space`], and [`ResponseReader::advance`]
//! says when they make a whole response. No byte is looked at twice but those of an unfinished head.

/// A response over this is refused: far above a full matrix, far below the machine's memory.
const BODY_BYTES_MAX: usize = 512 << 20;
/// A head, or a line between chunks, over this is refused.
const HEAD_BYTES_MAX: usize = 64 << 10;
const HEADERS_MAX: usize = 64;
const READ_BYTES: usize = 64 << 10;

/// What the head of a response says, as far as anyone here asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// The server closes the connection after this response.
    pub(crate) closes: bool,
    /// `dur` of the metric `total` in `Server-Timing`.
    pub(crate) server_ms: Option<f64>,
}

/// The bytes are not a response that can be read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("malformed response: {0}")]
pub(crate) struct Malformed(&'static str);

/// The responses of one connection, one after the other.
#[derive(Debug, Default)]
pub(crate) struct ResponseReader {
    unread: Vec<u8>,
    parser: Parser,
}

#[derive(Debug, Default)]
struct Parser {
    expects: Expects,
    head: Option<Head>,
    body: Vec<u8>,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, Default)]
enum Expects {
    #[default]
    Head,
    Fixed {
        left: usize,
    },
    ChunkSize,
    Chunk {
        left: usize,
    },
    ChunkEnd,
    Trailer,
}

enum Step {
    NeedsMore,
    Took(usize),
    Completed(usize),
}

impl ResponseReader {
    /// Where to append received bytes; has room for a large read.
    pub(crate) fn space(&mut self) -> &mut Vec<u8> {
        self.unread.reserve(READ_BYTES);
        &mut self.unread
    }

    /// Reads on; gives the head once the whole response has arrived.
    pub(crate) fn advance(&mut self) -> Result<Option<Head>, Malformed> {
        let mut taken = 0;
        let complete = loop {
            match self.parser.step(&self.unread[taken..])? {
                Step::NeedsMore => break None,
                Step::Took(bytes) => taken += bytes,
                Step::Completed(bytes) => {
                    taken += bytes;
                    break self.parser.finish();
                }
            }
        };
        self.unread.drain(..taken);
        Ok(complete)
    }

    /// The body of the response that [`Self::advance`] gave last.
    pub(crate) fn body(&self) -> &[u8] {
        &self.parser.body
    }
}

impl Parser {
    fn step(&mut self, input: &[u8]) -> Result<Step, Malformed> {
        match self.expects {
            Expects::Head => self.read_head(input),
            Expects::Fixed { left } => {
                let taken = self.copy(input, left);
                self.expects = Expects::Fixed { left: left - taken };
                Ok(if taken == left { Step::Completed(taken) } else { took(taken) })
            }
            Expects::ChunkSize => self.read_chunk_size(input),
            Expects::Chunk { left } => {
                let taken = self.copy(input, left);
                let left = left - taken;
                self.expects = if left == 0 { Expects::ChunkEnd } else { Expects::Chunk { left } };
                Ok(took(taken))
            }
            Expects::ChunkEnd => match input {
                [b'\r', b'\n', ..] => {
                    self.expects = Expects::ChunkSize;
                    Ok(Step::Took(2))
                }
                [] | [b'\r'] => Ok(Step::NeedsMore),
                _ => Err(Malformed("a chunk is longer than its size")),
            },
            Expects::Trailer => match line(input)? {
                None => Ok(Step::NeedsMore),
                Some([]) => Ok(Step::Completed(2)),
                Some(trailer) => Ok(Step::Took(trailer.len() + 2)),
            },
        }
    }

    fn read_head(&mut self, input: &[u8]) -> Result<Step, Malformed> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        let length = match response.parse(input) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if input.len() > HEAD_BYTES_MAX => {
                return Err(Malformed("the head is too long"));
            }
            Ok(httparse::Status::Partial) => return Ok(Step::NeedsMore),
            Err(_) => return Err(Malformed("the head is not HTTP/1")),
        };
        let status = response.code.ok_or(Malformed("the head has no status"))?;
        if status >= 200 {
            self.expects = body_after(status, response.headers)?;
            self.head = Some(Head {
                status,
                closes: response.version == Some(0) || closes(response.headers),
                server_ms: server_ms(response.headers),
            });
            self.body.clear();
        }
        Ok(Step::Took(length))
    }

    fn read_chunk_size(&mut self, input: &[u8]) -> Result<Step, Malformed> {
        let Some(line) = line(input)? else { return Ok(Step::NeedsMore) };
        let digits = line.split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
        let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
        let size = std::str::from_utf8(digits)
            .ok()
            .filter(|_| is_number)
            .and_then(|digits| usize::from_str_radix(digits, 16).ok())
            .ok_or(Malformed("a chunk has no size"))?;
        if size > BODY_BYTES_MAX - self.body.len() {
            return Err(Malformed("the body is too long"));
        }
        self.expects = if size == 0 { Expects::Trailer } else { Expects::Chunk { left: size } };
        Ok(Step::Took(line.len() + 2))
    }

    fn copy(&mut self, input: &[u8], left: usize) -> usize {
        let taken = left.min(input.len());
        self.body.extend_from_slice(&input[..taken]);
        taken
    }

    fn finish(&mut self) -> Option<Head> {
        self.expects = Expects::Head;
        self.head.take()
    }
}

fn took(bytes: usize) -> Step {
    if bytes == 0 { Step::NeedsMore } else { Step::Took(bytes) }
}

/// The input up to its first line break.
fn line(input: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    match input.windows(2).take(HEAD_BYTES_MAX).position(|pair| pair == b"\r\n") {
        Some(length) => Ok(Some(&input[..length])),
        None if input.len() > HEAD_BYTES_MAX => Err(Malformed("a line is too long")),
        None => Ok(None),
    }
}

/// RFC 9112, 6.3, without bodies that end with the connection.
fn body_after(status: u16, headers: &[httparse::Header<'_>]) -> Result<Expects, Malformed> {
    if status == 204 || status == 304 {
        return Ok(Expects::Fixed { left: 0 });
    }
    if let Some(codings) = value_of(headers, "transfer-encoding") {
        return if codings.trim_ascii().eq_ignore_ascii_case(b"chunked") {
            Ok(Expects::ChunkSize)
        } else {
            Err(Malformed("a transfer coding other than chunked"))
        };
    }
    let length = value_of(headers, "content-length")
        .ok_or(Malformed("neither a Content-Length nor chunked"))?;
    match std::str::from_utf8(length).ok().and_then(|digits| digits.trim().parse().ok()) {
        Some(left) if left <= BODY_BYTES_MAX => Ok(Expects::Fixed { left }),
        Some(_) => Err(Malformed("the body is too long")),
        None => Err(Malformed("Content-Length is not a number")),
    }
}

fn closes(headers: &[httparse::Header<'_>]) -> bool {
    let options = value_of(headers, "connection").unwrap_or_default();
    options.split(|&b| b == b',').any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}

fn server_ms(headers: &[httparse::Header<'_>]) -> Option<f64> {
    let metrics = std::str::from_utf8(value_of(headers, "server-timing")?).ok()?;
    let mut totals = metrics.split(',').filter_map(|metric| {
        let (name, parameters) = metric.split_once(';')?;
        let mut durations = parameters.split(';').filter_map(|it| it.trim().strip_prefix("dur="));
        durations.next().filter(|_| name.trim() == "total")
    });
    totals.next()?.trim().parse().ok()
}

fn value_of<'h>(headers: &[httparse::Header<'h>], name: &str) -> Option<&'h [u8]> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXED: &[u8] = b"HTTP/1.1 200 OK\r\nserver-timing: db;dur=1, total;desc=x;dur=2.5\r\n\
        content-length: 5\r\n\r\nhello";
    const CHUNKED: &[u8] = b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\
        Connection: close\r\n\r\n4\r\nwiki\r\n00A;ext=\"1\"\r\npedia\r\n in\r\n0\r\nx-t: 1\r\n\r\n";
    const EMPTY: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";

    /// Feeds the pieces one after the other, and collects each response with its body.
    fn read(pieces: &[&[u8]]) -> Vec<(Head, String)> {
        let mut reader = ResponseReader::default();
        let mut responses = Vec::new();
        for piece in pieces {
            reader.space().extend_from_slice(piece);
            while let Some(head) = reader.advance().unwrap() {
                responses.push((head, String::from_utf8(reader.body().to_vec()).unwrap()));
            }
        }
        responses
    }

    fn head(status: u16, closes: bool, server_ms: Option<f64>) -> Head {
        Head { status, closes, server_ms }
    }

    fn expected() -> Vec<(Head, String)> {
        vec![
            (head(200, false, Some(2.5)), "hello".to_owned()),
            (head(503, true, None), "wikipedia\r\n in".to_owned()),
            (head(204, false, None), String::new()),
        ]
    }

    #[test]
    fn responses_are_the_same_wherever_the_bytes_are_split() {
        let stream = [FIXED, CHUNKED, EMPTY].concat();
        for at in 0..=stream.len() {
            assert_eq!(read(&[&stream[..at], &stream[at..]]), expected(), "split at {at}");
        }
    }

    #[test]
    fn responses_may_come_byte_by_byte() {
        let stream = [FIXED, CHUNKED, EMPTY].concat();
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();

        assert_eq!(read(&bytes), expected());
    }

    #[test]
    fn a_response_is_not_whole_before_its_last_byte() {
        for response in [FIXED, CHUNKED] {
            assert_eq!(read(&[&response[..response.len() - 1]]), []);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_reason() {
        let cases: [(&[u8], &str); 8] = [
            (b"SSH-2.0-x\r\n", "the head is not HTTP/1"),
            (b"HTTP/1.1 200 OK\r\n\r\n", "neither a Content-Length nor chunked"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", "Content-Length is not a number"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n", "the body is too long"),
            (
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
                "a transfer coding other than chunked",
            ),
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n", "a chunk has no size"),
            (
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab",
                "a chunk is longer than its size",
            ),
            (
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n",
                "the body is too long",
            ),
        ];
        for (bytes, reason) in cases {
            let mut reader = ResponseReader::default();
            reader.space().extend_from_slice(bytes);
            assert_eq!(reader.advance().unwrap_err().0, reason);
        }
    }
}
