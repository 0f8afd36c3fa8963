//! Reading the fields of forms; a refusal names the field.

use landfall_domain::refusal::Refusal;
use landfall_domain::text::Text;

/// A longer URL is none.
const URL_CHARS_MAX: usize = 2_000;
/// What is longer is cut off, as the API does.
const PROSE_CHARS_MAX: usize = 2_000;

/// Why a field is refused.
#[expect(clippy::needless_pass_by_value, reason = "callers give literals and errors alike")]
pub(super) fn invalid(field: &str, reason: impl ToString) -> Refusal {
    Refusal::Invalid { field: field.to_owned(), reason: reason.to_string() }
}

/// A text that has to be there.
pub(super) fn required<const MAX: usize>(field: &str, text: &str) -> Result<Text<MAX>, Refusal> {
    Text::parse(text).map_err(|why| invalid(field, why))
}

/// A text that may be left empty.
pub(super) fn optional<const MAX: usize>(
    field: &str,
    text: &str,
) -> Result<Option<String>, Refusal> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    required::<MAX>(field, text).map(|text| Some(text.into_string()))
}

/// A text of several lines that may be left empty.
pub(super) fn prose(text: &str) -> Option<String> {
    let is_kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let kept: String = text.trim().chars().filter(is_kept).take(PROSE_CHARS_MAX).collect();
    Some(kept).filter(|kept| !kept.is_empty())
}

/// An http(s) URL that may be left empty: anything else must not become a link.
pub(super) fn url(field: &str, text: &str) -> Result<Option<String>, Refusal> {
    let Some(url) = optional::<URL_CHARS_MAX>(field, text)? else { return Ok(None) };
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_url = matches!(scheme.as_deref(), Some("http" | "https"));
    if is_url && !url.contains(char::is_whitespace) {
        return Ok(Some(url));
    }
    Err(invalid(field, "must be a URL that begins with http:// or https://"))
}

/// A whole number.
pub(super) fn number(field: &str, text: &str) -> Result<u32, Refusal> {
    text.trim().parse().map_err(|_| invalid(field, "must be a whole number"))
}

/// A whole number that may be left empty.
pub(super) fn optional_number(field: &str, text: &str) -> Result<Option<u32>, Refusal> {
    if text.trim().is_empty() { Ok(None) } else { number(field, text).map(Some) }
}
