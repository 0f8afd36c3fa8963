//! One deployment as a line of a list.

use std::time::Duration;

use landfall_domain::time::Timestamp;
use landfall_engine::history::{KnownDeployment, Moment};
use uuid::Uuid;

use super::words::{STALE, Sign, VOIDED, clock, day_in_words, lasted, sign, who};
use crate::filters::age;

/// A deployment as it is listed.
pub(super) struct Line {
    pub id: Uuid,
    pub sign: Sign,
    pub project: String,
    pub application: String,
    pub application_id: Uuid,
    pub version: String,
    pub version_id: Uuid,
    pub environment: String,
    pub environment_id: Uuid,
    pub target: String,
    pub who: String,
    pub at: Timestamp,
    pub clock: String,
    pub age: String,
    pub lasted: String,
    /// The day, where it is another one than that of the line before.
    pub heading: Option<String>,
}

impl Line {
    fn of(known: &KnownDeployment, moment: Moment, now: Timestamp) -> Self {
        let view = &known.view;
        let run = &view.run;
        let took =
            run.ended_at.map_or_else(|| now.since(run.began_at), |end| end.since(run.began_at));
        let is_timed = took > Duration::ZERO;
        Self {
            id: run.id,
            sign: sign_of(known, moment, now),
            project: view.project.name.clone(),
            application: view.application.name.clone(),
            application_id: view.application.id,
            version: view.version.name.clone(),
            version_id: view.version.id,
            environment: view.environment.code.clone(),
            environment_id: view.environment.id,
            target: view.target.clone(),
            who: run.actor.as_ref().and_then(who).unwrap_or_default().to_owned(),
            at: run.began_at,
            clock: clock(run.began_at),
            age: age(run.began_at, now),
            lasted: if is_timed { lasted(took) } else { String::new() },
            heading: None,
        }
    }
}

/// How a deployment stands: voided and stale are said before its status.
pub(super) fn sign_of(known: &KnownDeployment, moment: Moment, now: Timestamp) -> Sign {
    let run = &known.view.run;
    let is_silent = now.since(known.run.news_at()) > moment.stale_after;
    match run.status {
        _ if run.voided.is_some() => VOIDED,
        status if !status.is_terminal() && is_silent => STALE,
        status => sign(status),
    }
}

/// Deployments as lines.
pub(super) fn lines(found: &[KnownDeployment], moment: Moment, now: Timestamp) -> Vec<Line> {
    found.iter().map(|known| Line::of(known, moment, now)).collect()
}

/// The same with days as headings.
pub(super) fn lines_by_day(found: &[KnownDeployment], moment: Moment, now: Timestamp) -> Vec<Line> {
    let mut lines = lines(found, moment, now);
    let mut before = String::new();
    for line in &mut lines {
        let day = day_in_words(line.at, now);
        if day != before {
            line.heading = Some(day.clone());
            before = day;
        }
    }
    lines
}
