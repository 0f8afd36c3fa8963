//! The PostgreSQL of a run: a schema of the suite's own, and what the reader should know of it.

use std::fmt;

use anyhow::Context;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

/// Dropped and made anew for each server that is measured.
const SCHEMA: &str = "landfall_bench";

/// The servers on it need one; nothing that it seals outlives the run.
pub(super) const MASTER_KEY: &str =
    "62656e63682062656e63682062656e63682062656e63682062656e6368212121";

/// Settings that decide about the speed of commits.
const SETTINGS: &str = "SELECT name, setting || COALESCE(' ' || unit, '') FROM pg_settings \
    WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', \
    'max_wal_size', 'wal_buffers', 'commit_delay', 'max_connections') ORDER BY name";

/// A PostgreSQL that is reached without encryption, by a socket or on this machine.
pub(super) struct Postgres {
    url: String,
}

/// What it says about itself.
#[derive(Debug, Serialize)]
pub(super) struct PostgresTold {
    version: String,
    settings: Vec<(String, String)>,
}

/// A connection; it ends when this is dropped.
struct Session {
    client: Client,
    /// Held only for what its drop ends.
    _talking: JoinSet<Result<(), tokio_postgres::Error>>,
}

impl Postgres {
    pub(super) fn new(url: &str) -> Self {
        Self { url: url.to_owned() }
    }

    pub(super) async fn describe(&self) -> anyhow::Result<PostgresTold> {
        let Session { client, _talking } = self.connect().await?;
        let version = client.query_one("SHOW server_version", &[]).await?.get(0);
        let rows = client.query(SETTINGS, &[]).await?;
        let settings = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        Ok(PostgresTold { version, settings })
    }

    /// Drops what a run has left there.
    pub(super) async fn clear(&self) -> anyhow::Result<()> {
        let sql = format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE");
        let Session { client, _talking } = self.connect().await?;
        client.batch_execute(&sql).await.context("cannot drop the schema of the benchmark")
    }

    /// An empty place for a server's tables: the URL that leads there.
    pub(super) async fn empty(&self) -> anyhow::Result<String> {
        self.clear().await?;
        let Session { client, _talking } = self.connect().await?;
        let made = client.batch_execute(&format!("CREATE SCHEMA {SCHEMA}")).await;
        made.context("cannot make the schema of the benchmark")?;
        Ok(url_into(&self.url, SCHEMA))
    }

    async fn connect(&self) -> anyhow::Result<Session> {
        // The URL holds a password, so no message repeats it.
        let (client, connection) =
            tokio_postgres::connect(&self.url, NoTls).await.context("cannot reach PostgreSQL")?;
        let mut talking = JoinSet::new();
        talking.spawn(connection);
        Ok(Session { client, _talking: talking })
    }
}

/// The same database, with a schema of it to look in first.
fn url_into(url: &str, schema: &str) -> String {
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}options=-c%20search_path%3D{schema}")
}

impl fmt::Display for PostgresTold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, settings } = self;
        let settings = settings.iter().map(|(name, value)| format!("{name} = {value}"));
        let settings: Vec<String> = settings.collect();
        writeln!(f, "| PostgreSQL | {version}: {} |", settings.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_added_to_whatever_the_url_says() {
        let options = "options=-c%20search_path%3Dbench";
        assert_eq!(url_into("postgres://u@h/d", "bench"), format!("postgres://u@h/d?{options}"));
        let url = "postgres://u@h/d?sslmode=disable";
        assert_eq!(url_into(url, "bench"), format!("{url}&{options}"));
    }
}
