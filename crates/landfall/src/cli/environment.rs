//! The environment variables: the one place that reads them; everything else is handed the map.

use std::collections::BTreeMap;

/// All variables whose names and values are text.
pub(crate) fn environment() -> BTreeMap<String, String> {
    let pairs = std::env::vars_os();
    pairs
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The value of a variable, without the white space around it; a blank one counts as absent.
pub(crate) fn find<'a>(variables: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}
