//! Signing keys: for callers that sign each request.

use askama::Template;
use landfall_domain::refusal::Refusal;
use landfall_domain::signing::SigningKey;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_engine::EngineError;
use landfall_engine::signing_keys::MadeSigningKey;
use serde::Deserialize;

use super::desk::{Answer, Desk};
use super::fields::required;
use super::frame::{Frame, Place, Told};
use super::moment::{Moment, State};
use super::noun::{Edited, End, Noun, One, REVOKE};
use super::part::{Asked, Part};
use crate::page::Page;

static PLACE: Place = Place::admin("/settings/signing-keys", "Signing keys", "signing key");

/// Signing keys, as a noun of the settings.
pub(super) struct SigningKeys;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    /// Of a new key; a key's name stays.
    name: String,
    allows_legacy: Option<String>,
}

/// A signing key, as it is shown.
struct Line {
    key_id: String,
    name: String,
    allows_legacy: bool,
    created: Moment,
    used: Option<Moment>,
    revoked_at: Option<Timestamp>,
    state: State,
}

impl Line {
    fn of(key: SigningKey, now: Timestamp) -> Self {
        Self {
            created: Moment::of(key.created_at, now),
            used: key.last_used_at.map(|at| Moment::of(at, now)),
            state: if key.revoked_at.is_some() { State::REVOKED } else { State::WORKS },
            revoked_at: key.revoked_at,
            allows_legacy: key.allows_legacy,
            key_id: key.key_id,
            name: key.name,
        }
    }
}

#[derive(Template)]
#[template(path = "settings/signing_keys.html")]
struct KeysPage {
    page: Page,
    frame: Frame,
    part: Part<Line>,
    form: Form,
}

#[derive(Template)]
#[template(path = "settings/signing_key_made.html")]
struct MadePage {
    page: Page,
    frame: Frame,
    name: String,
    key_id: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "settings/signing_key.html")]
struct KeyPage {
    page: Page,
    frame: Frame,
    one: One,
    key: Line,
}

impl Noun for SigningKeys {
    const PLACE: &'static Place = &PLACE;
    const END: End = REVOKE;
    type Id = String;
    type Form = Form;

    async fn list(desk: &Desk, asked: &Asked, form: Form, told: Told) -> Answer {
        let (keys, now) = (desk.engine.list_signing_keys(desk.caller()).await?, desk.now());
        let mut lines: Vec<Line> = keys.into_iter().map(|key| Line::of(key, now)).collect();
        lines.retain(|line| asked.holds(&[&line.name, &line.key_id]));
        lines.sort_by_key(|line| line.revoked_at.is_some());
        let part = asked.part(PLACE.path, lines);
        desk.show(&PLACE, told, |page, frame| KeysPage { page, frame, part, form }).await
    }

    async fn show(desk: &Desk, id: &String, _: Option<Form>, told: Told) -> Answer {
        let key = Line::of(find(desk, id).await?, desk.now());
        let mut one = One::of::<Self>(id, &key.name);
        one.verb = one.verb.filter(|_| key.revoked_at.is_none());
        desk.show(&PLACE, told, |page, frame| KeyPage { page, frame, one, key }).await
    }

    /// Makes a key. Its secret is in the answer and nowhere else, so nothing leads on from here.
    async fn make(desk: &Desk, form: &Form) -> Answer {
        let name = required::<255>("name", &form.name).map(Text::into_string)?;
        let allows_legacy = form.allows_legacy.is_some();
        let made = desk.engine.create_signing_key(desk.caller(), name, allows_legacy).await?;
        let MadeSigningKey { key, secret } = made;
        let (name, key_id) = (key.name, key.key_id);
        let fill = |page, frame| MadePage { page, frame, name, key_id, secret };
        desk.show(&PLACE, Told::NOTHING, fill).await
    }

    async fn name(desk: &Desk, id: &String) -> Result<String, EngineError> {
        Ok(find(desk, id).await?.name)
    }

    async fn end(desk: &Desk, id: &String) -> Result<(), EngineError> {
        desk.engine.revoke_signing_key(desk.caller(), id).await
    }
}

impl Edited for SigningKeys {
    async fn edit(desk: &Desk, id: &String, form: &Form) -> Result<(), EngineError> {
        let allows_legacy = form.allows_legacy.is_some();
        desk.engine.allow_legacy(desk.caller(), id, allows_legacy).await.map(|_| ())
    }
}

async fn find(desk: &Desk, id: &str) -> Result<SigningKey, EngineError> {
    let keys = desk.engine.list_signing_keys(desk.caller()).await?;
    let found = keys.into_iter().find(|key| key.key_id == id);
    found.ok_or_else(|| Refusal::not_found("signing key", id).into())
}
