//! As much of JSON Schema as the document uses: a value has what is required and nothing else.

use std::collections::BTreeMap;

use serde_json::Value;

/// Checks a value, and panics with the place where it is not what the schema says.
pub(super) fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Err(why) = matches(document, schema, value, place) {
        panic!("{why}");
    }
}

fn matches(document: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let schema = resolve(document, schema);
    if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
        let tried = choices.iter().map(|choice| matches(document, choice, value, place));
        let failed: Vec<String> = tried.filter_map(Result::err).collect();
        let is_one = failed.len() < choices.len();
        return if is_one { Ok(()) } else { Err(failed.join("; ")) };
    }
    if !has_type(schema, value) {
        return Err(format!("{place}: {value} is not {}", schema["type"]));
    }
    match value {
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
            matches(document, &schema["items"], item, &format!("{place}[{index}]"))
        }),
        Value::Object(fields) => {
            let mut known = Known::default();
            known.collect(document, schema);
            if known.properties.is_empty() {
                return Ok(());
            }
            if let Some(missing) = known.required.iter().find(|name| !fields.contains_key(**name)) {
                return Err(format!("{place}.{missing} is required and not there"));
            }
            fields.iter().try_for_each(|(name, value)| {
                let place = format!("{place}.{name}");
                let schema = known.properties.get(name.as_str());
                let schema = schema.ok_or_else(|| format!("{place} is not documented"))?;
                matches(document, schema, value, &place)
            })
        }
        _ => Ok(()),
    }
}

/// The properties of a schema and of all that it is composed of.
#[derive(Default)]
struct Known<'a> {
    properties: BTreeMap<&'a str, &'a Value>,
    required: Vec<&'a str>,
}

impl<'a> Known<'a> {
    fn collect(&mut self, document: &'a Value, schema: &'a Value) {
        let schema = resolve(document, schema);
        let properties = schema.get("properties").and_then(Value::as_object);
        self.properties
            .extend(properties.into_iter().flatten().map(|(name, s)| (name.as_str(), s)));
        let required = schema.get("required").and_then(Value::as_array);
        self.required.extend(required.into_iter().flatten().filter_map(Value::as_str));
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.collect(document, part);
        }
    }
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return schema };
    document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("no {reference}"))
}

fn has_type(schema: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(is),
        Some(name) => is(name),
        None => true,
    }
}
