//! `landfall master-key rotate`: another master key takes the place of the present one.
//!
//! Where the key lies in a file, the new one is written beside it first, then the data is sealed anew,
//! then the file takes its place. So it can break off anywhere, and goes on where it is run again.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use landfall_engine::Ambient;
use landfall_engine::reseal::{Changed, ResealError, reseal};
use landfall_engine::seal::{self, MasterKey, hex_text};

use super::{FILE, file, new_file, present};
use crate::arguments::ServeArguments;
use crate::output;
use crate::serve::{open_store, sources};
use crate::settings::Settings;

/// Holds the new key, where a setting holds the present one.
pub(crate) const NEW_KEY_VARIABLE: &str = "LANDFALL_NEW_MASTER_KEY";

/// Seals everything anew, and says which key the data needs from now on.
pub(crate) fn run(arguments: &ServeArguments) -> anyhow::Result<()> {
    let sources = sources(arguments)?;
    let settings = sources.resolve()?.settings()?;
    let ambient = Ambient::system();
    let given = sources.environment.get(NEW_KEY_VARIABLE).filter(|text| !text.trim().is_empty());
    let is_in_file = settings.master_key.is_none();
    if is_in_file && settings.database.is_none() && !file(&settings.data).exists() {
        bail!("there is no master key yet in `{}`", settings.data.display());
    }
    let old = present(&settings, &ambient)?;
    let was_begun = new_file(&settings.data).exists();
    let new = new_key(&settings, given.map(String::as_str), &ambient)?;
    let (old_name, new_name) = (hex_text(&old.id()), hex_text(&new.id()));
    if old_name == new_name {
        bail!("{NEW_KEY_VARIABLE} is the present key; `openssl rand -hex 32` makes another one");
    }
    let changed = match seal_anew(&settings, (old, new), &ambient) {
        // A key that surely seals nothing is not left for the next start to stumble over.
        Err(error) if is_in_file && !was_begun && !may_be_done(&error) => {
            fs::remove_file(new_file(&settings.data))?;
            return Err(error);
        }
        outcome => outcome?,
    };
    let kept = if is_in_file { Some(replace_file(&settings.data, &old_name)?) } else { None };
    tell(changed, (&old_name, &new_name), kept);
    Ok(())
}

/// The key of the variable where a setting holds the present one; else one that is made, in a file.
fn new_key(
    settings: &Settings,
    given: Option<&str>,
    ambient: &Ambient,
) -> anyhow::Result<MasterKey> {
    match (settings.master_key.is_some(), given) {
        (true, Some(text)) => MasterKey::parse(text).context(NEW_KEY_VARIABLE),
        (true, None) => bail!(
            "set {NEW_KEY_VARIABLE} to the key that is to take the place of the present one; \
             `openssl rand -hex 32` makes one"
        ),
        (false, Some(_)) => bail!(
            "{NEW_KEY_VARIABLE} is set, but the present key lies in `{}`, so the new one is made \
             there: unset it",
            file(&settings.data).display()
        ),
        (false, None) => {
            let mut random = [0; 32];
            ambient.fill(&mut random);
            Ok(seal::key_from_file(&new_file(&settings.data), random)?)
        }
    }
}

fn seal_anew(
    settings: &Settings,
    keys: (MasterKey, MasterKey),
    ambient: &Ambient,
) -> anyhow::Result<Changed> {
    let (store, _) = open_store(settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(reseal(&store, keys, ambient));
    store.close();
    Ok(outcome?)
}

fn may_be_done(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ResealError::Unknown(_)))
}

/// Puts the new file in the place of the old one, which is kept under its key's name.
fn replace_file(data: &Path, old_name: &str) -> anyhow::Result<PathBuf> {
    let (present, new) = (file(data), new_file(data));
    let kept = data.join(format!("{FILE}-{old_name}"));
    let replaced = fs::hard_link(&present, &kept)
        .or_else(|error| match error.kind() {
            ErrorKind::AlreadyExists => Ok(()),
            _ => Err(error),
        })
        .and_then(|()| fs::rename(&new, &present))
        .and_then(|()| fs::File::open(data)?.sync_all());
    replaced.with_context(|| {
        format!(
            "can't put `{}` in the place of `{}`; do it by hand",
            new.display(),
            present.display()
        )
    })?;
    Ok(kept)
}

fn tell(changed: Changed, (old, new): (&str, &str), kept: Option<PathBuf>) {
    let Changed { webhooks, signing_keys } = changed;
    output::line(&format!(
        "Sealed anew: {webhooks} webhooks, {signing_keys} signing keys\n\
         The data needs the master key {new} from now on; before it was {old}"
    ));
    match kept {
        None => output::line("Start every server with LANDFALL_MASTER_KEY set to the new key"),
        Some(kept) => output::line(&format!(
            "The new key is in the file {FILE}, the old one in {}. Servers with data directories of \
             their own need the new file as well",
            kept.display()
        )),
    }
    output::line(
        "Keep the old key as long as you keep backups from before. Links to badges that were made \
         under it show nothing any more: copy them anew",
    );
}
