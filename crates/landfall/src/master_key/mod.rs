//! Where the master key comes from: a setting, else a file beside the data.

pub(crate) mod rotate;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use landfall_engine::Ambient;
use landfall_engine::seal::{self, MasterKey};

use crate::settings::Settings;

/// Where the key lies that secrets are sealed with, unless a setting holds it.
const FILE: &str = "master-key";
/// The one that is to take its place, while that goes on.
const NEW_FILE: &str = "master-key.new";

/// The key of the setting, else of the file. Nodes that share a database must share the key too, so
/// there none makes one of its own.
pub(crate) fn find(settings: &Settings, ambient: &Ambient) -> anyhow::Result<MasterKey> {
    let new = new_file(&settings.data);
    if settings.master_key.is_none() && new.exists() {
        bail!(
            "`{}` is there, so another master key was being put in place: run `landfall master-key \
             rotate` again, which brings that to its end",
            new.display()
        );
    }
    present(settings, ambient)
}

/// The same while another key is being put in place.
fn present(settings: &Settings, ambient: &Ambient) -> anyhow::Result<MasterKey> {
    if let Some(text) = &settings.master_key {
        return MasterKey::parse(text).context("LANDFALL_MASTER_KEY");
    }
    let file = file(&settings.data);
    if settings.database.is_some() && !file.exists() {
        bail!(
            "every node on a PostgreSQL needs the same master key: set LANDFALL_MASTER_KEY, or put \
             the key into `{}` (mode 0600); `openssl rand -hex 32` makes one. Keep a copy of it: \
             without it sealed secrets are lost",
            file.display()
        );
    }
    let mut random = [0; 32];
    ambient.fill(&mut random);
    Ok(seal::key_from_file(&file, random)?)
}

fn file(data: &Path) -> PathBuf {
    data.join(FILE)
}

fn new_file(data: &Path) -> PathBuf {
    data.join(NEW_FILE)
}
