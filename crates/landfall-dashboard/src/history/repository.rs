//! Links into the repository that something was built from, where its host is known.

use super::words::web_link;

/// Where a repository is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repository {
    /// Its address, without a slash at the end.
    pub url: String,
    /// What stands between its address and `commit` or `compare`.
    inner: Option<&'static str>,
}

impl Repository {
    /// Of a URL, or of `owner/name` on the host that the CI run is on.
    pub(super) fn of(repository: Option<&str>, run: Option<&str>) -> Option<Self> {
        let name = repository?.trim().trim_end_matches('/').trim_end_matches(".git");
        let url = web_link(name).or_else(|| {
            let host = ["https://github.com/", "https://gitlab.com/"].into_iter();
            let host =
                host.into_iter().find(|host| run.is_some_and(|run| run.starts_with(host)))?;
            let is_name = name.contains('/') && !name.contains(char::is_whitespace);
            is_name.then(|| format!("{host}{name}"))
        })?;
        let host = url.split('/').nth(2).unwrap_or_default();
        let inner = match host {
            _ if host.contains("github") => Some(""),
            _ if host.contains("gitlab") => Some("/-"),
            _ => None,
        };
        Some(Self { url, inner })
    }

    /// The page of a commit.
    pub(super) fn commit(&self, sha: &str) -> Option<String> {
        let inner = self.inner?;
        Some(format!("{}{inner}/commit/{}", self.url, plain(sha)?))
    }

    /// The page of what lies between two commits.
    pub(super) fn compare(&self, from: &str, to: &str) -> Option<String> {
        let inner = self.inner?;
        Some(format!("{}{inner}/compare/{}...{}", self.url, plain(from)?, plain(to)?))
    }
}

/// A commit's name, if it can stand in a URL as it is.
fn plain(sha: &str) -> Option<&str> {
    (!sha.is_empty() && sha.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(sha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_linked_where_its_host_is_known() {
        let run = Some("https://github.com/acme/shop/actions/runs/1");
        let found = Repository::of(Some("acme/shop"), run).unwrap();
        assert_eq!(found.commit("abc").as_deref(), Some("https://github.com/acme/shop/commit/abc"));
        let found = Repository::of(Some("https://gitlab.acme.test/shop.git"), None).unwrap();
        let compared = found.compare("a", "b");
        assert_eq!(compared.as_deref(), Some("https://gitlab.acme.test/shop/-/compare/a...b"));
        assert_eq!(Repository::of(Some("acme/shop"), None), None);
        assert_eq!(Repository::of(Some("javascript:alert(1)"), run), None);
        assert_eq!(found.commit("a\"b"), None);
    }
}
