//! `landfall backup`, `restore` and `verify`: copies of a data directory, on this machine.

use std::path::{Path, PathBuf};

use clap::Args;
use landfall_store::{Contents, StoreError};

use super::environment::find;
use super::failure::Failure;
use super::session::Session;

const DIRECTORY: &str = "./landfall-data";

/// The flags of `backup` and `restore`.
#[derive(Debug, Args)]
pub(crate) struct CopyArguments {
    /// The copy
    pub file: PathBuf,
    /// The data directory
    #[arg(
        long,
        value_name = "DIR",
        help = "The data directory [env: LANDFALL_DATA] [default: ./landfall-data]"
    )]
    pub data: Option<PathBuf>,
}

/// The flags of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The copy
    pub file: PathBuf,
}

/// Copies a data directory as of one moment, whether the server runs or not.
pub(crate) async fn backup(arguments: CopyArguments, session: &Session) -> Result<(), Failure> {
    if arguments.data.is_none() && find(&session.variables, "LANDFALL_DATABASE").is_some() {
        return Err(Failure::local(
            "LANDFALL_DATABASE is set, so the data is in a PostgreSQL: back that up with pg_dump, as \
             docs/operations.md says; or name a data directory with --data"
                .to_owned(),
        ));
    }
    let directory = directory(&arguments, session);
    let file = arguments.file.clone();
    let contents = blocking(move || {
        landfall_store::backup(&directory, &file)?;
        landfall_store::verify(&file)
    })
    .await?;
    make_private(&arguments.file)?;
    let file = arguments.file.display();
    session.output.text(&format!("Wrote and checked {file}: {}", told(&contents)))?;
    session.output.note(
        "It holds API keys only as hashes, and secrets sealed with the master key, which is never part \
         of a copy: keep the file master-key of the data directory, or LANDFALL_MASTER_KEY, elsewhere.",
    );
    Ok(())
}

/// Puts a copy into a data directory that is empty or not there yet.
pub(crate) async fn restore(arguments: CopyArguments, session: &Session) -> Result<(), Failure> {
    let directory = directory(&arguments, session);
    let (file, to) = (arguments.file, directory.clone());
    let contents = blocking(move || landfall_store::restore(&file, &to)).await?;
    let directory = directory.display();
    session.output.text(&format!("Restored {directory}: {}", told(&contents)))
}

/// Checks a copy and says what it holds.
pub(crate) async fn verify(arguments: VerifyArguments, session: &Session) -> Result<(), Failure> {
    let file = arguments.file.clone();
    let contents = blocking(move || landfall_store::verify(&file)).await?;
    let file = arguments.file.display();
    session.output.text(&format!("{file} is intact: {}", told(&contents)))
}

fn directory(arguments: &CopyArguments, session: &Session) -> PathBuf {
    let told = arguments.data.clone();
    let told = told.or_else(|| find(&session.variables, "LANDFALL_DATA").map(PathBuf::from));
    told.unwrap_or_else(|| PathBuf::from(DIRECTORY))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Failure> {
    let outcome = tokio::task::spawn_blocking(work).await;
    let outcome = outcome.map_err(|error| Failure::Local(error.into()))?;
    outcome.map_err(|error| Failure::Local(error.into()))
}

/// A copy tells everything that its server knows, so it is for its owner alone.
fn make_private(file: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let owner_only = std::fs::Permissions::from_mode(0o600);
        let set = std::fs::set_permissions(file, owner_only);
        set.map_err(|error| Failure::Local(error.into()))?;
    }
    Ok(())
}

fn told(contents: &Contents) -> String {
    let of = |(_, slug, last): &(_, String, u64)| match last {
        1 => format!("{slug} (1 event)"),
        count => format!("{slug} ({count} events)"),
    };
    contents.organizations.iter().map(of).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use landfall_domain::id::IdSource;
    use landfall_domain::time::Timestamp;

    use super::*;

    #[test]
    fn the_contents_are_told_by_organization() {
        let mut ids = IdSource::new([0; 16]);
        let mut organization =
            |slug: &str, last| (ids.next(Timestamp::default()), slug.to_owned(), last);
        let contents = Contents {
            organizations: vec![organization("default", 1), organization("acme", 42)],
            since: None,
        };
        assert_eq!(told(&contents), "default (1 event), acme (42 events)");
    }
}
