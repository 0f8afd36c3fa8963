//! How the text of a variable becomes a value: small functions that the tables name.

/// Turns a variable's text into a value, or refuses it.
pub(super) type Reading = fn(&str) -> Option<String>;

/// `git` abbreviates to seven digits or more; SHA-256 repositories have 64.
const SHA_DIGITS: std::ops::RangeInclusive<usize> = 7..=64;

/// Any text.
#[expect(clippy::unnecessary_wraps, reason = "it stands where a reading may refuse")]
pub(super) fn as_it_is(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A commit's SHA, and not a name for one such as `HEAD`.
pub(super) fn commit(text: &str) -> Option<String> {
    let is_sha = SHA_DIGITS.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_sha.then(|| text.to_ascii_lowercase())
}

/// The branch of a full ref: `refs/heads/main` is `main`; tags and pull requests are refused.
pub(super) fn branch_of_ref(text: &str) -> Option<String> {
    text.strip_prefix("refs/heads/").map(str::to_owned)
}

/// The branch of a ref that may be full, short or a remote's, such as `origin/main`.
pub(super) fn branch_of_any_ref(text: &str) -> Option<String> {
    if tag_of_any_ref(text).is_some() || text == "HEAD" || text == "detached" {
        return None;
    }
    if let Some(branch) = text.strip_prefix("refs/heads/") {
        return Some(branch.to_owned());
    }
    let text = text.strip_prefix("refs/remotes/").unwrap_or(text);
    let text = text.strip_prefix("origin/").unwrap_or(text);
    (!text.starts_with("refs/")).then(|| text.to_owned())
}

/// The tag of a full ref.
pub(super) fn tag_of_ref(text: &str) -> Option<String> {
    text.strip_prefix("refs/tags/").map(str::to_owned)
}

/// The tag of a ref that may be full, short or a remote's, such as `origin/tags/v1`.
pub(super) fn tag_of_any_ref(text: &str) -> Option<String> {
    let text = text.strip_prefix("refs/").unwrap_or(text);
    let text = text.strip_prefix("origin/").unwrap_or(text);
    text.strip_prefix("tags/").map(str::to_owned)
}

/// The number of `refs/pull/5/merge`.
pub(super) fn pull_request_of_ref(text: &str) -> Option<String> {
    let (number, _) = text.strip_prefix("refs/pull/")?.split_once('/')?;
    Some(number.to_owned())
}

/// A pull request's number, where its absence is said as `false`.
pub(super) fn number_or_false(text: &str) -> Option<String> {
    (text != "false").then(|| text.to_owned())
}

/// A UUID without the braces around it.
pub(super) fn without_braces(text: &str) -> Option<String> {
    let uuid = text.trim_start_matches('{').trim_end_matches('}');
    (!uuid.is_empty()).then(|| uuid.to_owned())
}

/// A person's name, and not a mechanism such as `@hook` or `@cron`.
pub(super) fn person(text: &str) -> Option<String> {
    (!text.starts_with('@')).then(|| text.to_owned())
}

/// The number at the end of an address, such as `…/buildConfiguration/Deploy/4711`.
pub(super) fn last_number(text: &str) -> Option<String> {
    let text = text.trim_end_matches('/');
    let digits = text.rsplit(|c: char| !c.is_ascii_digit()).next()?;
    (!digits.is_empty()).then(|| digits.to_owned())
}

/// A web address that can be followed and shared: no credentials, no bare spaces.
pub(super) fn web_address(text: &str) -> String {
    let text = text.replace(' ', "%20");
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    let path_start = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(path_start);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::{Reading, branch_of_any_ref, commit, last_number, tag_of_any_ref, web_address};

    fn check(reading: Reading, cases: &[(&str, Option<&str>)]) {
        for (text, expected) in cases {
            assert_eq!(reading(text).as_deref(), *expected, "{text}");
        }
    }

    #[test]
    fn only_a_sha_is_a_commit() {
        check(
            commit,
            &[
                (
                    "A0BD708bcdebced545b62a842a0350ccd1d683b7",
                    Some("a0bd708bcdebced545b62a842a0350ccd1d683b7"),
                ),
                ("a0bd708", Some("a0bd708")),
                ("HEAD", None),
                ("a0bd7", None),
                ("refs/heads/main", None),
            ],
        );
    }

    #[test]
    fn a_branch_is_found_in_every_form_of_ref() {
        check(
            branch_of_any_ref,
            &[
                ("main", Some("main")),
                ("origin/main", Some("main")),
                ("refs/heads/feature/cart", Some("feature/cart")),
                ("refs/remotes/origin/feature/cart", Some("feature/cart")),
                ("refs/tags/v1", None),
                ("origin/tags/v1", None),
                ("refs/pull/5/merge", None),
                ("detached", None),
                ("HEAD", None),
            ],
        );
    }

    #[test]
    fn a_tag_is_found_in_every_form_of_ref() {
        check(
            tag_of_any_ref,
            &[
                ("refs/tags/v1", Some("v1")),
                ("tags/release/2", Some("release/2")),
                ("origin/tags/v1", Some("v1")),
                ("origin/main", None),
            ],
        );
    }

    #[test]
    fn an_address_ends_with_a_number_or_has_none() {
        check(
            last_number,
            &[
                ("https://tc.example/buildConfiguration/Deploy/4711", Some("4711")),
                ("https://tc.example/viewLog.html?buildId=4711", Some("4711")),
                ("https://tc.example/build/4711/", Some("4711")),
                ("https://tc.example/builds", None),
            ],
        );
    }

    #[test]
    fn a_web_address_keeps_no_credentials() {
        assert_eq!(
            web_address("https://u:p@ci.example/a b/1?x=@"),
            "https://ci.example/a%20b/1?x=@"
        );
        assert_eq!(web_address("https://ci.example"), "https://ci.example");
        assert_eq!(web_address("not an address"), "not%20an%20address");
    }
}
