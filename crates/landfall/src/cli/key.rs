//! `landfall key`: the API keys of the organization.

use clap::{Args, Subcommand};
use hyper::Method;
use landfall_domain::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::age::age;
use super::api::{Api, parse};
use super::connection::ServerOptions;
use super::failure::Failure;
use super::path::Path;
use super::session::Session;
use super::shapes::Page;
use super::table::table;

/// `key` and its flags.
#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    #[command(subcommand)]
    command: KeyCommand,
    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// List the keys, without their secrets
    List {
        /// Print the server's JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a key; it is shown once
    #[command(after_help = "Examples:\n  landfall key create ci\n  landfall key create dashboard \
        --scope read\n  landfall key create shop-ci --default-project shop \
        --expires-at 2027-01-01T00:00:00Z")]
    Create(CreateArguments),
    /// Revoke a key; it opens nothing from then on
    Revoke {
        /// Its id, such as `k3`
        key_id: String,
    },
}

#[derive(Debug, Args)]
struct CreateArguments {
    /// What to call it, such as the pipeline that will use it
    name: String,
    /// What it may do: report, read, manage, admin; several separated by commas
    #[arg(
        long = "scope",
        visible_alias = "scopes",
        value_name = "SCOPE",
        value_delimiter = ',',
        default_value = "report"
    )]
    scopes: Vec<String>,
    /// Project of reports that name none
    #[arg(long, value_name = "NAME")]
    default_project: Option<String>,
    /// When it stops working, such as 2027-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// Print the server's JSON, which holds the key
    #[arg(long)]
    json: bool,
}

/// A key, as the server lists it.
#[derive(Debug, Deserialize)]
struct Key {
    #[serde(rename = "key_id")]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
    created_at: Timestamp,
    #[serde(default)]
    last_used_at: Option<Timestamp>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    revoked_at: Option<Timestamp>,
}

/// A key that was just made.
#[derive(Deserialize)]
pub(crate) struct MadeKey {
    pub key_id: String,
    pub key: String,
}

/// Does what is asked about keys.
pub(crate) async fn run(arguments: KeyArguments, session: &Session) -> Result<(), Failure> {
    let api = Api::find(&arguments.server, session)?;
    match arguments.command {
        KeyCommand::List { json } => list(&api, json, session).await,
        KeyCommand::Create(new) => create(&api, new, session).await,
        KeyCommand::Revoke { key_id } => {
            api.delete(Path::new("/keys").below(&key_id)).await?;
            session.output.text(&format!("Key {key_id} is revoked."))
        }
    }
}

async fn list(api: &Api<'_>, json: bool, session: &Session) -> Result<(), Failure> {
    let body = api.get(Path::new("/keys").with("limit", Some(500))).await?;
    if json {
        return session.output.verbatim(&body);
    }
    let page: Page<Key> = parse(&body)?;
    session.output.text(&render(&page.items, session.now()))
}

async fn create(api: &Api<'_>, new: CreateArguments, session: &Session) -> Result<(), Failure> {
    let CreateArguments { name, scopes, default_project, expires_at, json } = new;
    let mut body = json!({ "name": name, "scopes": scopes });
    if let Some(project) = default_project {
        body["default_project"] = json!(project);
    }
    if let Some(time) = expires_at {
        body["expires_at"] = json!(time);
    }
    let answer = api.send(Method::POST, Path::new("/keys"), &body).await?;
    if json {
        return session.output.verbatim(&answer);
    }
    let MadeKey { key_id, key } = parse(&answer)?;
    session.output.note(&format!("Key {key_id} is made. It is shown this once:"));
    session.output.text(&key)
}

fn render(keys: &[Key], now: Timestamp) -> String {
    let row = |key: &Key| {
        vec![
            key.id.clone(),
            key.name.clone(),
            key.scopes.join(", "),
            age(now, key.created_at),
            key.last_used_at.map_or_else(|| "never".to_owned(), |at| age(now, at)),
            state(key, now).to_owned(),
        ]
    };
    let heading = ["KEY", "NAME", "SCOPES", "AGE", "LAST USED", "STATE"];
    table(&heading, keys.iter().map(row).collect())
}

fn state(key: &Key, now: Timestamp) -> &'static str {
    match (key.revoked_at, key.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= now => "expired",
        (None, Some(_)) => "expires",
        (None, None) => "live",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_in_a_line_each() {
        let page = r#"{"items": [
            {"key_id": "k1", "name": "first admin key", "scopes": ["admin"],
             "created_at": "2026-10-20T22:18:49Z", "last_used_at": "2026-11-20T22:17:00Z"},
            {"key_id": "k2", "name": "ci", "scopes": ["report", "read"],
             "created_at": "2026-11-20T22:18:00Z", "expires_at": "2027-01-01T00:00:00Z"},
            {"key_id": "k3", "name": "old", "scopes": ["report"], "default_project": {"name": "shop"},
             "created_at": "2025-11-20T22:18:00Z", "revoked_at": "2026-01-01T00:00:00Z"}
        ], "next": null}"#;
        let page: Page<Key> = parse(page).unwrap();
        let now = Timestamp::parse("2026-11-20T22:18:49Z").unwrap();
        insta::assert_snapshot!(render(&page.items, now), @"
        KEY  NAME             SCOPES        AGE  LAST USED  STATE
        k1   first admin key  admin         31d  1m         live
        k2   ci               report, read  49s  never      expires
        k3   old              report        1y   never      revoked
        ");
    }
}
