//! Lines for a terminal. What strangers sent is in them only within quotes.

use serde_json::Value;

/// A longer body is broken into lines.
const BODY_CHARS_MAX: usize = 60;

/// The request with a body.
pub(super) fn curl(method: &str, url: &str, headers: &[&str], body: &Value) -> String {
    let always =
        ["Authorization: Bearer $LANDFALL_API_KEY", "Content-Type: application/json"].iter();
    // Double quotes, so that the shell fills in what begins with a dollar: ours alone do.
    let headers = always.chain(headers).map(|header| format!("-H \"{header}\""));
    let short = body.to_string();
    let long = || serde_json::to_string_pretty(body).unwrap_or_default();
    let body = if short.len() <= BODY_CHARS_MAX { short } else { long() };
    let mut lines = vec![format!("curl -X {} {}", quoted(method), quoted(url))];
    lines.extend(headers);
    lines.push(format!("-d {}", quoted(&body)));
    lines.join(" \\\n  ")
}

/// A word of a shell's command, in single quotes unless it is plain.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@%+,=".contains(&b);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_sent_leaves_its_quotes() {
        assert_eq!(quoted("https://a.example/b?c"), "'https://a.example/b?c'");
        assert_eq!(quoted("$(rm -rf ~)'; ls"), r"'$(rm -rf ~)'\''; ls'");
        assert_eq!(quoted(""), "''");
        let line = curl("POST", "http://a/b", &[], &serde_json::json!({"a": "it's `x`"}));
        assert!(line.ends_with(r#"-d '{"a":"it'\''s `x`"}'"#), "{line}");
    }
}
