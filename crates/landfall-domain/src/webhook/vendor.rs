//! The vendor's API that a webhook was made through, and what only that API knows about it.
//!
//! Everything else that such an API shows is read from what all webhooks have, so an edit through
//! one API is seen in every other.

use serde::{Deserialize, Serialize};

/// The API that a webhook was made through. That API lists no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "api", rename_all = "snake_case")]
pub enum Vendor {
    /// Qovery's, which knows nothing of its own.
    Qovery,
    /// Humanitec's.
    Humanitec(Job),
    /// Akinon's, which knows nothing of its own.
    Akinon,
}

/// What Humanitec knows about a webhook, which it calls a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The id that its maker chose, unique in the organization.
    pub id: String,
    /// What its maker calls the project.
    pub app_id: String,
    /// Its headers were sent as null, which is not the same as none to its clients.
    pub are_headers_null: bool,
    /// Its URL was sent without a scheme, and is shown so.
    pub is_url_bare: bool,
    /// Who made it.
    pub created_by: String,
}

impl Vendor {
    /// The word for the API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Qovery => "qovery",
            Self::Humanitec(_) => "humanitec",
            Self::Akinon => "akinon",
        }
    }

    /// The id that its maker chose, where the API lets it choose one.
    pub fn chosen_id(&self) -> Option<&str> {
        match self {
            Self::Humanitec(job) => Some(&job.id),
            Self::Qovery | Self::Akinon => None,
        }
    }

    /// What its maker calls the project that it was made in.
    pub fn app_id(&self) -> Option<&str> {
        match self {
            Self::Humanitec(job) => Some(&job.app_id),
            Self::Qovery | Self::Akinon => None,
        }
    }
}
