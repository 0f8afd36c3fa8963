//! What reads the bodies, for fuzzing.

use landfall_domain::report::Report;
use landfall_engine::webhooks::NewWebhook;

use super::report::{BuildBody, DeploymentBody, read};
use super::webhooks;
use crate::shared::rejection::Rejection;

/// What reads the body of a report: of a deployment, and of a build.
pub const READERS: [fn(&[u8]) -> Result<Report, Rejection>; 2] =
    [read::<DeploymentBody>, read::<BuildBody>];

/// What reads the body of a webhook to be made.
pub const WEBHOOK_READER: fn(&[u8]) -> Result<NewWebhook, Rejection> = webhooks::parse;
