//! What the nouns of the settings have in common: a list with a form that makes one, and a page of
//! each with a form that edits it and one that ends it. A noun says only what is its own.

use std::fmt::Display;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::desk::{Answer, Desk, Filled, done, told};
use super::fields::invalid;
use super::frame::{Happened, Place, Told};
use super::part::Asked;
use crate::Dashboard;
use crate::answer::Trouble;

/// What ends a thing of a list.
pub(super) struct End {
    /// What a person does to it, which is the last part of its address too.
    pub verb: &'static str,
    /// What it is afterwards.
    pub done: &'static str,
}

/// A thing that is deleted leaves its history behind.
pub(super) const DELETE: End = End { verb: "delete", done: "deleted" };
/// A key that is revoked stays in the list.
pub(super) const REVOKE: End = End { verb: "revoke", done: "revoked" };
/// A person who is removed is gone from this organization only.
pub(super) const REMOVE: End = End { verb: "remove", done: "removed" };

/// A noun of the settings.
pub(super) trait Noun: 'static {
    /// Its list.
    const PLACE: &'static Place;
    /// How one of them ends.
    const END: End;
    /// What tells one from another in addresses.
    type Id: DeserializeOwned + Display + Send + Sync;
    /// What makes one, and what edits one.
    type Form: DeserializeOwned + Default + Send + Sync;

    /// The form for a new one before anything is typed.
    fn blank() -> Self::Form {
        Self::Form::default()
    }

    /// The page of the whole list.
    fn list(
        desk: &Desk,
        asked: &Asked,
        form: Self::Form,
        told: Told,
    ) -> impl Future<Output = Answer> + Send;

    /// The page of one; with the form as it was sent, if it was refused.
    fn show(
        desk: &Desk,
        id: &Self::Id,
        form: Option<Self::Form>,
        told: Told,
    ) -> impl Future<Output = Answer> + Send;

    /// Makes one; the answer leads on, or shows what is shown this once.
    fn make(desk: &Desk, form: &Self::Form) -> impl Future<Output = Answer> + Send;

    /// What must be typed to end one.
    fn name(desk: &Desk, id: &Self::Id)
    -> impl Future<Output = Result<String, EngineError>> + Send;

    /// Ends one.
    fn end(desk: &Desk, id: &Self::Id) -> impl Future<Output = Result<(), EngineError>> + Send;
}

/// A noun that can be edited.
pub(super) trait Edited: Noun {
    /// Makes one what the form says.
    fn edit(
        desk: &Desk,
        id: &Self::Id,
        form: &Self::Form,
    ) -> impl Future<Output = Result<(), EngineError>> + Send;
}

/// What the page of one thing is about.
pub(super) struct One {
    /// Its address.
    pub path: String,
    /// Its name, which must be typed to end it.
    pub name: String,
    /// What ends it; nothing once it has ended.
    pub verb: Option<&'static str>,
}

impl One {
    /// One that has not ended.
    pub(super) fn of<N: Noun>(id: &N::Id, name: &str) -> Self {
        Self { path: path::<N>(id), name: name.to_owned(), verb: Some(N::END.verb) }
    }
}

/// The address of one.
pub(super) fn path<N: Noun>(id: &N::Id) -> String {
    format!("{}/{id}", N::PLACE.path)
}

/// The routes of a noun.
pub(super) fn routes<N: Noun>() -> Router<Dashboard> {
    let one = format!("{}/{{id}}", N::PLACE.path);
    Router::new()
        .route(N::PLACE.path, get(list::<N>).post(make::<N>))
        .route(&one, get(show::<N>))
        .route(&format!("{one}/{}", N::END.verb), post(end::<N>))
}

/// The routes of a noun that can be edited.
pub(super) fn edited_routes<N: Edited>() -> Router<Dashboard> {
    let one = format!("{}/{{id}}", N::PLACE.path);
    routes::<N>().route(&one, post(edit::<N>))
}

async fn list<N: Noun>(
    desk: Desk,
    Query(asked): Query<Asked>,
    Query(happened): Query<Happened>,
) -> Answer {
    desk.require(N::PLACE.sees)?;
    N::list(&desk, &asked, N::blank(), happened.into()).await
}

async fn make<N: Noun>(Filled { desk, form }: Filled<N::Form>) -> Answer {
    desk.require(N::PLACE.edits)?;
    match N::make(&desk, &form).await {
        Err(why) => N::list(&desk, &Asked::default(), form, told(why)?).await,
        made => made,
    }
}

async fn show<N: Noun>(
    desk: Desk,
    Path(id): Path<N::Id>,
    Query(happened): Query<Happened>,
) -> Answer {
    desk.require(N::PLACE.sees)?;
    N::show(&desk, &id, None, happened.into()).await
}

async fn edit<N: Edited>(Path(id): Path<N::Id>, Filled { desk, form }: Filled<N::Form>) -> Answer {
    desk.require(N::PLACE.edits)?;
    match N::edit(&desk, &id, &form).await {
        Ok(()) => Ok(done(&path::<N>(&id), "saved")),
        Err(why) => N::show(&desk, &id, Some(form), told(why)?).await,
    }
}

/// What can't be undone asks for the name to be typed.
#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    name: String,
}

impl Typed {
    /// Refuses another name than that of what is meant.
    fn require(&self, name: &str) -> Result<(), Refusal> {
        if self.name.trim() == name.trim() {
            return Ok(());
        }
        Err(invalid("name", format!("must be typed as it is: {name}")))
    }
}

async fn end<N: Noun>(Path(id): Path<N::Id>, Filled { desk, form }: Filled<Typed>) -> Answer {
    desk.require(N::PLACE.edits)?;
    match ended::<N>(&desk, &id, &form).await {
        Ok(()) => Ok(done(N::PLACE.path, N::END.done)),
        Err(why) => N::show(&desk, &id, None, told(why)?).await,
    }
}

async fn ended<N: Noun>(desk: &Desk, id: &N::Id, typed: &Typed) -> Result<(), Trouble> {
    typed.require(&N::name(desk, id).await?)?;
    Ok(N::end(desk, id).await?)
}
