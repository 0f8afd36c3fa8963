//! `landfall user`: the people of the organization.

use clap::{Args, Subcommand};
use hyper::Method;
use landfall_domain::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::age::age;
use super::api::{Api, parse};
use super::connection::ServerOptions;
use super::failure::Failure;
use super::path::Path;
use super::session::Session;
use super::shapes::Page;
use super::table::table;

/// `user` and its flags.
#[derive(Debug, Args)]
pub(crate) struct UserArguments {
    #[command(subcommand)]
    command: UserCommand,
    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// List the people who may sign in
    List {
        /// Print the server's JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a person; the password that is made for them is shown once
    #[command(after_help = "Examples:\n  landfall user add ada@acme.example\n  \
        landfall user add ada@acme.example --name 'Ada Lovelace' --role admin")]
    Add(AddArguments),
    /// Change what a person may do
    Role {
        /// Their e-mail address or id
        user: String,
        /// What they may do from now on: viewer, reporter, manager or admin
        role: String,
    },
    /// Make another password for a person, which is shown once; their sessions end
    Password {
        /// Their e-mail address or id
        user: String,
        /// Print the server's JSON, which holds the password
        #[arg(long)]
        json: bool,
    },
    /// Remove a person from the organization; their sessions end
    Remove {
        /// Their e-mail address or id
        user: String,
    },
}

#[derive(Debug, Args)]
struct AddArguments {
    /// E-mail address, which they sign in with
    email: String,
    /// What people call them
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What they may do: viewer, reporter (also reports), manager (also edits), admin (everything)
    #[arg(long, value_name = "ROLE", default_value = "viewer")]
    role: String,
    /// Print the server's JSON, which holds the password
    #[arg(long)]
    json: bool,
}

/// A person, as the server lists them.
#[derive(Debug, Deserialize)]
struct User {
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
    added_at: Timestamp,
    #[serde(default)]
    has_initial_password: bool,
    #[serde(default)]
    disabled_at: Option<Timestamp>,
}

/// A person who was just added or changed.
#[derive(Deserialize)]
struct ChangedUser {
    user: User,
    #[serde(default)]
    password: Option<String>,
}

/// Does what is asked about people.
pub(crate) async fn run(arguments: UserArguments, session: &Session) -> Result<(), Failure> {
    let api = Api::find(&arguments.server, session)?;
    match arguments.command {
        UserCommand::List { json } => list(&api, json, session).await,
        UserCommand::Add(new) => add(&api, new, session).await,
        UserCommand::Role { user, role } => {
            let edit = json!({ "role": role });
            let ChangedUser { user, .. } = parse(&patch(&api, &user, &edit).await?)?;
            session.output.text(&format!("{} is {} now.", user.email, user.role))
        }
        UserCommand::Password { user, json } => {
            let answer = patch(&api, &user, &json!({ "reset_password": true })).await?;
            show_password(&answer, json, session)
        }
        UserCommand::Remove { user } => {
            api.delete(Path::new("/users").below(&user)).await?;
            session.output.text(&format!("{user} is removed."))
        }
    }
}

async fn patch(api: &Api<'_>, user: &str, edit: &Value) -> Result<String, Failure> {
    api.send(Method::PATCH, Path::new("/users").below(user), edit).await
}

async fn list(api: &Api<'_>, json: bool, session: &Session) -> Result<(), Failure> {
    let body = api.get(Path::new("/users").with("limit", Some(500))).await?;
    if json {
        return session.output.verbatim(&body);
    }
    let page: Page<User> = parse(&body)?;
    session.output.text(&render(&page.items, session.now()))
}

async fn add(api: &Api<'_>, new: AddArguments, session: &Session) -> Result<(), Failure> {
    let AddArguments { email, name, role, json } = new;
    let mut body = json!({ "email": email, "role": role });
    if let Some(name) = name {
        body["name"] = json!(name);
    }
    let answer = api.send(Method::POST, Path::new("/users"), &body).await?;
    show_password(&answer, json, session)
}

/// Prints a password that was made, so that it can be piped; what it is goes to the person.
fn show_password(answer: &str, json: bool, session: &Session) -> Result<(), Failure> {
    if json {
        return session.output.verbatim(answer);
    }
    let ChangedUser { user, password } = parse(answer)?;
    let User { email, role, .. } = user;
    match password {
        Some(password) => {
            session.output.note(&format!("{email} is {role}. Their password, shown this once:"));
            session.output.text(&password)
        }
        None => session.output.text(&format!(
            "{email} is {role}. They are on this server already and keep the password they have."
        )),
    }
}

fn render(users: &[User], now: Timestamp) -> String {
    let row = |user: &User| {
        vec![
            user.email.clone(),
            user.name.clone(),
            user.role.clone(),
            age(now, user.added_at),
            state(user).to_owned(),
        ]
    };
    table(&["E-MAIL", "NAME", "ROLE", "AGE", "STATE"], users.iter().map(row).collect())
}

const fn state(user: &User) -> &'static str {
    match (user.disabled_at, user.has_initial_password) {
        (Some(_), _) => "disabled",
        (None, true) => "password not changed yet",
        (None, false) => "active",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_in_a_line_each() {
        let page = r#"{"items": [
            {"email": "ada@acme.example", "name": "Ada", "role": "admin",
             "added_at": "2026-10-20T22:18:49Z"},
            {"email": "bob@acme.example", "name": "Bob", "role": "viewer",
             "added_at": "2026-11-20T22:18:00Z", "has_initial_password": true},
            {"email": "eve@acme.example", "name": "Eve", "role": "viewer",
             "added_at": "2025-11-20T22:18:00Z", "disabled_at": "2026-01-01T00:00:00Z"}
        ], "next": null}"#;
        let page: Page<User> = parse(page).unwrap();
        let now = Timestamp::parse("2026-11-20T22:18:49Z").unwrap();
        insta::assert_snapshot!(render(&page.items, now), @"
        E-MAIL            NAME  ROLE    AGE  STATE
        ada@acme.example  Ada   admin   31d  active
        bob@acme.example  Bob   viewer  49s  password not changed yet
        eve@acme.example  Eve   viewer  1y   disabled
        ");
    }
}
