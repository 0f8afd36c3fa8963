//! A report's body, and a field in it by its path, such as `links[0].url`.

use serde_json::{Map, Value};

/// A body that is JSON, with line breaks; any other as it is.
pub(super) fn pretty(body: &str) -> String {
    let text = object(body).and_then(|object| serde_json::to_string_pretty(&object).ok());
    text.unwrap_or_else(|| body.to_owned())
}

/// The object that a body is, if it is one.
pub(super) fn object(body: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(body.trim_start_matches('\u{feff}')).ok()?;
    value.is_object().then_some(value)
}

/// What stands at a path.
pub(super) fn find<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    steps(path).try_fold(body, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// Puts a value at a path; does nothing if what is around it is missing.
pub(super) fn set(body: &mut Value, path: &str, value: Value) {
    if let Some((around, name)) = around(body, path) {
        around.insert(name.to_owned(), value);
    }
}

/// Takes away what stands at a path.
pub(super) fn remove(body: &mut Value, path: &str) -> Option<Value> {
    let (around, name) = around(body, path)?;
    around.remove(name)
}

/// The path of another name beside it.
pub(super) fn beside(path: &str, name: &str) -> String {
    match path.rfind('.') {
        Some(dot) => format!("{}.{name}", &path[..dot]),
        None => name.to_owned(),
    }
}

/// The last name of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn around<'a, 'p>(
    body: &'a mut Value,
    path: &'p str,
) -> Option<(&'a mut Map<String, Value>, &'p str)> {
    let all: Vec<&str> = steps(path).collect();
    let (name, inner) = all.split_last()?;
    let mut value = body;
    for step in inner {
        value = match value {
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            other => other.get_mut(*step)?,
        };
    }
    Some((value.as_object_mut()?, name))
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[']).map(|step| step.trim_end_matches(']')).filter(|step| !step.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_and_changed_by_its_path() {
        let mut body = object(r#"{"links":[{"title":"a"},{"ulr":"b"}]}"#).unwrap();
        assert_eq!(find(&body, "links[1].ulr"), Some(&Value::from("b")));
        let value = remove(&mut body, "links[1].ulr").unwrap();
        set(&mut body, &beside("links[1].ulr", "url"), value);
        assert_eq!(body.to_string(), r#"{"links":[{"title":"a"},{"url":"b"}]}"#);
        assert_eq!(remove(&mut body, "actor.login"), None);
    }
}
