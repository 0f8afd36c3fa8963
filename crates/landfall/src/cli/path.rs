//! Paths of the API, with every value that goes into them encoded.

use std::fmt::{self, Write};

/// A path below `/api/v1`, such as `/status?limit=all`.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    text: String,
    has_query: bool,
}

impl Path {
    /// A path as it is written in the API's description.
    pub(crate) fn new(path: &'static str) -> Self {
        Self { text: path.to_owned(), has_query: false }
    }

    /// Goes one level down, to something that has a name.
    #[must_use]
    pub(crate) fn below(mut self, name: &str) -> Self {
        self.text.push('/');
        encode(&mut self.text, name);
        self
    }

    /// Adds a parameter, if it has a value.
    #[must_use]
    pub(crate) fn with<Value: fmt::Display>(mut self, name: &str, value: Option<Value>) -> Self {
        let Some(value) = value else { return self };
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.text.push_str(name);
        self.text.push('=');
        encode(&mut self.text, &value.to_string());
        self
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Keeps what RFC 3986 calls unreserved, and the comma, which separates names in lists.
fn encode(text: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' => {
                text.push(char::from(byte));
            }
            // Writing to a string can't fail.
            _ => _ = write!(text, "%{byte:02X}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn values_are_encoded_and_absent_ones_left_out() {
        let path = Path::new("/keys")
            .below("a/b")
            .with("name", Some("shop & café"))
            .with("project", None::<&str>)
            .with("limit", Some(20));
        assert_eq!(path.to_string(), "/keys/a%2Fb?name=shop%20%26%20caf%C3%A9&limit=20");
    }
}
