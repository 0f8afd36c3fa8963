//! What an organization may set about its own ledger.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// An organization's settings; the defaults are DESIGN §1 and §3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Refuse unknown projects, applications and environments instead of creating them.
    pub strict: bool,
    /// Refuse a deployment that names another commit than its version's build, instead of flagging.
    pub refuse_other_sha: bool,
    /// Hours without news after which an open build or deployment is stale; 1 to 8,760.
    pub stale_after_hours: u32,
    /// Days without reports after which a preview environment is archived; 0 never archives, at most 365.
    pub archive_previews_after_days: u32,
    /// More environments than this can't be made, archived and deleted ones not counted; without
    /// limit if none.
    pub environments_max: Option<u32>,
    /// More applications than this can't be made, deleted ones not counted; without limit if none.
    pub applications_max: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            strict: false,
            refuse_other_sha: false,
            stale_after_hours: 24,
            archive_previews_after_days: 14,
            environments_max: None,
            applications_max: None,
        }
    }
}

impl Settings {
    /// The longest time that either limit may be set to, in hours.
    pub const HOURS_MAX: u32 = 8_760;

    /// Refuses what is out of bounds, by name.
    pub fn check(&self) -> Result<(), Refusal> {
        let invalid =
            |field: &str, reason: String| Err(Refusal::Invalid { field: field.to_owned(), reason });
        if !(1..=Self::HOURS_MAX).contains(&self.stale_after_hours) {
            let reason = format!("must be from 1 to {}", Self::HOURS_MAX);
            return invalid("stale_after_hours", reason);
        }
        if self.archive_previews_after_days > Self::HOURS_MAX / 24 {
            let reason = format!("must be at most {}", Self::HOURS_MAX / 24);
            return invalid("archive_previews_after_days", reason);
        }
        Ok(())
    }

    /// [`Self::stale_after_hours`] as a duration.
    pub fn stale_after(&self) -> Duration {
        Duration::from_secs(u64::from(self.stale_after_hours) * 3600)
    }
}
