//! The server under test: its address, its key, and the request heads that name both.

use anyhow::{Context, ensure};

/// Which server, and as whom.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ServerArgs {
    /// Base URL of the running server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// API key, sent as a bearer token.
    #[arg(long, env = "LANDFALL_API_KEY", hide_env_values = true, default_value = "")]
    key: String,
}

/// A server that speaks plain HTTP/1.1.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    authority: String,
    path_prefix: String,
    key: String,
}

impl ServerArgs {
    pub(crate) fn server(&self) -> anyhow::Result<Server> {
        Server::at(&self.url, &self.key)
    }
}

impl Server {
    pub(crate) fn at(url: &str, key: &str) -> anyhow::Result<Self> {
        let rest = url.strip_prefix("http://").with_context(|| {
            format!("`{url}` does not begin with http://; the generator speaks no TLS")
        })?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        ensure!(!authority.is_empty(), "`{url}` names no host");
        ensure!(
            url.bytes().chain(key.bytes()).all(|b| b.is_ascii_graphic()),
            "the URL and the key may hold only printable ASCII without blanks"
        );
        let path_prefix = match path.trim_end_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        };
        Ok(Self { authority: authority.to_owned(), path_prefix, key: key.to_owned() })
    }

    /// Host and port to connect to.
    pub(crate) fn address(&self) -> String {
        let host_end = self.authority.rfind(']').map_or(0, |bracket| bracket + 1);
        if self.authority[host_end..].contains(':') {
            self.authority.clone()
        } else {
            format!("{}:80", self.authority)
        }
    }

    /// A whole GET request.
    pub(crate) fn get(&self, path: &str) -> String {
        format!("{}\r\n", self.head("GET", path))
    }

    /// A whole DELETE request.
    pub(crate) fn delete(&self, path: &str) -> String {
        format!("{}\r\n", self.head("DELETE", path))
    }

    /// A POST request up to the value of its last header, the content length.
    pub(crate) fn post_until_length(&self, path: &str) -> String {
        let head = self.head("POST", path);
        format!("{head}Content-Type: application/json\r\nContent-Length: ")
    }

    fn head(&self, method: &str, path: &str) -> String {
        let Self { authority, path_prefix, key } = self;
        let authorization = match key.as_str() {
            "" => String::new(),
            key => format!("Authorization: Bearer {key}\r\n"),
        };
        format!("{method} {path_prefix}{path} HTTP/1.1\r\nHost: {authority}\r\n{authorization}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_name_the_host_the_path_and_the_key() {
        let server = Server::at("http://127.0.0.1:80/base/", "sk_1").unwrap();

        assert_eq!(
            server.get("/readyz"),
            "GET /base/readyz HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAuthorization: Bearer sk_1\r\n\r\n"
        );
    }

    #[test]
    fn a_url_without_a_port_means_port_80() {
        let address = |url| Server::at(url, "").unwrap().address();

        assert_eq!(address("http://localhost"), "localhost:80");
        assert_eq!(address("http://localhost:8080/"), "localhost:8080");
        assert_eq!(address("http://[::1]"), "[::1]:80");
        assert_eq!(address("http://[::1]:8080"), "[::1]:8080");
    }

    #[test]
    fn what_would_break_the_request_is_refused() {
        assert!(Server::at("https://127.0.0.1", "").is_err());
        assert!(Server::at("http://", "").is_err());
        assert!(Server::at("http://127.0.0.1", "a\r\nb").is_err());
    }
}
