//! Finding each setting's value, and checking it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};

use landfall_engine::egress::Allow;

use super::table::{CLIENT_VARIABLES, SETTINGS, Setting};
use super::{LogFormat, Settings};

/// Where values may come from, strongest first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Flags, by the setting's name.
    pub flags: BTreeMap<&'static str, String>,
    /// The process's environment.
    pub environment: BTreeMap<String, String>,
    /// A file's path and text.
    pub file: Option<(PathBuf, String)>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(&'static str),
    /// A variable.
    Variable(&'static str),
    /// A file.
    File(PathBuf),
    /// Nobody said another.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "--{}", name.replace('_', "-")),
            Self::Variable(name) => f.write_str(name),
            Self::File(path) => path.display().fmt(f),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Every setting's value as text, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    values: BTreeMap<&'static str, (String, Origin)>,
}

impl Sources {
    /// Finds the strongest value of each setting. A file with an unknown key is refused.
    pub fn resolve(&self) -> anyhow::Result<Resolved> {
        let file = self.read_file()?;
        let values = SETTINGS.iter().map(|setting| (setting.name, self.find(setting, &file)));
        Ok(Resolved { values: values.collect() })
    }

    /// Variables that look like settings and are none.
    pub fn unknown_variables(&self) -> Vec<&str> {
        let is_known = |name: &str| {
            SETTINGS.iter().any(|setting| setting.variable == name)
                || CLIENT_VARIABLES.contains(&name)
        };
        let names = self.environment.keys().map(String::as_str);
        names.filter(|name| name.starts_with("LANDFALL_") && !is_known(name)).collect()
    }

    fn find(&self, setting: &Setting, file: &BTreeMap<String, String>) -> (String, Origin) {
        if let Some(value) = self.flags.get(setting.name) {
            return (value.clone(), Origin::Flag(setting.name));
        }
        if let Some(value) = self.environment.get(setting.variable).filter(|v| !v.is_empty()) {
            return (value.clone(), Origin::Variable(setting.variable));
        }
        if let (Some(value), Some((path, _))) = (file.get(setting.name), &self.file) {
            return (value.clone(), Origin::File(path.clone()));
        }
        (setting.default.to_owned(), Origin::Default)
    }

    fn read_file(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let Some((path, text)) = &self.file else { return Ok(BTreeMap::new()) };
        let table: toml::Table = text.parse().map_err(|error| not_toml(path, text, &error))?;
        let mut values = BTreeMap::new();
        for (name, value) in table {
            if !SETTINGS.iter().any(|setting| setting.name == name) {
                let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
                let known = known.join(", ");
                bail!("`{}` sets `{name}`, which is no setting; known: {known}", path.display());
            }
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                other => bail!("`{name}` must be text or a number, not {}", other.type_str()),
            };
            values.insert(name, value);
        }
        Ok(values)
    }
}

/// Says the line by its number alone: the whole error would show it, and so a secret in it.
fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> anyhow::Error {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
    anyhow!("`{}` is not TOML: line {line}: {}", path.display(), error.message())
}

impl Resolved {
    /// Every setting with its value, secrets hidden, and where it came from.
    pub fn shown(&self) -> impl Iterator<Item = (&'static str, String, &Origin)> {
        SETTINGS.iter().map(|setting| {
            let (value, origin) = &self.values[setting.name];
            let is_hidden = setting.is_secret && !value.is_empty();
            let shown = if is_hidden { "(hidden)".to_owned() } else { value.clone() };
            (setting.name, shown, origin)
        })
    }

    /// Checks every value.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        let days = |name| self.number(name, 1, 36_500).map(|days| Duration::from_hours(days * 24));
        Ok(Settings {
            listen: self.parse("listen", "an address and port such as 0.0.0.0:8080")?,
            data: PathBuf::from(self.text("data")),
            database: self.given("database"),
            admin_key: self.given("admin_key"),
            public_url: self.public_url()?,
            log: self.text("log").to_owned(),
            log_format: match self.text("log_format") {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                "auto" => LogFormat::Fitting,
                other => bail!("`log_format` is `{other}`; use text, json or auto"),
            },
            rate_per_key: u32::try_from(self.number("rate_per_key", 0, 1_000_000)?)?,
            events_kept_for: days("events_kept_days")?,
            attempts_kept_for: days("attempts_kept_days")?,
            refused_kept_for: days("refused_kept_days")?,
            connections_max: usize::try_from(self.number("connections_max", 1, 1_000_000)?)?,
            body_time_max: Duration::from_secs(self.number("body_seconds_max", 1, 600)?),
            drain_time_max: Duration::from_secs(self.number("drain_seconds_max", 0, 600)?),
            egress_allow: self.allow()?,
            egress_proxy: self.given("egress_proxy"),
            egress_ca: self.given("egress_ca").map(PathBuf::from),
            master_key: self.given("master_key"),
            traces_endpoint: self.given("traces_endpoint"),
        })
    }

    /// A value that may be empty.
    fn given(&self, name: &str) -> Option<String> {
        Some(self.text(name).to_owned()).filter(|text| !text.is_empty())
    }

    /// A base for links.
    fn public_url(&self) -> anyhow::Result<Option<String>> {
        let Some(url) = self.given("public_url") else { return Ok(None) };
        let is_http = url.starts_with("https://") || url.starts_with("http://");
        if !is_http || url.contains(['?', '#', ' ']) {
            bail!("`public_url` is `{url}`; it must be a URL such as https://landfall.example");
        }
        Ok(Some(url.trim_end_matches('/').to_owned()))
    }

    fn allow(&self) -> anyhow::Result<Allow> {
        let (text, origin) = &self.values["egress_allow"];
        text.parse().with_context(|| format!("`egress_allow` (from {origin})"))
    }

    fn text(&self, name: &str) -> &str {
        &self.values[name].0
    }

    fn parse<T: FromStr>(&self, name: &str, wanted: &str) -> anyhow::Result<T> {
        let (value, origin) = &self.values[name];
        let parsed = value.parse().ok();
        parsed
            .with_context(|| format!("`{name}` is `{value}` (from {origin}); it must be {wanted}"))
    }

    fn number(&self, name: &str, min: u64, max: u64) -> anyhow::Result<u64> {
        let wanted = format!("a whole number from {min} to {max}");
        let number: u64 = self.parse(name, &wanted)?;
        if !(min..=max).contains(&number) {
            bail!("`{name}` is `{number}`; it must be {wanted}");
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(environment: &[(&str, &str)], file: &str) -> Sources {
        let pairs = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Sources {
            flags: BTreeMap::new(),
            environment: pairs.collect(),
            file: Some((PathBuf::from("landfall.toml"), file.to_owned())),
        }
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_file() {
        let mut sources = sources(&[("LANDFALL_LISTEN", "127.0.0.1:2")], "listen = '127.0.0.1:1'");
        let listen = |sources: &Sources| sources.resolve().unwrap().settings().unwrap().listen;
        assert_eq!(listen(&sources).port(), 2);
        sources.flags.insert("listen", "127.0.0.1:3".to_owned());
        assert_eq!(listen(&sources).port(), 3);
        sources.flags.clear();
        sources.environment.clear();
        assert_eq!(listen(&sources).port(), 1);
    }

    #[test]
    fn an_unknown_key_in_the_file_is_refused_by_name() {
        let error = sources(&[], "lissten = 'x'").resolve().unwrap_err().to_string();
        assert!(error.contains("`lissten`") && error.contains("listen"), "{error}");
    }

    #[test]
    fn unknown_variables_are_found_and_the_clients_are_known() {
        let sources = sources(&[("LANDFALL_LISEN", "x"), ("LANDFALL_URL", "x"), ("PATH", "x")], "");
        assert_eq!(sources.unknown_variables(), ["LANDFALL_LISEN"]);
    }

    #[test]
    fn what_is_no_toml_is_told_by_its_line_and_without_the_secret_in_it() {
        for file in [
            "listen = '127.0.0.1:1'\nadmin_key = 'sk_secret",
            "admin_key = 'a'\nadmin_key = 'sk_secret'",
            "\nmaster_key = sk_secret",
        ] {
            let error = format!("{:#}", sources(&[], file).resolve().unwrap_err());
            assert!(error.contains("`landfall.toml` is not TOML: line 2: "), "{error}");
            assert!(!error.contains("sk_secret"), "{error}");
        }
    }

    #[test]
    fn a_value_out_of_bounds_is_refused_with_the_bounds() {
        let error = sources(&[], "events_kept_days = 0").resolve().unwrap().settings().unwrap_err();
        assert!(error.to_string().contains("from 1 to 36500"), "{error}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let resolved = sources(&[("LANDFALL_ADMIN_KEY", "sk_secret")], "").resolve().unwrap();
        let shown = resolved.shown().find(|(name, ..)| *name == "admin_key").unwrap();
        assert_eq!(shown.1, "(hidden)");
    }
}
