//! `landfall demo`: a company to look at, with two months of history, served at once.
//!
//! It lives in a data directory of its own, which is filled only if it is empty.

mod build;
mod calendar;
mod company;
mod day;
mod dice;
mod happening;
mod hooks;
mod line;
mod receiver;
mod sending;
mod story;
#[cfg(test)]
mod tests;
mod texts;
mod write;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, bail};
use landfall_domain::time::Timestamp;
use landfall_engine::Ambient;

use crate::arguments::DemoArguments;
use crate::settings::{Settings, Sources};
use crate::traces::Traces;
use crate::{logs, output, serve};
use receiver::Receiver;

/// Holds the demo's admin key, and marks its directory as the demo's own.
const KEY_FILE: &str = "demo-key";
/// The same while the directory is being filled.
const PARTIAL_FILE: &str = "demo-key.partial";

/// Fills the demo's directory if it is empty, and serves it until it is told to stop.
pub(crate) fn run(arguments: &DemoArguments) -> anyhow::Result<()> {
    let DemoArguments { data, listen } = arguments;
    let mut flags = BTreeMap::from([("data", data.clone())]);
    flags.extend(listen.clone().map(|listen| ("listen", listen)));
    let sources = Sources { flags, environment: crate::cli::environment(), file: None };
    let mut settings = sources.resolve()?.settings()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let traces = Traces::open(&settings, runtime.handle())?;
    let served = runtime.block_on(async {
        let receiver = Receiver::start(&settings.data).await?;
        receiver.open(&mut settings);
        let key = prepare(&settings, &receiver, Ambient::system().now()).await?;
        // Only now: what went wrong in the story is no news.
        logs::start(&settings, traces.layer())?;
        settings.admin_key = Some(key.clone());
        let data = settings.data.clone();
        let served = serve::serve(settings, |url, _| {
            greet(url, &data, &key);
            Ok(())
        });
        let served = served.await;
        receiver.stop().await;
        served
    });
    traces.close();
    served
}

/// The admin key of the demo in a directory, which is filled if it is empty.
async fn prepare(
    settings: &Settings,
    receiver: &Receiver,
    now: Timestamp,
) -> anyhow::Result<String> {
    let directory = settings.data.as_path();
    match std::fs::read_to_string(directory.join(KEY_FILE)) {
        Ok(key) => return Ok(key.trim().to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("can't read `{KEY_FILE}`"));
        }
    }
    require_empty(directory)?;
    output::line("Filling the demo: two months at a company with 12 applications ...");
    let partial = directory.join(PARTIAL_FILE);
    let key = new_key();
    create_private(directory)
        .and_then(|()| serve::write_secret(&partial, &key))
        .and_then(|()| receiver.keep_port(directory))
        .with_context(|| format!("can't write `{}`", partial.display()))?;
    write::fill(settings, receiver, (&key, now)).await?;
    std::fs::rename(&partial, directory.join(KEY_FILE))?;
    Ok(key)
}

fn require_empty(directory: &Path) -> anyhow::Result<()> {
    let shown = directory.display();
    let mut entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("can't read `{shown}`")),
    };
    if directory.join(PARTIAL_FILE).exists() {
        bail!("`{shown}` holds a demo that was not finished; delete the directory and start again");
    }
    if entries.next().is_some() {
        bail!(
            "`{shown}` holds something else, and a demo is only made in an empty directory; \
             name another one with `--data`"
        );
    }
    Ok(())
}

/// Makes a directory that only its owner can enter, as every data directory is.
fn create_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// A key that nobody guesses, although the rest of the demo repeats itself.
fn new_key() -> String {
    let mut random = [0_u8; 20];
    Ambient::system().fill(&mut random);
    let secret = random.iter().fold(String::new(), |mut secret, byte| {
        // Writing to a string can't fail.
        let _ = write!(secret, "{byte:02x}");
        secret
    });
    format!("sk_default_demo_{secret}")
}

fn greet(url: &str, data: &Path, key: &str) {
    output::line(&format!(
        "Landfall is listening on {url}\n\n\
         This is a demo: {} is made up, and so is its admin key:\n\n  {key}\n\n\
         See what runs where:\n\n  \
         export LANDFALL_URL={url} LANDFALL_API_KEY={key}\n  \
         landfall status\n  landfall history\n  landfall compare staging production\n\n\
         Its webhooks post to a receiver in this process. Your own reports go to the project \
         `default`. To begin anew, delete {}.\n",
        company::NAME,
        data.display(),
    ));
}
