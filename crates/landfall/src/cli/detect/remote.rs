//! The address of a git remote, in all forms that git takes, as `owner/repo`.
//!
//! Only the path of an address ever leaves this module, so credentials cannot.

/// Hosts of Azure Repos whose SSH paths begin with a protocol version.
const VERSIONED_HOSTS: [&str; 2] = ["ssh.dev.azure.com", "vs-ssh.visualstudio.com"];

/// `owner/repo`, with the groups between them; nothing for a local path.
pub(super) fn repository(address: &str) -> Option<String> {
    let (host, path) = host_and_path(address)?;
    // The marker of Azure Repos in `acme/shop/_git/api`, which its SSH addresses lack.
    let is_name = |segment: &&str| !segment.is_empty() && *segment != "_git";
    let mut segments: Vec<&str> = path.split('/').filter(is_name).collect();
    if VERSIONED_HOSTS.contains(&host) && segments.first() == Some(&"v3") {
        segments.remove(0);
    }
    // Bitbucket Server puts `scm` in front, over HTTP only.
    if segments.len() > 2 && segments[0] == "scm" {
        segments.remove(0);
    }
    let last = segments.pop()?;
    segments.push(last.strip_suffix(".git").unwrap_or(last));
    Some(segments.join("/")).filter(|name| !name.is_empty())
}

fn host_and_path(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, address),
    };
    // All up to the last `@` may be a password, whatever characters it has.
    let rest = rest.rsplit('@').next()?;
    let rest = rest.split(['?', '#']).next()?;
    match scheme {
        Some("file") => None,
        Some(_) => rest.split_once('/'),
        // `host:path`; a host of one letter is a drive, and a slash in it makes it a path.
        None => rest.split_once(':').filter(|(host, _)| host.len() > 1 && !host.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn every_form_of_address_gives_owner_and_repository() {
        let cases = [
            ("https://github.com/acme/shop.git", "acme/shop"),
            ("https://github.com/acme/shop", "acme/shop"),
            ("https://github.com/acme/shop/", "acme/shop"),
            ("http://git.acme.example:3000/acme/shop.git", "acme/shop"),
            ("git@github.com:acme/shop.git", "acme/shop"),
            ("github.com:acme/shop", "acme/shop"),
            ("git@git.acme.example:/acme/shop.git", "acme/shop"),
            ("ssh://git@github.com/acme/shop.git", "acme/shop"),
            ("ssh://git@git.acme.example:7999/acme/shop.git", "acme/shop"),
            ("git://github.com/acme/shop.git", "acme/shop"),
            ("git@gitlab.com:acme/web/shop.git", "acme/web/shop"),
            ("https://gitlab.com/acme/web/team/shop.git", "acme/web/team/shop"),
            ("https://acme@dev.azure.com/acme/web/_git/shop", "acme/web/shop"),
            ("git@ssh.dev.azure.com:v3/acme/web/shop", "acme/web/shop"),
            ("https://bitbucket.acme.example/scm/web/shop.git", "web/shop"),
            ("git@git.acme.example:shop.git", "shop"),
            ("https://github.com/acme/my.git.tools", "acme/my.git.tools"),
        ];
        for (address, expected) in cases {
            assert_eq!(repository(address).as_deref(), Some(expected), "{address}");
        }
    }

    #[test]
    fn credentials_are_never_kept() {
        let addresses = [
            "https://user:hunter2@github.com/acme/shop.git",
            "https://x-access-token:hunter2@github.com/acme/shop",
            "https://hunter2@github.com/acme/shop.git",
            "https://user:hunter2@x@github.com/acme/shop.git",
            "https://user:hunter2/x/y@github.com/acme/shop.git",
            "https://user:hunter2/x/y?z@github.com/acme/shop.git",
            "https://github.com/acme/shop.git?private_token=hunter2",
            "https://github.com/acme/shop.git#hunter2",
        ];
        for address in addresses {
            assert_eq!(repository(address).as_deref(), Some("acme/shop"), "{address}");
        }
        assert_eq!(repository("https://github.com/acme/shop?token=hunter2@x"), None);
    }

    #[test]
    fn a_local_path_is_no_repository() {
        let paths = [
            "/srv/git/shop.git",
            "../shop",
            "./a:b/shop",
            "file:///srv/git/shop.git",
            "C:\\git\\shop",
            "C:/git/shop",
            "https://github.com",
            "",
        ];
        for path in paths {
            assert_eq!(repository(path), None, "{path}");
        }
    }
}
