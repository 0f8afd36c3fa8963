//! Which server is asked, and with which key: from flags, else the environment, else the file.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;
use hyper::Uri;

use super::config_file::{self, ConfigFile};
use super::environment::find;
use super::failure::Failure;

/// The flags of every command that asks a server.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct ServerOptions {
    /// Address of the server
    #[arg(
        long,
        value_name = "URL",
        global = true,
        help = "Address of the server [env: LANDFALL_URL]"
    )]
    pub url: Option<String>,
    /// Key to present to it
    #[arg(
        long,
        value_name = "KEY",
        global = true,
        help = "Key to present to it; the variable is \
        safer, since others can see flags [env: LANDFALL_API_KEY]"
    )]
    pub api_key: Option<Secret>,
}

/// A text that is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// Takes the text, but for the white space around it.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The text itself, for the one who must send or store it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// An http or https address without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    /// Checks an address; what follows the API's own path is dropped, as people copy it along.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim().trim_end_matches('/');
        let text = text.strip_suffix("/api/v1").unwrap_or(text).trim_end_matches('/');
        let wrong = |why: &str| {
            // An address may hold a password, so it is not repeated.
            let like = "it must be like https://landfall.acme.example";
            Err(Failure::local(format!("the server's address {why}; {like}")))
        };
        let Ok(uri) = text.parse::<Uri>() else { return wrong("can't be read") };
        let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return wrong("does not begin with http:// or https://");
        };
        if authority.as_str().contains('@') || uri.query().is_some() {
            return wrong("holds a user or a query");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where requests go, and with which key.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// The server's address.
    pub address: Address,
    /// The key.
    pub key: Secret,
}

/// Finds the server and the key, and tells what to do if one is missing.
pub(crate) fn find_connection(
    options: &ServerOptions,
    variables: &BTreeMap<String, String>,
) -> Result<Connection, Failure> {
    let (address, key) = pick(options, variables, stored(variables)?)?;
    let no_server = "no server: run `landfall login`, give --url, or set LANDFALL_URL";
    let no_key = "no API key for this server: run `landfall login`, or set LANDFALL_API_KEY";
    let address = address.ok_or_else(|| Failure::local(no_server))?;
    let key = key.ok_or_else(|| Failure::NotSignedIn(no_key.to_owned()))?;
    Ok(Connection { address, key })
}

/// The server's address, if one is set; for what needs no key.
pub(crate) fn find_address(
    options: &ServerOptions,
    variables: &BTreeMap<String, String>,
) -> Result<Option<Address>, Failure> {
    Ok(pick(options, variables, stored(variables)?)?.0)
}

fn stored(variables: &BTreeMap<String, String>) -> Result<ConfigFile> {
    config_file::path(variables)
        .map_or_else(|| Ok(ConfigFile::default()), |at| config_file::load(&at))
}

/// The key in the file was made for the server in the file, and is shown to no other.
fn pick(
    options: &ServerOptions,
    variables: &BTreeMap<String, String>,
    file: ConfigFile,
) -> Result<(Option<Address>, Option<Secret>), Failure> {
    let stored_address = file.url.as_deref().map(Address::parse).transpose()?;
    let told_url = options.url.as_deref().or_else(|| find(variables, "LANDFALL_URL"));
    let told_address = told_url.map(Address::parse).transpose()?;
    let told_key = options.api_key.clone();
    let told_key = told_key.or_else(|| find(variables, "LANDFALL_API_KEY").map(Secret::new));
    let is_of_file = told_address.is_none() || told_address == stored_address;
    let stored_key = file.api_key.map(Secret::from).filter(|_| is_of_file);
    Ok((told_address.or(stored_address), told_key.or(stored_key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> ConfigFile {
        ConfigFile {
            url: Some("https://stored.example".to_owned()),
            api_key: Some("sk_stored".to_owned()),
        }
    }

    fn check(flags: [Option<&str>; 2], variables: [&str; 2], expected: [Option<&str>; 2]) {
        let options =
            ServerOptions { url: flags[0].map(str::to_owned), api_key: flags[1].map(Secret::new) };
        let names = ["LANDFALL_URL", "LANDFALL_API_KEY"].map(str::to_owned);
        let variables = names.into_iter().zip(variables.map(str::to_owned)).collect();
        let (address, key) = pick(&options, &variables, file()).unwrap();
        let found = [address.map(|at| at.to_string()), key.map(|key| key.reveal().to_owned())];
        assert_eq!(found, expected.map(|text| text.map(str::to_owned)));
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let url = "https://told.example";
        check([None, None], ["", " "], [Some("https://stored.example"), Some("sk_stored")]);
        check([None, None], [url, "sk_told"], [Some(url), Some("sk_told")]);
        let flags = [Some("https://flag.example"), Some("sk_flag")];
        check(flags, [url, "sk_told"], flags);
    }

    #[test]
    fn the_stored_key_is_shown_to_no_other_server() {
        let url = "https://told.example";
        check([Some(url), None], ["", ""], [Some(url), None]);
        let same = "https://stored.example/";
        check([Some(same), None], ["", ""], [Some("https://stored.example"), Some("sk_stored")]);
    }

    #[test]
    fn an_address_is_http_or_https_and_nothing_more() {
        let cases = [
            ("https://a.example/", Some("https://a.example")),
            (" http://127.0.0.1:8080 ", Some("http://127.0.0.1:8080")),
            ("https://a.example/landfall/api/v1/", Some("https://a.example/landfall")),
            ("a.example", None),
            ("ftp://a.example", None),
            ("https://ada:secret@a.example", None),
            ("https://a.example?x=1", None),
            ("https://", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = Address::parse(text).ok().map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_is_not_shown_for_debugging() {
        assert_eq!(format!("{:?}", Secret::new("sk_acme_k1_hunter2")), "Secret(…)");
    }
}
