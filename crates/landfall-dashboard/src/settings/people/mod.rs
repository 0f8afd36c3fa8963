//! People: who may sign in to the organization, and what each may do.

mod verbs;

use askama::Template;
use axum::Router;
use landfall_domain::refusal::Refusal;
use landfall_domain::role::Role;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_domain::user::{Email, Member};
use landfall_engine::EngineError;
use landfall_engine::users::{MemberEdit, NewUser};
use serde::Deserialize;
use uuid::Uuid;

use super::desk::{Answer, Desk, done};
use super::fields::{invalid, optional, required};
use super::frame::{Frame, Place, Told};
use super::moment::{Moment, State};
use super::noun::{self, Edited, End, Noun, One, REMOVE};
use super::part::{Asked, Part};
use crate::Dashboard;
use crate::page::Page;

static PLACE: Place = Place::admin("/settings/people", "People", "person");

/// What each role may do, in words; the table itself is the domain's.
const ROLES: [(Role, &str); 4] = [
    (Role::Viewer, "looks at everything but secrets"),
    (Role::Reporter, "looks, and reports builds and deployments"),
    (Role::Manager, "looks, reports, edits, corrects and deletes"),
    (Role::Admin, "does everything: people, keys and settings too"),
];

/// People, as a noun of the settings.
pub(super) struct People;

/// The routes of people.
pub(super) fn routes() -> Router<Dashboard> {
    noun::edited_routes::<People>().merge(verbs::routes())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    /// Of a new person; a person's address stays.
    email: String,
    name: String,
    /// Empty where it stays.
    role: String,
}

impl Form {
    fn of(member: &Member) -> Self {
        let (email, name) = (member.user.email.to_string(), member.user.name.clone());
        Self { email, name, role: member.role.as_str().to_owned() }
    }

    fn role(&self) -> Result<Role, Refusal> {
        let words = ROLES.map(|(role, _)| role.as_str()).join(", ");
        Role::parse(&self.role).ok_or_else(|| invalid("role", format!("must be one of {words}")))
    }
}

/// A person, as they are shown.
struct Line {
    id: Uuid,
    email: String,
    name: String,
    role: &'static str,
    state: State,
    added: Moment,
    signed_in: Option<Moment>,
    password_changed_at: Timestamp,
    is_disabled: bool,
    is_own: bool,
}

impl Line {
    fn of(member: &Member, desk: &Desk) -> Self {
        let (user, now) = (&member.user, desk.now());
        Self {
            id: user.id.uuid(),
            email: user.email.to_string(),
            name: user.name.clone(),
            role: member.role.as_str(),
            state: state(member),
            added: Moment::of(member.added_at, now),
            signed_in: member.last_signed_in_at.map(|at| Moment::of(at, now)),
            password_changed_at: user.password_changed_at,
            is_disabled: user.disabled_at.is_some(),
            is_own: desk.caller().user() == Some(user.id),
        }
    }
}

fn state(member: &Member) -> State {
    let user = &member.user;
    let is_first = user.password_changed_at == user.created_at;
    match (user.disabled_at, user.has_initial_password) {
        (Some(_), _) => State::DISABLED,
        (None, true) if is_first => State::INVITED,
        (None, true) => State::RESET,
        (None, false) => State::ACTIVE,
    }
}

#[derive(Template)]
#[template(path = "settings/people.html")]
struct PeoplePage {
    page: Page,
    frame: Frame,
    part: Part<Line>,
    roles: &'static [(Role, &'static str)],
    form: Form,
}

#[derive(Template)]
#[template(path = "settings/person.html")]
struct PersonPage {
    page: Page,
    frame: Frame,
    one: One,
    person: Line,
    roles: &'static [(Role, &'static str)],
    form: Form,
}

#[derive(Template)]
#[template(path = "settings/password_made.html")]
struct PasswordPage {
    page: Page,
    frame: Frame,
    email: String,
    /// Whether it takes the place of another one.
    is_another: bool,
    text: String,
    url: String,
}

impl Noun for People {
    const PLACE: &'static Place = &PLACE;
    const END: End = REMOVE;
    type Id = Uuid;
    type Form = Form;

    /// What most people are added as.
    fn blank() -> Form {
        Form { role: Role::Viewer.as_str().to_owned(), ..Form::default() }
    }

    async fn list(desk: &Desk, asked: &Asked, form: Form, told: Told) -> Answer {
        let members = desk.engine.list_users(desk.caller()).await?;
        let mut lines: Vec<Line> = members.iter().map(|member| Line::of(member, desk)).collect();
        lines.retain(|line| asked.holds(&[&line.name, &line.email]));
        let (part, roles) = (asked.part(PLACE.path, lines), &ROLES);
        desk.show(&PLACE, told, |page, frame| PeoplePage { page, frame, part, roles, form }).await
    }

    async fn show(desk: &Desk, id: &Uuid, form: Option<Form>, told: Told) -> Answer {
        let member = find(desk, id).await?;
        let one = One::of::<Self>(id, member.user.email.as_str());
        let (person, roles) = (Line::of(&member, desk), &ROLES);
        let form = form.unwrap_or_else(|| Form::of(&member));
        let fill = |page, frame| PersonPage { page, frame, one, person, roles, form };
        desk.show(&PLACE, told, fill).await
    }

    /// Adds a person. Their password is in the answer and nowhere else; who is in another
    /// organization already has one.
    async fn make(desk: &Desk, form: &Form) -> Answer {
        let new = NewUser {
            email: Email::parse(&form.email).map_err(|why| invalid("email", why))?,
            name: optional::<255>("name", &form.name)?,
            role: form.role()?,
            password: None,
        };
        let email = new.email.to_string();
        let made = desk.engine.create_user(desk.caller(), new).await?;
        let Some(text) = made.password else { return Ok(done(PLACE.path, "added")) };
        let (is_another, url) = (false, desk.own_url.clone());
        let fill = |page, frame| PasswordPage { page, frame, email, is_another, text, url };
        desk.show(&PLACE, Told::NOTHING, fill).await
    }

    async fn name(desk: &Desk, id: &Uuid) -> Result<String, EngineError> {
        Ok(find(desk, id).await?.user.email.to_string())
    }

    async fn end(desk: &Desk, id: &Uuid) -> Result<(), EngineError> {
        desk.engine.remove_user(desk.caller(), &id.to_string()).await
    }
}

impl Edited for People {
    /// A name that stays is not sent: it is a person's everywhere, and then not ours to change.
    async fn edit(desk: &Desk, id: &Uuid, form: &Form) -> Result<(), EngineError> {
        let known = find(desk, id).await?.user.name;
        let name = required::<255>("name", &form.name).map(Text::into_string)?;
        let role = if form.role.is_empty() { None } else { Some(form.role()?) };
        let name = Some(name).filter(|name| *name != known);
        let edit = MemberEdit { role, name, ..MemberEdit::default() };
        desk.engine.edit_user(desk.caller(), &id.to_string(), edit).await.map(|_| ())
    }
}

async fn find(desk: &Desk, id: &Uuid) -> Result<Member, EngineError> {
    desk.engine.find_user(desk.caller(), &id.to_string()).await
}
