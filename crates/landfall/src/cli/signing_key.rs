//! `landfall signing-key`: keys of callers that sign their requests.

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

/// `signing-key` and its flags.
#[derive(Debug, Args)]
pub(crate) struct SigningKeyArguments {
    #[command(subcommand)]
    command: SigningKeyCommand,
    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Subcommand)]
enum SigningKeyCommand {
    /// List the signing keys, without their secrets
    List {
        /// Print the server's JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a signing key; its secret is shown once
    #[command(after_help = "Examples:\n  landfall signing-key create ci\n  \
        landfall signing-key create ci --allows-legacy false")]
    Create {
        /// What to call it, such as the pipeline that will use it
        name: String,
        /// Whether it may use Envtracker's legacy URL, whose path its signature does not cover
        #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set, default_value_t = true)]
        allows_legacy: bool,
        /// Print the server's JSON, which holds the secret
        #[arg(long)]
        json: bool,
    },
    /// Change a signing key
    Set {
        /// Its id, such as `wk_default_k2Xp9QwLrT`
        key_id: String,
        /// Whether it may use Envtracker's legacy URL, whose path its signature does not cover
        #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
        allows_legacy: bool,
    },
    /// Revoke a signing key; it opens nothing from then on
    Revoke {
        /// Its id, such as `wk_default_k2Xp9QwLrT`
        key_id: String,
    },
}

/// A signing key, as the server lists it.
#[derive(Debug, Deserialize)]
struct SigningKey {
    key_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    allows_legacy: bool,
    created_at: Timestamp,
    #[serde(default)]
    last_used_at: Option<Timestamp>,
    #[serde(default)]
    revoked_at: Option<Timestamp>,
}

/// A signing key that was just made.
#[derive(Deserialize)]
struct MadeSigningKey {
    key_id: String,
    secret: String,
}

/// Does what is asked about signing keys.
pub(crate) async fn run(arguments: SigningKeyArguments, session: &Session) -> Result<(), Failure> {
    let api = Api::find(&arguments.server, session)?;
    match arguments.command {
        SigningKeyCommand::List { json } => list(&api, json, session).await,
        SigningKeyCommand::Create { name, allows_legacy, json } => {
            let body = json!({ "name": name, "allows_legacy": allows_legacy });
            let answer = api.send(Method::POST, Path::new("/signing-keys"), &body).await?;
            if json { session.output.verbatim(&answer) } else { show_made(&answer, session) }
        }
        SigningKeyCommand::Set { key_id, allows_legacy } => {
            let path = Path::new("/signing-keys").below(&key_id);
            let answer =
                api.send(Method::PATCH, path, &json!({ "allows_legacy": allows_legacy })).await?;
            session.output.text(&render(&[parse(&answer)?], session.now()))
        }
        SigningKeyCommand::Revoke { key_id } => {
            api.delete(Path::new("/signing-keys").below(&key_id)).await?;
            session.output.text(&format!("Signing key {key_id} is revoked."))
        }
    }
}

async fn list(api: &Api<'_>, json: bool, session: &Session) -> Result<(), Failure> {
    let body = api.get(Path::new("/signing-keys").with("limit", Some(500))).await?;
    if json {
        return session.output.verbatim(&body);
    }
    let page: Page<SigningKey> = parse(&body)?;
    session.output.text(&render(&page.items, session.now()))
}

fn show_made(answer: &str, session: &Session) -> Result<(), Failure> {
    let MadeSigningKey { key_id, secret } = parse(answer)?;
    session.output.note(&format!("Signing key {key_id} is made. Its secret, shown this once:"));
    session.output.text(&secret)
}

fn render(keys: &[SigningKey], now: Timestamp) -> String {
    let row = |key: &SigningKey| {
        vec![
            key.key_id.clone(),
            key.name.clone(),
            if key.allows_legacy { "yes" } else { "no" }.to_owned(),
            age(now, key.created_at),
            key.last_used_at.map_or_else(|| "never".to_owned(), |at| age(now, at)),
            if key.revoked_at.is_some() { "revoked" } else { "live" }.to_owned(),
        ]
    };
    let heading = ["KEY", "NAME", "LEGACY URL", "AGE", "LAST USED", "STATE"];
    table(&heading, keys.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_keys_are_told_in_a_line_each() {
        let page = r#"{"items": [
            {"key_id": "wk_default_k2Xp9QwLrT", "name": "ci", "allows_legacy": true,
             "created_at": "2026-11-20T22:18:00Z", "last_used_at": "2026-11-20T22:18:40Z"},
            {"key_id": "wk_default_aB3dE5gH7j", "name": "old", "allows_legacy": false,
             "created_at": "2025-11-20T22:18:00Z", "revoked_at": "2026-01-01T00:00:00Z"}
        ], "next": null}"#;
        let page: Page<SigningKey> = parse(page).unwrap();
        let now = Timestamp::parse("2026-11-20T22:18:49Z").unwrap();
        insta::assert_snapshot!(render(&page.items, now), @"
        KEY                    NAME  LEGACY URL  AGE  LAST USED  STATE
        wk_default_k2Xp9QwLrT  ci    yes         49s  9s         live
        wk_default_aB3dE5gH7j  old   no          1y   never      revoked
        ");
    }
}
