//! `landfall org`: the caller's organization and, for admins of the first one, the others.

use clap::{Args, Subcommand};
use hyper::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::api::{Api, parse};
use super::connection::ServerOptions;
use super::failure::Failure;
use super::key::MadeKey;
use super::path::Path;
use super::session::Session;
use super::shapes::Page;
use super::table::table;

/// `org` and its flags.
#[derive(Debug, Args)]
pub(crate) struct OrganizationArguments {
    #[command(subcommand)]
    command: OrganizationCommand,
    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Subcommand)]
enum OrganizationCommand {
    /// Show the key's organization and its settings
    Show {
        /// Print the server's JSON
        #[arg(long)]
        json: bool,
    },
    /// List the organizations that the key may see
    List {
        /// Print the server's JSON
        #[arg(long)]
        json: bool,
    },
    /// Make an organization; its first admin key is shown once
    Create {
        /// Short name, such as `acme-eu`; it becomes part of every key
        slug: String,
        /// Name for people
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Print the server's JSON, which holds the key
        #[arg(long)]
        json: bool,
    },
    /// Change the key's organization
    #[command(after_help = "Examples:\n  landfall org set --strict true\n  \
        landfall org set --stale-after-hours 48 --archive-previews-after-days 30")]
    Set(SetArguments),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct SetArguments {
    /// Name for people
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Refuse unknown projects, applications and environments instead of creating them
    #[arg(long, value_name = "BOOL")]
    strict: Option<bool>,
    /// Refuse a deployment that names another commit than its version's build
    #[arg(long, value_name = "BOOL")]
    refuse_other_sha: Option<bool>,
    /// Hours without news after which what is open counts as stale
    #[arg(long, value_name = "HOURS")]
    stale_after_hours: Option<u32>,
    /// Days after which a quiet preview environment is archived; 0 for never
    #[arg(long, value_name = "DAYS")]
    archive_previews_after_days: Option<u32>,
    /// Most environments that there may be, archived ones not counted; `none` for without limit
    #[arg(long, value_name = "COUNT", value_parser = quota)]
    environments_max: Option<Quota>,
    /// Most applications that there may be; `none` for without limit
    #[arg(long, value_name = "COUNT", value_parser = quota)]
    applications_max: Option<Quota>,
}

/// A number, or without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Quota(Option<u32>);

fn quota(word: &str) -> Result<Quota, String> {
    if word == "none" {
        return Ok(Quota(None));
    }
    let number = word.parse().map_err(|_| "it must be a whole number, or `none`".to_owned());
    number.map(|number| Quota(Some(number)))
}

/// An organization, as far as it is shown.
#[derive(Debug, Deserialize)]
pub(crate) struct Organization {
    pub slug: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub settings: Map<String, Value>,
}

#[derive(Deserialize)]
struct Made {
    organization: Organization,
    api_key: MadeKey,
}

/// Does what is asked about organizations.
pub(crate) async fn run(
    arguments: OrganizationArguments,
    session: &Session,
) -> Result<(), Failure> {
    let api = Api::find(&arguments.server, session)?;
    match arguments.command {
        OrganizationCommand::Show { json } => {
            show(&api.get(Path::new("/organization")).await?, json, session)
        }
        OrganizationCommand::List { json } => {
            let path = Path::new("/organizations").with("limit", Some(500));
            list(&api.get(path).await?, json, session)
        }
        OrganizationCommand::Create { slug, name, json } => {
            let body = match name {
                Some(name) => json!({ "slug": slug, "name": name }),
                None => json!({ "slug": slug }),
            };
            made(&api.send(Method::POST, Path::new("/organizations"), &body).await?, json, session)
        }
        OrganizationCommand::Set(changes) => {
            let path = Path::new("/organization");
            show(&api.send(Method::PATCH, path, &patch(&changes)).await?, false, session)
        }
    }
}

/// Only what was given, so that nothing else changes.
fn patch(changes: &SetArguments) -> Value {
    let SetArguments {
        name,
        strict,
        refuse_other_sha,
        stale_after_hours,
        archive_previews_after_days,
        environments_max,
        applications_max,
    } = changes;
    let mut settings = Map::new();
    let mut set = |setting: &str, value: Option<Value>| {
        settings.extend(value.map(|value| (setting.to_owned(), value)));
    };
    set("strict", strict.map(Value::from));
    set("refuse_other_sha", refuse_other_sha.map(Value::from));
    set("stale_after_hours", stale_after_hours.map(Value::from));
    set("archive_previews_after_days", archive_previews_after_days.map(Value::from));
    set("environments_max", environments_max.map(|Quota(max)| json!(max)));
    set("applications_max", applications_max.map(|Quota(max)| json!(max)));
    let mut body = Map::new();
    body.extend(name.as_ref().map(|name| ("name".to_owned(), json!(name))));
    if !settings.is_empty() {
        body.insert("settings".to_owned(), Value::Object(settings));
    }
    Value::Object(body)
}

fn show(body: &str, json: bool, session: &Session) -> Result<(), Failure> {
    if json {
        return session.output.verbatim(body);
    }
    let Organization { slug, name, settings } = parse(body)?;
    let mut rows = vec![vec!["slug".to_owned(), slug], vec!["name".to_owned(), name]];
    rows.extend(settings.into_iter().map(|(setting, value)| vec![setting, value.to_string()]));
    session.output.text(&table(&["SETTING", "VALUE"], rows))
}

fn list(body: &str, json: bool, session: &Session) -> Result<(), Failure> {
    if json {
        return session.output.verbatim(body);
    }
    let page: Page<Organization> = parse(body)?;
    let rows = page.items.into_iter().map(|found| vec![found.slug, found.name]).collect();
    session.output.text(&table(&["SLUG", "NAME"], rows))
}

fn made(body: &str, json: bool, session: &Session) -> Result<(), Failure> {
    if json {
        return session.output.verbatim(body);
    }
    let Made { organization, api_key } = parse(body)?;
    let slug = organization.slug;
    session.output.note(&format!("Organization {slug} is made. Its admin key, shown this once:"));
    session.output.text(&api_key.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_is_changed() {
        let changes = SetArguments {
            name: None,
            strict: Some(true),
            refuse_other_sha: None,
            stale_after_hours: Some(48),
            archive_previews_after_days: None,
            environments_max: Some(Quota(None)),
            applications_max: Some(Quota(Some(7))),
        };
        let settings = json!({"strict": true, "stale_after_hours": 48, "environments_max": null,
            "applications_max": 7});
        assert_eq!(patch(&changes), json!({ "settings": settings }));
    }
}
