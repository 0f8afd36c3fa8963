//! Making, changing and removing webhooks.

use clap::{Args, ValueEnum};
use hyper::Method;
use serde_json::{Value, json};

use super::super::api::parse;
use super::super::connection::Secret;
use super::super::failure::Failure;
use super::super::path::Path;
use super::super::shapes::Page;
use super::One;
use super::find::Webhooks;
use super::render::{details, overview};
use super::settings::{Emptied, Settings};
use super::shapes::{Made, Webhook};

#[derive(Debug, Args)]
pub(super) struct CreateArguments {
    /// What to call it
    name: String,
    /// Where to send, such as `https://ops.acme.example/hook`
    #[arg(value_name = "RECEIVER")]
    receiver: String,
    /// The secret to sign with, `whsec_…` or `whsk_…` [default: a new one]
    #[arg(long, value_name = "SECRET")]
    secret: Option<Secret>,
    /// How to sign: hmac or ed25519 [default: as the secret says, else hmac]
    #[arg(long, value_name = "KIND")]
    signature: Option<String>,
    /// Make it disabled: it skips what happens until it is resumed
    #[arg(long)]
    disabled: bool,
    /// Print the server's JSON, which holds the secret
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Args)]
pub(super) struct EditArguments {
    /// Its name or id
    webhook: String,
    /// Another name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Another address to send to
    #[arg(long, value_name = "ADDRESS")]
    receiver: Option<String>,
    /// Whether it sends; a disabled one skips what happens
    #[arg(long, value_name = "BOOL")]
    enabled: Option<bool>,
    /// Empty a setting, or return it to its default; several separated by commas
    #[arg(long, value_name = "SETTING", value_delimiter = ',')]
    clear: Vec<Emptied>,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Args)]
pub(super) struct RotateArguments {
    /// Its name or id
    webhook: String,
    /// The secret to sign with from now on [default: a new one]
    #[arg(long, value_name = "SECRET")]
    secret: Option<Secret>,
    /// Print the server's JSON, which holds the secret
    #[arg(long)]
    json: bool,
}

/// Makes a webhook, and shows its secret.
pub(super) async fn create(new: CreateArguments, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let CreateArguments { name, receiver, settings, secret, signature, disabled, json } = new;
    let mut body = settings.body()?;
    body.insert("name".to_owned(), json!(name));
    body.insert("url".to_owned(), json!(receiver));
    body.extend(secret.map(|secret| ("secret".to_owned(), json!(secret.reveal()))));
    body.extend(signature.map(|kind| ("signature".to_owned(), json!(kind))));
    if disabled {
        body.insert("enabled".to_owned(), json!(false));
    }
    let path = Path::new("/webhooks");
    let answer = webhooks.api.send(Method::POST, path, &Value::Object(body)).await?;
    show_secret(&answer, json, "is made", webhooks)
}

/// Gives a webhook another secret, and shows it.
pub(super) async fn rotate(
    arguments: RotateArguments,
    webhooks: &Webhooks<'_>,
) -> Result<(), Failure> {
    let RotateArguments { webhook, secret, json } = arguments;
    let body = match secret {
        Some(secret) => json!({ "secret": secret.reveal() }),
        None => json!({}),
    };
    let path = webhooks.at(&webhook).await?.below("rotate-secret");
    let answer = webhooks.api.send(Method::POST, path, &body).await?;
    show_secret(&answer, json, "signs with both secrets for a day", webhooks)
}

/// The secret goes to the standard output alone, so that a script can keep it.
fn show_secret(
    answer: &str,
    json: bool,
    what: &str,
    webhooks: &Webhooks<'_>,
) -> Result<(), Failure> {
    webhooks.print(answer, json, || {
        let Made { name, secret, public_key } = parse(answer)?;
        let note = |text: &str| webhooks.session.output.note(text);
        note(&format!("Webhook {name} {what}. Its secret, shown this once:"));
        if let Some(key) = public_key {
            note(&format!("(its receiver verifies with the public key {key})"));
        }
        Ok(secret)
    })
}

/// Lists the webhooks.
pub(super) async fn list(json: bool, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let items: Vec<Value> = webhooks.all().await?;
    let body = json!({ "items": items, "next": null }).to_string();
    webhooks.print(&body, json, || {
        let page: Page<Webhook> = parse(&body)?;
        Ok(overview(&page.items))
    })
}

/// Shows a webhook and how it is doing.
pub(super) async fn show(one: One, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let body = webhooks.api.get(webhooks.at(&one.webhook).await?).await?;
    show_details(&body, one.json, webhooks)
}

/// Changes what was given, and nothing else.
pub(super) async fn edit(edit: EditArguments, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    let EditArguments { webhook, name, receiver, settings, enabled, clear, json } = edit;
    let mut body = settings.body()?;
    body.extend(name.map(|name| ("name".to_owned(), json!(name))));
    body.extend(receiver.map(|url| ("url".to_owned(), json!(url))));
    body.extend(enabled.map(|enabled| ("enabled".to_owned(), json!(enabled))));
    for setting in clear {
        setting.apply(&mut body).map_err(|()| {
            let name = setting.to_possible_value();
            let name = name.as_ref().map_or("setting", |value| value.get_name());
            Failure::local(format!("--{name} can't be given and cleared at one time"))
        })?;
    }
    if body.is_empty() {
        return Err(Failure::local("nothing to change: give a flag, see --help"));
    }
    let path = webhooks.at(&webhook).await?;
    let answer = webhooks.api.send(Method::PATCH, path, &Value::Object(body)).await?;
    show_details(&answer, json, webhooks)
}

/// Deletes a webhook.
pub(super) async fn delete(webhook: &str, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    webhooks.api.delete(webhooks.at(webhook).await?).await?;
    webhooks.session.output.text(&format!("Webhook {webhook} is deleted."))
}

/// Pauses or resumes a webhook.
pub(super) async fn switch(
    one: One,
    verb: &'static str,
    webhooks: &Webhooks<'_>,
) -> Result<(), Failure> {
    let path = webhooks.at(&one.webhook).await?.below(verb);
    let body = webhooks.api.send(Method::POST, path, &json!({})).await?;
    webhooks.print(&body, one.json, || {
        let Webhook { name, state, .. } = parse(&body)?;
        Ok(format!("Webhook {name} is {state}."))
    })
}

fn show_details(body: &str, json: bool, webhooks: &Webhooks<'_>) -> Result<(), Failure> {
    webhooks.print(body, json, || Ok(details(&parse(body)?, webhooks.session.now())))
}
