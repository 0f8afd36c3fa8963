//! A field that was refused, and the body that would have been taken.

use landfall_domain::time::Timestamp;
use serde_json::Value;

use super::body;
use super::closest::closest;
use super::fix::Sample;

/// What a refusal says about a field.
pub(super) struct Wrong<'a> {
    /// Which field, by its path.
    pub field: &'a str,
    /// What is wrong with it.
    pub reason: &'a str,
}

impl<'a> Wrong<'a> {
    /// Reads `Field 'status' is required` and `` `status` is wrong ``.
    pub(super) fn of(detail: &'a str) -> Option<Self> {
        let told = detail.strip_prefix("Field '").and_then(|rest| rest.split_once("' "));
        let told = told.or_else(|| detail.strip_prefix('`')?.split_once("` "));
        told.map(|(field, reason)| Self { field, reason })
    }

    /// Mends the field in a body, and says how.
    pub(super) fn mend(&self, body: &mut Value, sample: &Sample, at: Timestamp) -> String {
        let Self { field, reason } = *self;
        if reason.starts_with("is not known here") {
            return self.rename(body);
        }
        if let Some((_, known)) = reason.split_once("; use one of ") {
            return self.choose(body, known);
        }
        if let Some(short) = too_long(reason).and_then(|max| shortened(body, field, max)) {
            body::set(body, field, short);
            return format!("Make `{field}` shorter:");
        }
        let sent = body::find(body, field).cloned().unwrap_or(Value::Null);
        if reason.contains("is not a time such as") {
            body::set(body, field, at.to_string().into());
            return format!("Write `{field}` as RFC 3339 has it:");
        }
        let wants_text =
            reason.contains("must be a string") || reason.contains("expected a string");
        if wants_text && (sent.is_number() || sent.is_boolean()) {
            body::set(body, field, sent.to_string().into());
            return format!("Put `{field}` in quotes:");
        }
        if let (true, Value::String(url)) = (reason.contains("must be a URL"), &sent)
            && !url.contains(':')
            && !url.contains(char::is_whitespace)
        {
            body::set(body, field, format!("https://{url}").into());
            return format!("Send `{field}` with its scheme:");
        }
        self.replace(body, sample)
    }

    fn rename(&self, body: &mut Value) -> String {
        let Self { field, reason } = *self;
        let known = reason.split('`').skip(1).step_by(2);
        let meant = closest(body::last(field), known);
        let sent = body::remove(body, field);
        match (meant, sent) {
            (Some(meant), Some(sent)) => {
                body::set(body, &body::beside(field, meant), sent);
                format!("Call it `{meant}`:")
            }
            _ => format!("Leave `{field}` out, or put it into `metadata`:"),
        }
    }

    fn choose(&self, body: &mut Value, known: &str) -> String {
        let sent = body::find(body, self.field).and_then(Value::as_str).unwrap_or_default();
        let meant = closest(sent, known.split(", ")).unwrap_or("completed").to_owned();
        body::set(body, self.field, meant.as_str().into());
        format!("Use `{meant}`, or another word of the list:")
    }

    /// A field that has to be there gets an example, any other goes.
    fn replace(&self, body: &mut Value, sample: &Sample) -> String {
        let Self { field, reason } = *self;
        let Some(value) = sample.value(field) else {
            body::remove(body, field);
            return format!("Without `{field}` it would have been taken:");
        };
        body::set(body, field, value);
        if reason.starts_with("is required") {
            format!("Add `{field}`, with a value of yours:")
        } else {
            format!("Send a `{field}` such as this one:")
        }
    }
}

/// How long a text may be that is too long.
fn too_long(reason: &str) -> Option<usize> {
    let (_, rest) = reason.split_once("characters long; at most ")?;
    rest.split_once(' ')?.0.parse().ok()
}

fn shortened(body: &Value, field: &str, chars_max: usize) -> Option<Value> {
    let text = body::find(body, field)?.as_str()?;
    Some(text.trim().chars().take(chars_max).collect::<String>().into())
}
