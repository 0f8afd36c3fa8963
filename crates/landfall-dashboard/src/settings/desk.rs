//! Who asks for a page of the settings, and the engine that is asked: what every page begins with.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use landfall_domain::access::Scope;
use landfall_domain::catalog::Catalog;
use landfall_domain::command::Command;
use landfall_domain::refusal::Refusal;
use landfall_domain::time::Timestamp;
use landfall_engine::{Caller, Engine, EngineError};
use serde::de::DeserializeOwned;

use super::frame::{Frame, Place, Told};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::board::own_url;
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

/// What a handler of the settings answers.
pub(super) type Answer = Result<Response, Trouble>;

/// Who asks, and whom.
pub(super) struct Desk {
    pub engine: Engine,
    pub viewer: SignedIn,
    /// Where the viewer's browser finds this server.
    pub own_url: String,
}

impl FromRequestParts<Dashboard> for Desk {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Self, Trouble> {
        let viewer = SignedIn::from_request_parts(parts, dashboard).await?;
        let (engine, own_url) = (dashboard.engine.clone(), own_url(&parts.headers));
        Ok(Self { engine, viewer, own_url })
    }
}

/// A form that a page of the settings made, and the desk of whoever sent it.
pub(super) struct Filled<T> {
    pub desk: Desk,
    pub form: T,
}

impl<T: DeserializeOwned> FromRequest<Dashboard> for Filled<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, dashboard: &Dashboard) -> Result<Self, Trouble> {
        let (engine, own_url) = (dashboard.engine.clone(), own_url(request.headers()));
        let Sent { viewer, form } = Sent::from_request(request, dashboard).await?;
        Ok(Self { desk: Desk { engine, viewer, own_url }, form })
    }
}

impl Desk {
    pub(super) fn caller(&self) -> &Caller {
        &self.viewer.caller
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.ambient().now()
    }

    /// Refuses a viewer who may not do what needs `scope`.
    pub(super) fn require(&self, scope: Scope) -> Result<(), EngineError> {
        self.caller().require(scope)
    }

    /// The nouns of the organization.
    pub(super) async fn catalog(&self) -> Result<Arc<Catalog>, EngineError> {
        self.engine.catalog(self.caller()).await
    }

    /// Changes a noun of the organization.
    pub(super) async fn manage(&self, command: Command) -> Result<(), EngineError> {
        self.engine.manage(self.caller(), command).await.map(|_| ())
    }

    /// Shows a page within its frame.
    pub(super) async fn show<T: Template>(
        &self,
        place: &'static Place,
        told: Told,
        fill: impl FnOnce(Page, Frame) -> T,
    ) -> Answer {
        let sequence = self.engine.log_head(self.caller()).await?;
        let status = told.status();
        let page = Page::new(&self.viewer, "/settings", sequence);
        let frame = Frame::of(&self.viewer, place, told);
        Ok((status, html(&fill(page, frame))).into_response())
    }
}

/// Leads on to a page that says what was done.
pub(super) fn done(path: &str, word: &str) -> Response {
    Redirect::to(&format!("{path}?done={word}")).into_response()
}

/// What a form that was refused is told; other trouble is not the form's.
pub(super) fn told(trouble: impl Into<Trouble>) -> Result<Told, Trouble> {
    match trouble.into() {
        Trouble::Engine(EngineError::Refused(why)) => Ok(Told::Wrong(in_words(&why))),
        other => Err(other),
    }
}

/// A refusal as people read it: a field is called as its label is, not as the API calls it.
fn in_words(why: &Refusal) -> String {
    match why {
        Refusal::Invalid { field, reason } => format!("{} {reason}.", field.replace('_', " ")),
        other => format!("{other}."),
    }
}
