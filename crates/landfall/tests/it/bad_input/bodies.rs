//! Bodies that are no JSON object at all, to every interface that takes reports.

use super::{Case, Dialect, check};
use crate::harness::Call;

/// The name of each, the body, and part of the message.
const BODIES: [(&str, &[u8], &str); 48] = [
    ("nothing", b"", "the body is empty"),
    ("white space", b" \r\n\t ", "the body is empty"),
    ("null", b"null", "must be an object"),
    ("an array", b"[]", "must be an object"),
    ("an array of a report", br#"[{"version":"1"}]"#, "must be an object"),
    ("a string", br#""report""#, "must be an object"),
    ("a number", b"42", "must be an object"),
    ("a boolean", b"true", "must be an object"),
    ("a bare word", b"hello", "must be an object"),
    ("a form", b"product_name=shop&version=1", "must be an object"),
    ("XML", b"<report version='1'/>", "must be an object"),
    ("YAML", b"version: 1\nstatus: success\n", "must be an object"),
    ("an open brace", b"{", "EOF"),
    ("a closing brace", b"}", "must be an object"),
    ("half a field", br#"{"version""#, "EOF"),
    ("a field without a value", br#"{"version":}"#, "expected value"),
    ("a field without a colon", br#"{"version" "1"}"#, "expected `:`"),
    ("an open string", br#"{"version":"1"#, "EOF"),
    ("a trailing comma", br#"{"version":"1",}"#, "trailing comma"),
    ("two commas", br#"{"version":"1",,"a":1}"#, "JSON"),
    ("a missing comma", br#"{"version":"1" "a":1}"#, "expected `,`"),
    ("single quotes", b"{'version':'1'}", "key must be a string"),
    ("names without quotes", br#"{version:"1"}"#, "key must be a string"),
    ("a number as a name", br#"{1:"1"}"#, "key must be a string"),
    ("a comment", b"{/* a */}", "key must be a string"),
    ("words after the end", br#"{"a":1} x"#, "trailing characters"),
    ("two objects", br#"{"a":1}{"a":2}"#, "trailing characters"),
    ("an array of values", br#"["shop","1","production",null,"success"]"#, "must be an object"),
    ("a byte order mark twice over nothing", b"\xef\xbb\xbf\xef\xbb\xbf", "the body is empty"),
    ("lines of JSON", b"{\"a\":1}\n{\"a\":2}\n", "trailing characters"),
    ("NaN", br#"{"x":NaN}"#, "JSON"),
    ("infinity", br#"{"x":-Infinity}"#, "JSON"),
    ("a hexadecimal number", br#"{"x":0x10}"#, "JSON"),
    ("a leading zero", br#"{"x":01}"#, "invalid number"),
    ("a plus sign", br#"{"x":+1}"#, "expected value"),
    ("a lonely minus", br#"{"x":-}"#, "invalid number"),
    ("a word that is cut short", br#"{"x":tru}"#, "expected ident"),
    ("a line break in a string", b"{\"x\":\"a\nb\"}", "control character"),
    ("a NUL in a string", b"{\"x\":\"a\0b\"}", "control character"),
    ("a NUL at the end", b"{\"x\":1}\0", "trailing characters"),
    ("an unknown escape", br#"{"x":"\q"}"#, "invalid escape"),
    ("half an escape", br#"{"x":"\u12"}"#, "invalid escape"),
    ("bytes that are not UTF-8", b"{\"x\":\"\xff\xfe\"}", "byte 6 is not UTF-8"),
    ("a NUL of two bytes", b"{\"x\":\"\xc0\x80\"}", "byte 6 is not UTF-8"),
    ("half a character", b"{\"x\":\"\xe2\x82\"}", "byte 6 is not UTF-8"),
    ("a surrogate in bytes", b"{\"x\":\"\xed\xa0\x80\"}", "byte 6 is not UTF-8"),
    ("UTF-16", b"\xff\xfe{\0}\0", "byte 0 is not UTF-8"),
    ("a compressed body", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xabV*", "byte 1 is not UTF-8"),
];

/// The same for bodies that are too long to write down.
fn long_bodies() -> [(&'static str, Vec<u8>, u16, &'static str); 9] {
    let brackets = |count| b"[".repeat(count);
    let nested = |open: &str, close: &str, depth| {
        let body = format!("{{\"x\":{}1{}}}", open.repeat(depth), close.repeat(depth));
        body.into_bytes()
    };
    let digits = format!("{{\"version\":{}}}", "9".repeat(10_000)).into_bytes();
    [
        ("a hundred thousand brackets", brackets(100_000), 400, "must be an object"),
        ("arrays in arrays", nested("[", "]", 32), 400, "nested deeper than 32 levels"),
        ("objects in objects", nested("{\"a\":", "}", 32), 400, "nested deeper than 32 levels"),
        (
            "objects in metadata",
            format!(
                r#"{{"extra_metadata":{}1{},"metadata":{{}}}}"#,
                "{\"a\":".repeat(32),
                "}".repeat(32)
            )
            .into_bytes(),
            400,
            "nested deeper than 32 levels",
        ),
        ("a number of ten thousand digits", digits, 400, "number"),
        ("a number beyond all", br#"{"version":1e999999}"#.to_vec(), 400, "number"),
        ("a string of one megabyte", megabyte('x'), 413, "larger than 1048576 bytes"),
        ("white space of one megabyte", megabyte(' '), 413, "larger than 1048576 bytes"),
        ("a megabyte of brackets", brackets(1_048_577), 413, "larger than 1048576 bytes"),
    ]
}

fn megabyte(letter: char) -> Vec<u8> {
    format!("{{\"x\":\"{}\"}}", String::from(letter).repeat(1_048_576)).into_bytes()
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let mut cases = Vec::new();
    for dialect in Dialect::ALL {
        for (name, body, says) in BODIES {
            let call = Call::post(dialect.path(), body);
            cases.push(Case {
                dialect,
                name: name.to_owned(),
                call,
                status: 400,
                says,
                is_kept: true,
            });
        }
    }
    check(cases).await;
}

#[tokio::test]
async fn a_body_that_is_too_deep_or_too_long_is_refused() {
    let mut cases = Vec::new();
    for dialect in Dialect::ALL {
        for (name, body, status, says) in long_bodies() {
            let call = Call::post(dialect.path(), body);
            cases.push(Case { dialect, name: name.to_owned(), call, status, says, is_kept: true });
        }
    }
    check(cases).await;
}
