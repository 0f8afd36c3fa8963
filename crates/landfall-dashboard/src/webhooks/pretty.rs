//! JSON with its lines broken for people. Nothing else is changed: neither the order of members nor
//! a digit, since what is shown is what went over the wire.

use serde::de::IgnoredAny;

/// A text with its lines broken if it is JSON, else as it is.
pub(super) fn pretty(text: &str) -> String {
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    if is_json { Printer::default().print(text) } else { text.to_owned() }
}

#[derive(Default)]
struct Printer {
    out: String,
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
}

impl Printer {
    fn print(mut self, text: &str) -> String {
        let mut rest = text.trim().chars().peekable();
        while let Some(char) = rest.next() {
            if self.is_in_string {
                self.put_in_string(char);
                continue;
            }
            match char {
                '{' | '[' => {
                    while rest.peek().is_some_and(|next| next.is_whitespace()) {
                        rest.next();
                    }
                    match rest.next_if(|next| matches!(next, '}' | ']')) {
                        Some(end) => self.out.extend([char, end]),
                        None => self.open(char),
                    }
                }
                other => self.put(other),
            }
        }
        self.out
    }

    fn put_in_string(&mut self, char: char) {
        self.out.push(char);
        self.is_in_string = self.is_escaped || char != '"';
        self.is_escaped = !self.is_escaped && char == '\\';
    }

    fn put(&mut self, char: char) {
        match char {
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                self.new_line();
                self.out.push(char);
            }
            ',' => {
                self.out.push(char);
                self.new_line();
            }
            ':' => self.out.push_str(": "),
            _ if char.is_whitespace() => {}
            _ => {
                self.is_in_string = char == '"';
                self.out.push(char);
            }
        }
    }

    fn open(&mut self, char: char) {
        self.out.push(char);
        self.depth += 1;
        self.new_line();
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_between_tokens_is_changed() {
        let text = r#" {"b":[1.50, {},[ ]],"a":"x, \"y\": {z}\\","e":-1e9} "#;
        let wanted = "{\n  \"b\": [\n    1.50,\n    {},\n    []\n  ],\n  \
                      \"a\": \"x, \\\"y\\\": {z}\\\\\",\n  \"e\": -1e9\n}";
        assert_eq!(pretty(text), wanted);
    }

    #[test]
    fn what_is_no_json_stays() {
        for text in ["", "<html>{}</html>", "{\"a\":", "ok, fine"] {
            assert_eq!(pretty(text), text);
        }
    }
}
