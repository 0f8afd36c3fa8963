//! `landfall copy`: all data to another place, from either kind of database to either.

mod progress;

use clap::Args;
use landfall_engine::seal;
use landfall_store::{Copied, Place};

use self::progress::Shown;
use super::environment::find;
use super::failure::Failure;
use super::session::Session;
use super::table::table;

/// The flags of `copy`.
#[derive(Debug, Args)]
pub(crate) struct CopyArguments {
    /// Where the data is: a data directory, or the URL of a PostgreSQL
    #[arg(
        long,
        value_name = "PLACE",
        help = "Where the data is: a data directory, or a postgres:// URL [env: LANDFALL_COPY_FROM]"
    )]
    from: Option<String>,
    /// Where it is to be as well; empty as yet
    #[arg(
        long,
        value_name = "PLACE",
        help = "Where it is to be as well; empty as yet [env: LANDFALL_COPY_TO]"
    )]
    to: Option<String>,
}

/// Copies everything, checks the copy row by row, and says what it needs.
pub(crate) async fn run(arguments: CopyArguments, session: &Session) -> Result<(), Failure> {
    let CopyArguments { from, to } = arguments;
    let from = place(from, session, "--from", "LANDFALL_COPY_FROM")?;
    let to = place(to, session, "--to", "LANDFALL_COPY_TO")?;
    if let Place::Database(address) = &from {
        session.output.note(&format!(
            "Copying {address} as it is at this moment. What its servers write from now on is not \
             copied: stop them first if the copy is to take its place."
        ));
    }
    let mut shown = Shown::new(session.output.clone());
    let (source, target) = (from.clone(), to.clone());
    let copying = tokio::task::spawn_blocking(move || {
        let copied = landfall_store::copy(&source, &target, seal::key_of, &mut |at| shown.tell(at));
        (copied, shown)
    });
    let (copied, shown) = copying.await.map_err(|error| Failure::Local(error.into()))?;
    shown.end()?;
    let copied = copied.map_err(|error| Failure::Local(error.into()))?;
    tell(&copied, &shown, session)?;
    session.output.note(&after(&copied, &from, &to));
    Ok(())
}

fn place(
    flag: Option<String>,
    session: &Session,
    name: &str,
    variable: &str,
) -> Result<Place, Failure> {
    let text = flag.or_else(|| find(&session.variables, variable).map(str::to_owned));
    let text = text.ok_or_else(|| {
        Failure::local(format!("{name} is missing: a data directory, or postgres://…"))
    })?;
    Place::parse(&text).map_err(|error| Failure::Local(error.into()))
}

fn tell(copied: &Copied, shown: &Shown, session: &Session) -> Result<(), Failure> {
    let rows = copied.tables.iter().map(|copied| {
        let checksum = seal::hex_text(&copied.checksum);
        vec![copied.name.to_owned(), copied.rows.to_string(), checksum]
    });
    session.output.text(&table(&["TABLE", "ROWS", "SHA-256"], rows.collect()))?;
    let total: u64 = copied.tables.iter().map(|table| table.rows).sum();
    session.output.text(&format!("\nCopied and checked {}", shown.summary(total)))
}

/// What is left to do for who goes on with the copy.
fn after(copied: &Copied, from: &Place, to: &Place) -> String {
    let key = match &copied.master_key {
        Some(key) => format!(
            "Its secrets are sealed with the master key {}, which is never copied: servers of {to} \
             need the key that those of {from} have (LANDFALL_MASTER_KEY, or the file master-key in \
             the data directory).",
            seal::hex_text(key)
        ),
        None => "It holds no sealed secrets, so any master key will do.".to_owned(),
    };
    format!("{key}\nServe one of the two from now on: both would send the webhooks.")
}
