//! What holds of every body that a webhook is sent, whatever the event holds.

use landfall_domain::webhook::format::template::Template;
use landfall_domain::webhook::format::{Format, Message, RenderError, Rendered};
use serde_json::Value;

/// Slack takes no longer text in a block.
const SLACK_CHARS_MAX: usize = 3_000;
/// What an envelope may add to the data of its event.
const ENVELOPE_BYTES_MAX: usize = 64 * 1024;

/// Renders an event, and fails unless the body is JSON and bounded.
pub fn check(format: &Format, message: &Message<'_>) {
    match format.render(message) {
        Ok(rendered) => check_body(format, message, &rendered),
        Err(RenderError::NoName(_)) => assert!(format.vocabulary().is_some(), "{format:?}"),
        Err(RenderError::TooLong { .. }) => assert!(is_users(format), "{format:?}"),
        Err(why) => panic!("{why}: {format:?} {message:?}"),
    }
}

fn is_users(format: &Format) -> bool {
    matches!(format, Format::Template { .. } | Format::Humanitec { payload: Some(_) })
}

fn check_body(format: &Format, message: &Message<'_>, rendered: &Rendered) {
    let bytes_max = if is_users(format) {
        Template::BODY_BYTES_MAX
    } else {
        // A text grows sixfold at most where its characters have to be escaped.
        message.data.len() * 6 + ENVELOPE_BYTES_MAX
    };
    assert!(rendered.body.len() <= bytes_max, "{} bytes of {format:?}", rendered.body.len());
    let body: Value = serde_json::from_slice(&rendered.body).expect("a body is JSON");
    if *format == Format::Slack {
        check_slack(&body);
    }
    for (name, value) in &rendered.headers {
        assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{name}: {value:?}");
    }
}

fn check_slack(body: &Value) {
    match body {
        Value::String(text) => {
            let chars = text.chars().count();
            assert!(chars <= SLACK_CHARS_MAX, "{chars} characters: {text}");
        }
        Value::Array(items) => items.iter().for_each(check_slack),
        Value::Object(fields) => fields.values().for_each(check_slack),
        _ => {}
    }
}
