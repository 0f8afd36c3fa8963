//! Reading JSON from strangers: errors that name the place, and a bound on nesting.

use serde::de::DeserializeOwned;

use super::rejection::Rejection;

/// JSON nested deeper than this is refused.
pub const DEPTH_MAX: usize = 32;

/// Checks that a body is UTF-8 and not nested too deeply. Whether it is JSON is not looked at.
pub fn check(body: &[u8]) -> Result<&str, Rejection> {
    let text = std::str::from_utf8(body)
        .map_err(|error| Rejection::Json(format!("byte {} is not UTF-8", error.valid_up_to())))?;
    if text.trim().is_empty() {
        return Err(Rejection::Json("the body is empty".to_owned()));
    }
    if depth(text) > DEPTH_MAX {
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
        if inner.is_data() && path != "." {
            Rejection::field(&path, without_place(&inner.to_string()))
        } else {
            Rejection::Json(inner.to_string())
        }
    })?;
    reader.end().map_err(|error| Rejection::Json(error.to_string()))?;
    Ok(value)
}

/// The message without its line and column, which say little about a field that is named.
fn without_place(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    format!("is wrong: {}", &message[..end])
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

    #[test]
    fn deep_nesting_is_refused() {
        let body = "[".repeat(DEPTH_MAX + 1);
        assert!(check(body.as_bytes()).is_err());
    }
}
