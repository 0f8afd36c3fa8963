//! What surrounds every page of the settings: the list of pages beside it, and what just happened.

use axum::http::StatusCode;
use landfall_domain::access::Scope;
use serde::Deserialize;

use super::SIDE;
use crate::session::SignedIn;

/// A page of the side list.
pub(super) struct Place {
    /// Its address.
    pub path: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What one of the things is called that it lists or shows.
    pub one: &'static str,
    /// What it takes to see it.
    pub sees: Scope,
    /// What it takes to send its forms.
    pub edits: Scope,
}

impl Place {
    /// A page that everybody reads, and managers edit.
    pub(super) const fn catalog(path: &'static str, name: &'static str, one: &'static str) -> Self {
        Self { path, name, one, sees: Scope::Read, edits: Scope::Manage }
    }

    /// A page for admins only.
    pub(super) const fn admin(path: &'static str, name: &'static str, one: &'static str) -> Self {
        Self { path, name, one, sees: Scope::Admin, edits: Scope::Admin }
    }
}

/// What happened before the page was asked for, as its address says.
#[derive(Deserialize)]
pub(super) struct Happened {
    #[serde(default)]
    done: String,
}

impl Happened {
    /// In a sentence. Only these are told: anyone can make an address.
    fn sentence(&self) -> Option<&'static str> {
        Some(match self.done.as_str() {
            "saved" => "Saved.",
            "made" => "Made.",
            "moved" => "Moved.",
            "deleted" => "Deleted.",
            "archived" => "Archived. A report brings it back.",
            "restored" => "Restored.",
            "revoked" => "Revoked. It opens nothing from now on.",
            "added" => "Added. They sign in with the password that they have already.",
            "removed" => "Removed. Their sessions here have ended.",
            "disabled" => "They can't sign in any more; their sessions have ended.",
            "enabled" => "They can sign in again.",
            "password" => "Your password is changed. Your other sessions have ended.",
            "ended" => "The session has ended.",
            "others-ended" => "Your other sessions have ended.",
            _ => return None,
        })
    }
}

/// What a page of the settings tells above its content.
pub(super) enum Told {
    /// What happened before.
    Done(Option<&'static str>),
    /// Why a form was refused.
    Wrong(String),
}

impl Told {
    /// Nothing: the page was only asked for.
    pub(super) const NOTHING: Self = Self::Done(None);

    /// A page that tells of a refused form is no good answer.
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Done(_) => StatusCode::OK,
            Self::Wrong(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Happened> for Told {
    fn from(happened: Happened) -> Self {
        Self::Done(happened.sentence())
    }
}

/// What surrounds every page of the settings.
pub(super) struct Frame {
    /// The page of the side list that it belongs to.
    pub place: &'static Place,
    /// What happened before.
    pub done: Option<&'static str>,
    /// Why the form was refused.
    pub wrong: Option<String>,
    /// Whether the viewer may send its forms.
    pub may_edit: bool,
    /// The pages that the viewer may see.
    pub side: Vec<&'static Place>,
}

impl Frame {
    /// The frame of a page as a viewer sees it.
    pub(super) fn of(viewer: &SignedIn, place: &'static Place, told: Told) -> Self {
        let may = |scope| viewer.caller.allows(scope);
        let (done, wrong) = match told {
            Told::Done(done) => (done, None),
            Told::Wrong(why) => (None, Some(why)),
        };
        let may_edit = may(place.edits);
        let side = SIDE.iter().copied().filter(|place| may(place.sees)).collect();
        Self { place, done, wrong, may_edit, side }
    }
}
