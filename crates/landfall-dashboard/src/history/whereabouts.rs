//! Where a version is now, and how it stands to what runs elsewhere.

use landfall_domain::id::ApplicationId;
use landfall_domain::time::Timestamp;
use landfall_domain::view::StandingView;
use landfall_engine::board::{Board, Place};
use uuid::Uuid;

use super::words::Sign;
use crate::filters::age;

const LIVE: Sign = Sign { shape: "●", word: "live", class: "completed" };
const ON_ITS_WAY: Sign = Sign { shape: "◐", word: "on its way", class: "started" };
const OVERTAKEN: Sign = Sign { shape: "▲", word: "newer runs", class: "aborted" };
const NOT_YET: Sign = Sign { shape: "○", word: "not yet", class: "pending" };

/// How a version stands in one part of an environment.
pub(super) struct Whereabout {
    pub sign: Sign,
    pub environment: String,
    pub environment_id: Uuid,
    pub target: String,
    /// What runs there.
    pub version: String,
    /// By which deployment.
    pub deployment: Uuid,
    pub at: Timestamp,
    pub age: String,
}

/// Where a version of an application is, in the order of promotion. Ids of versions sort by time.
pub(super) fn whereabouts(
    board: &Board,
    application: ApplicationId,
    version: Uuid,
    now: Timestamp,
) -> Vec<Whereabout> {
    let Some(row) = board.row(application) else { return Vec::new() };
    let places = board
        .cells(row)
        .flat_map(|(environment, cell)| cell.places.iter().map(move |place| (environment, place)));
    let found = places.filter_map(|(environment, place)| {
        let (sign, standing) = stands(place, version)?;
        Some(Whereabout {
            sign,
            environment: environment.code.to_string(),
            environment_id: environment.id.uuid(),
            target: place.target.clone(),
            version: standing.version.clone(),
            deployment: standing.deployment_id,
            at: standing.at,
            age: age(standing.at, now),
        })
    });
    found.collect()
}

fn stands(place: &Place, version: Uuid) -> Option<(Sign, &StandingView)> {
    let (current, open) = (place.view.current.as_ref(), place.view.in_progress.as_ref());
    if let Some(open) = open.filter(|open| open.version_id == version) {
        return Some((ON_ITS_WAY, open));
    }
    let current = current?;
    let sign = match current.version_id.cmp(&version) {
        std::cmp::Ordering::Equal => LIVE,
        std::cmp::Ordering::Greater => OVERTAKEN,
        std::cmp::Ordering::Less => NOT_YET,
    };
    Some((sign, current))
}
