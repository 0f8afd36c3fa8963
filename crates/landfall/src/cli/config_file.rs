//! The file that `landfall login` leaves behind: which server, and the key for it.
//!
//! It holds a credential, so only its owner may read it, from the first byte on.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::environment::find;

/// What the file holds.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    /// The server's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The key to present to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}

/// `$XDG_CONFIG_HOME/landfall/config.toml`, else below `~/.config`; none without a home.
pub(crate) fn path(variables: &BTreeMap<String, String>) -> Option<PathBuf> {
    // The specification says to ignore a path that is relative.
    let xdg = find(variables, "XDG_CONFIG_HOME").map(PathBuf::from).filter(|at| at.is_absolute());
    let home = || find(variables, "HOME").or_else(|| find(variables, "USERPROFILE"));
    let directory = xdg.or_else(|| Some(Path::new(home()?).join(".config")))?;
    Some(directory.join("landfall").join("config.toml"))
}

/// Reads the file; one that is not there is empty.
pub(crate) fn load(path: &Path) -> Result<ConfigFile> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ConfigFile::default()),
        Err(error) => {
            return Err(error).with_context(|| format!("`{}` can't be read", path.display()));
        }
    };
    match toml::from_str(&text) {
        Ok(file) => Ok(file),
        // The message alone: the whole error would show the line, and so the key.
        Err(error) => bail!("`{}` is not valid: {}", path.display(), error.message()),
    }
}

/// Writes the file whole or not at all, readable by its owner only.
pub(crate) fn save(path: &Path, file: &ConfigFile) -> Result<()> {
    let text = toml::to_string(file).context("the settings can't be written as TOML")?;
    replace(path, &text).with_context(|| format!("`{}` can't be written", path.display()))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    create_directory(directory)?;
    let partial = path.with_extension("toml.partial");
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, path)
}

fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs<'a> = &'a [(&'a str, &'a str)];

    fn variables(pairs: Pairs<'_>) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_path_follows_the_xdg_specification() {
        let cases: [(Pairs<'_>, Option<&str>); 4] = [
            (&[("HOME", "/home/ada")], Some("/home/ada/.config/landfall/config.toml")),
            (
                &[("HOME", "/home/ada"), ("XDG_CONFIG_HOME", "/etc/ada")],
                Some("/etc/ada/landfall/config.toml"),
            ),
            (
                &[("HOME", "/home/ada"), ("XDG_CONFIG_HOME", "relative")],
                Some("/home/ada/.config/landfall/config.toml"),
            ),
            (&[], None),
        ];
        for (pairs, expected) in cases {
            assert_eq!(path(&variables(pairs)), expected.map(PathBuf::from));
        }
    }

    #[test]
    fn what_is_saved_is_loaded_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b/config.toml");
        let file = ConfigFile {
            url: Some("https://landfall.acme.example".to_owned()),
            api_key: Some("sk_acme_k1_secret".to_owned()),
        };

        save(&path, &ConfigFile::default()).unwrap();
        save(&path, &file).unwrap();

        assert!(load(&path).unwrap() == file);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();

        save(&path, &ConfigFile::default()).unwrap();

        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_missing_file_is_empty_and_an_odd_one_is_refused_without_its_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        assert!(load(&path).unwrap() == ConfigFile::default());

        fs::write(&path, "api-key = \"sk_acme_k1_secret\"").unwrap();
        let refusal = format!("{:#}", load(&path).err().unwrap());

        assert!(refusal.contains("unknown field `api-key`"), "{refusal}");
        assert!(!refusal.contains("secret"), "{refusal}");
    }
}
