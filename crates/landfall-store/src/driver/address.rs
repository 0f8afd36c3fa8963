//! Where a PostgreSQL is, and how to reach it: a URL, of which nothing is ever shown but the place.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::tls::{Tls, Trust};
use crate::error::StoreError;

/// Who connects, unless the URL says another name.
const APPLICATION: &str = "landfall";
/// A host that does not take a connection in this time is passed over.
const HOST_TIME_MAX: Duration = Duration::from_secs(3);
/// A peer that does not acknowledge what it was sent for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Where a PostgreSQL is. Neither its `Debug` nor its `Display` shows a password.
#[derive(Clone)]
pub struct Address {
    config: Config,
    tls: Tls,
}

impl Address {
    /// Reads `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=FILE`.
    ///
    /// `sslmode` is `disable`, `prefer` (the default), `require` or `verify-full`. With a file of
    /// certificate authorities, a certificate is checked in every mode that encrypts.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(invalid("it must begin with postgres://"));
        }
        let (url, mode, file) = split(url)?;
        // What the parser says of a part may repeat that part, which may be the password.
        let mut config: Config = url
            .parse()
            .map_err(|_| invalid("it is not like postgres://user:password@host/database"))?;
        if config.get_hosts().is_empty() {
            return Err(invalid("it names no host"));
        }
        let is_local = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
        let trust = match (&mode, file) {
            (_, Some(path)) => Trust::File(path),
            (Mode::VerifyFull, None) => Trust::Public,
            (_, None) => Trust::Anyone,
        };
        // Nothing is encrypted on the way to a socket of this machine.
        config.ssl_mode(if is_local { SslMode::Disable } else { mode.negotiated() });
        if config.get_application_name().is_none() {
            config.application_name(APPLICATION);
        }
        config.connect_timeout(HOST_TIME_MAX).tcp_user_timeout(SILENCE_MAX);
        config.keepalives_idle(SILENCE_MAX).keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(2).target_session_attrs(TargetSessionAttrs::ReadWrite);
        Ok(Self { config, tls: Tls::new(&trust)? })
    }

    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn tls(&self) -> Tls {
        self.tls.clone()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let hosts: Vec<String> = hosts.collect();
        let database = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        write!(f, "postgres://{}/{database}", hosts.join(","))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// Whether the way is encrypted, and whose certificate is taken.
#[derive(Clone, Copy)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyFull,
}

impl Mode {
    fn parse(word: &str) -> Result<Self, StoreError> {
        Ok(match word {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-full" => Self::VerifyFull,
            _ => return Err(invalid("sslmode must be disable, prefer, require or verify-full")),
        })
    }

    const fn negotiated(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyFull => SslMode::Require,
        }
    }
}

/// Takes out of a URL what the client library does not know.
fn split(url: &str) -> Result<(String, Mode, Option<PathBuf>), StoreError> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut file, mut rest) = (Mode::Prefer, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((name, value)) = url::form_urlencoded::parse(pair.as_bytes()).next() else {
            continue;
        };
        match &*name {
            "sslmode" => mode = Mode::parse(&value)?,
            "sslrootcert" => file = Some(PathBuf::from(&*value)),
            _ => rest.push(pair),
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{base}{query}"), mode, file))
}

fn invalid(reason: &'static str) -> StoreError {
    StoreError::Address(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_an_address_nor_an_error_of_it_shows_the_password() {
        let url = "postgres://me:s3cret@db.example:5433/landfall?sslmode=require";
        let address = Address::parse(url).unwrap();
        assert_eq!(address.to_string(), "postgres://db.example/landfall");
        assert!(!format!("{address:?}").contains("s3cret"));
        for wrong in [
            "mysql://me:s3cret@db/x",
            "postgres://me:s3cret@db:s3cret/x",
            "postgres://me:s3cret@db/x?s3cret=1",
            "postgres://me:s3cret@db/x?sslmode=s3cret",
            "postgres://me:s3cret@db/x?sslmode=require&sslrootcert=/nowhere.pem",
        ] {
            let error = Address::parse(wrong).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("s3cret"), "{shown}");
        }
    }

    #[test]
    fn a_mode_decides_whether_the_way_is_encrypted() {
        let mode = |url| Address::parse(url).unwrap().config.get_ssl_mode();
        assert_eq!(mode("postgres://db/x"), SslMode::Prefer);
        assert_eq!(mode("postgres://db/x?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://db/x?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://u@%2Fvar%2Frun/x?sslmode=require"), SslMode::Disable);
    }

    #[test]
    fn other_parameters_are_the_client_librarys() {
        let url = "postgres://db/x?options=-c%20search_path%3Da&sslmode=require&application_name=b";
        let config = Address::parse(url).unwrap().config;
        assert_eq!(config.get_options(), Some("-c search_path=a"));
        assert_eq!(config.get_application_name(), Some("b"));
    }
}
