//! Reading JSON from strangers: errors that name the place, and a bound on nesting.

use serde::de::DeserializeOwned;

use super::rejection::Rejection;

/// JSON nested deeper than this is refused.
pub const DEPTH_MAX: usize = 32;

/// Checks that a body is UTF-8, begins as an object and is not nested too deeply. Whether it is
/// JSON is not looked at.
///
/// An array has to be refused here: the reader would take its items for the fields of the object.
pub fn check(body: &[u8]) -> Result<&str, Rejection> {
    let text = std::str::from_utf8(body)
        .map_err(|error| Rejection::Json(format!("byte {} is not UTF-8", error.valid_up_to())))?;
    // Clients on Windows may begin with a byte order mark, which says nothing in UTF-8.
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Rejection::Json("the body is empty".to_owned()));
    }
    if !text.trim_start().starts_with('{') {
        return Err(Rejection::Json(
            "it must be an object, such as {\"version\": \"1.2.3\"}".to_owned(),
        ));
    }
    if is_too_deep(text) {
        return Err(Rejection::Json(format!("nested deeper than {DEPTH_MAX} levels")));
    }
    Ok(text)
}

/// Reads a body into `T`; an error names the field and the place.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Rejection> {
    let text = check(body)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            field(&path, &without_place(&inner.to_string()))
        } else {
            Rejection::Json(inner.to_string())
        }
    })?;
    reader.end().map_err(|error| Rejection::Json(error.to_string()))?;
    Ok(value)
}

/// The message without its line and column, which say little about a field that is named.
fn without_place(message: &str) -> String {
    message[..message.rfind(" at line ").unwrap_or(message.len())].to_owned()
}

/// Names the field: the reader points at the object that a field is missing in, not at the field.
fn field(path: &str, message: &str) -> Rejection {
    let within = if path == "." { String::new() } else { format!("{path}.") };
    if let Some(name) =
        message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'))
    {
        return Rejection::field(&format!("{within}{name}"), "is required");
    }
    let name = if path == "." { "body" } else { path };
    match message.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, ")) {
        Some((_, known)) => Rejection::field(name, format!("is not known here; {known}")),
        None => Rejection::field(name, format!("is wrong: {message}")),
    }
}

/// Whether it is nested more deeply than is taken, which fewer brackets than that can't be.
fn is_too_deep(text: &str) -> bool {
    let opening = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    opening > DEPTH_MAX && depth(text) > DEPTH_MAX
}

/// How deeply brackets are nested outside strings.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_do_not_nest() {
        assert_eq!(depth(r#"{"a":"[[[[{{","b":["\"[",{}]}"#), 3);
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only the reading of it is looked at")]
        name: String,
        #[expect(dead_code, reason = "only the reading of it is looked at")]
        #[serde(default)]
        inner: Vec<Self>,
    }

    #[test]
    fn an_error_names_the_field() {
        for (body, told) in [
            ("{}", "Field 'name' is required"),
            (
                r#"{"name":1}"#,
                "Field 'name' is wrong: invalid type: integer `1`, expected a string",
            ),
            (r#"{"nam":"x"}"#, "Field 'nam' is not known here; expected `name` or `inner`"),
            (r#"{"name":"x","inner":[{}]}"#, "Field 'inner[0].name' is required"),
            (
                r#"{"name":"x","inner":[{"a":1}]}"#,
                "Field 'inner[0].a' is not known here; expected `name` or `inner`",
            ),
        ] {
            let why = parse::<Sample>(body.as_bytes()).unwrap_err();
            assert_eq!(why.to_string(), told);
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_reason_to_refuse() {
        assert_eq!(check("\u{feff}{}".as_bytes()).unwrap(), "{}");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let body = "{\"a\":".repeat(DEPTH_MAX + 1);
        assert!(check(body.as_bytes()).is_err());
    }
}
