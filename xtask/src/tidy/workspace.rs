//! The project as the checks see it: its texts and its crates, read once.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

/// Where Rust is written. Each must hold some, lest a check passes over nothing.
const SOURCE_FOLDERS: [&str; 4] = ["bench", "crates", "fuzz", "xtask"];

/// What the checks look at. Paths are relative to the root, with `/` between their parts.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// Every `.rs` file, by path.
    pub(super) sources: Vec<TextFile>,
    /// Every file under `migrations/`, by path.
    pub(super) migrations: Vec<TextFile>,
    pub(super) packages: Vec<Package>,
}

#[derive(Debug)]
pub(super) struct TextFile {
    pub(super) path: String,
    pub(super) text: String,
}

/// A crate of the workspace, with what its `Cargo.toml` names in any of its tables.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

impl Workspace {
    pub(super) fn load(root: &Path) -> anyhow::Result<Self> {
        let mut sources = Vec::new();
        for folder in SOURCE_FOLDERS {
            let files =
                read_folder(root, folder, |path| path.extension().is_some_and(|e| e == "rs"))?;
            ensure!(!files.is_empty(), "no Rust file under {folder}/");
            sources.extend(files);
        }
        let migrations = if root.join("migrations").exists() {
            read_folder(root, "migrations", |_| true)?
        } else {
            Vec::new()
        };
        Ok(Self { sources, migrations, packages: read_packages(root)? })
    }
}

fn read_packages(root: &Path) -> anyhow::Result<Vec<Package>> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("cargo metadata did not start")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo metadata failed: {errors}");
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).context("cargo metadata is not as expected")?;
    Ok(metadata.packages)
}

/// Reads the wanted files of a folder and all below it, in the order of their paths.
fn read_folder(
    root: &Path,
    folder: &str,
    is_wanted: fn(&Path) -> bool,
) -> anyhow::Result<Vec<TextFile>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root.join(&folder)).with_context(|| folder.clone())?;
        for entry in entries {
            let entry = entry.with_context(|| folder.clone())?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            // The type is that of the entry itself, so a link is not followed.
            let kind = entry.file_type().with_context(|| path.clone())?;
            if kind.is_dir() && !path.ends_with("/target") {
                folders.push(path);
            } else if kind.is_file() && is_wanted(Path::new(&path)) {
                let text = fs::read_to_string(entry.path()).with_context(|| path.clone())?;
                files.push(TextFile { path, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

#[cfg(test)]
impl Workspace {
    /// An example of files only, as (path, text).
    pub(super) fn of_sources(files: &[(&str, &str)]) -> Self {
        Self { sources: text_files(files), ..Self::default() }
    }

    /// An example of migrations beside the store's sources.
    pub(super) fn of_migrations(sources: &[&str], migrations: &[(&str, &str)]) -> Self {
        let sources: Vec<(&str, &str)> = sources.iter().map(|path| (*path, "")).collect();
        Self {
            sources: text_files(&sources),
            migrations: text_files(migrations),
            ..Self::default()
        }
    }

    /// An example of crates only, as (name, dependencies).
    pub(super) fn of_packages(packages: &[(&str, &[&str])]) -> Self {
        let dependency = |name: &&str| Dependency { name: (*name).to_owned() };
        let package = |(name, names): &(&str, &[&str])| Package {
            name: (*name).to_owned(),
            dependencies: names.iter().map(dependency).collect(),
        };
        Self { packages: packages.iter().map(package).collect(), ..Self::default() }
    }
}

#[cfg(test)]
fn text_files(files: &[(&str, &str)]) -> Vec<TextFile> {
    let file = |(path, text): &(&str, &str)| TextFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    files.iter().map(file).collect()
}
