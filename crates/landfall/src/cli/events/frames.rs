//! Server-sent events: bytes in, frames out, as the HTML standard says.

/// A longer line or event is no event of ours.
const BYTES_MAX: usize = 8 << 20;

/// One event of the stream. Its type is in its data as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub id: Option<String>,
    pub data: String,
}

/// Collects the bytes of a stream and cuts them into frames.
#[derive(Debug, Default)]
pub(super) struct Frames {
    unread: Vec<u8>,
    started: Frame,
}

/// The stream holds a line or an event that is longer than any of ours.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Frames {
    /// Takes bytes as they come, and gives the frames that they complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, TooLong> {
        self.unread.extend_from_slice(bytes);
        let mut frames = Vec::new();
        let mut rest = 0;
        while let Some(length) = self.unread[rest..].iter().position(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(&self.unread[rest..rest + length]).into_owned();
            rest += length + 1;
            frames.extend(self.take(line.strip_suffix('\r').unwrap_or(&line)));
        }
        self.unread.drain(..rest);
        let held = self.unread.len() + self.started.data.len();
        if held > BYTES_MAX { Err(TooLong) } else { Ok(frames) }
    }

    /// Takes a line; an empty one ends the frame. A comment keeps the connection alive.
    fn take(&mut self, line: &str) -> Option<Frame> {
        if line.is_empty() {
            let frame = std::mem::take(&mut self.started);
            return (!frame.data.is_empty()).then_some(frame);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => self.started.id = Some(value.to_owned()),
            "data" => {
                if !self.started.data.is_empty() {
                    self.started.data.push('\n');
                }
                self.started.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hello\n\nid: 7\nevent: deployment.completed\ndata: {\"a\":1}\n\n\
        retry: 3000\r\nid:8\r\ndata: é\r\ndata: two\r\n\r\nid: 9\ndata: unfinished\n";

    fn expected() -> [Frame; 2] {
        let text = |text: &str| Some(text.to_owned());
        [
            Frame { id: text("7"), data: "{\"a\":1}".to_owned() },
            Frame { id: text("8"), data: "é\ntwo".to_owned() },
        ]
    }

    #[test]
    fn frames_are_the_same_however_the_bytes_come() {
        for size in [1, 2, 3, 7, 1000] {
            let mut frames = Frames::default();
            let found: Vec<Frame> = STREAM
                .as_bytes()
                .chunks(size)
                .flat_map(|bytes| frames.feed(bytes).unwrap())
                .collect();
            assert_eq!(found, expected(), "in pieces of {size}");
        }
    }

    #[test]
    fn a_line_without_end_is_given_up() {
        let mut frames = Frames::default();
        assert_eq!(frames.feed(&vec![b'x'; BYTES_MAX + 1]), Err(TooLong));
    }
}
