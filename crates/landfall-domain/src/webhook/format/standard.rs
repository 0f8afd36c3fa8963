//! The standard format: `{"type", "timestamp", "data"}` as Standard Webhooks 1.0.0 recommends.
//!
//! This is the path of thousands of deliveries per second, so the event's own text is copied in
//! unparsed, into one allocation.

use std::io::Write as _;

use crate::webhook::format::{Message, RenderError};

/// What surrounds the data, at most, save for names.
const ENVELOPE_BYTES: usize = 192;

/// Renders `message`; `organization` and `sequence` come first in its data.
pub(super) fn render(message: &Message<'_>) -> Result<Vec<u8>, RenderError> {
    let fields = message.data.trim().strip_prefix('{').ok_or(RenderError::NotAnObject)?;
    let fields = fields.trim_start();
    let separator = if fields.starts_with('}') { "" } else { "," };
    let Message { kind, at, organization, sequence, .. } = message;
    // A name may grow when it is escaped, but hardly ever does.
    let bytes = ENVELOPE_BYTES + kind.len() + organization.name.len() + fields.len();
    let mut body = Vec::with_capacity(bytes);
    body.extend_from_slice(b"{\"type\":");
    serde_json::to_writer(&mut body, kind)?;
    write_json(&mut body, format_args!(",\"timestamp\":\"{at}\",\"data\":{{\"organization\":"));
    write_json(&mut body, format_args!("{{\"id\":\"{}\",\"name\":", organization.id));
    serde_json::to_writer(&mut body, &organization.name)?;
    write_json(&mut body, format_args!("}},\"sequence\":{sequence}{separator}{fields}}}"));
    Ok(body)
}

fn write_json(body: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    body.write_fmt(text).expect("a vector takes every byte");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::time::Timestamp;
    use crate::view::Named;
    use crate::webhook::format::sample::{KINDS, sample};

    fn message<'a>(organization: &'a Named, kind: &'a str, data: &'a str) -> Message<'a> {
        Message {
            id: "evt_1",
            sequence: u64::MAX,
            kind,
            at: Timestamp::from_micros(1_700_000_000_123_456),
            organization,
            data,
            base_url: None,
            vendor_secret: None,
            app_id: None,
        }
    }

    fn organization(name: &str) -> Named {
        Named { id: Uuid::from_u128(5), name: name.to_owned() }
    }

    #[test]
    fn the_body_is_what_the_specification_recommends() {
        let organization = organization("acme");
        let message = message(&organization, "project.created", r#" {"by":"ci","a":{"b":1}} "#);
        let body = String::from_utf8(render(&message).unwrap()).unwrap();
        assert_eq!(
            body,
            concat!(
                r#"{"type":"project.created","timestamp":"2023-11-14T22:13:20.123456Z","#,
                r#""data":{"organization":{"id":"00000000-0000-0000-0000-000000000005","#,
                r#""name":"acme"},"sequence":18446744073709551615,"by":"ci","a":{"b":1}}}"#
            )
        );
    }

    #[test]
    fn empty_data_takes_no_comma_and_other_data_is_refused() {
        let organization = organization("acme");
        for data in ["{}", "{ }", " {\n} "] {
            let body = render(&message(&organization, "x.y", data)).unwrap();
            let value: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(value["data"]["sequence"], json!(u64::MAX));
        }
        for data in ["", "[]", "null"] {
            assert!(render(&message(&organization, "x.y", data)).is_err(), "{data}");
        }
    }

    #[test]
    fn a_body_takes_one_allocation() {
        let organization = organization("acme");
        for kind in KINDS {
            let data = sample(kind, &organization, Timestamp::default()).unwrap();
            let data = serde_json::to_string(&data).unwrap();
            let body = render(&message(&organization, kind, &data)).unwrap();
            let bytes_planned = ENVELOPE_BYTES + kind.len() + "acme".len() + data.len() - 1;
            assert!(body.len() <= bytes_planned, "{kind}");
        }
    }

    proptest! {
        #[test]
        fn no_name_breaks_the_json(name in "\\PC*|[\"\\\\{}\u{0}-\u{1f}]*", text in "\\PC*") {
            let organization = organization(&name);
            let data = json!({ "by": text }).to_string();
            let body = render(&message(&organization, "project.created", &data)).unwrap();
            let value: Value = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(&value["data"]["organization"]["name"], &json!(name));
            prop_assert_eq!(&value["data"]["by"], &json!(text));
        }
    }
}
