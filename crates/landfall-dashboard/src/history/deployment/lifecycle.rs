//! The lifecycle of a deployment: its steps, and how long each took.

use std::time::Duration;

use landfall_domain::run::Entry;
use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;
use landfall_engine::story::DeploymentStory;

use super::super::line::sign_of;
use super::super::words::{STALE, Sign, VOIDED, instant, lasted, sign};

/// A report that came so much later than what it tells is said to be late.
const LATE: Duration = Duration::from_mins(10);

/// One step.
pub(super) struct Step {
    pub sign: Sign,
    pub at: Timestamp,
    pub instant: String,
    pub who: Option<String>,
    /// What is odd about it, or its reason.
    pub remark: Option<String>,
    /// How long it took to the next one.
    pub after: Option<String>,
}

impl Step {
    fn new(sign: Sign, at: Timestamp) -> Self {
        Self { sign, at, instant: instant(at), who: None, remark: None, after: None }
    }

    fn of(entry: &Entry) -> Self {
        let facts = &entry.facts;
        let who = facts.actor.as_ref().or(facts.actor_name.as_ref());
        let delay = entry.arrived_at.since(entry.at);
        Self {
            who: who.or(facts.actor_email.as_ref()).cloned(),
            remark: (delay > LATE).then(|| format!("reported {} later", lasted(delay))),
            ..Self::new(sign(entry.status), entry.at)
        }
    }
}

/// The steps, oldest first; repeats of a status are left out.
pub(super) fn steps(story: &DeploymentStory, now: Timestamp) -> Vec<Step> {
    let run = &story.known.run;
    let mut steps: Vec<Step> = Vec::new();
    let told_first = run.entries().first().map(|entry| entry.at);
    if told_first.is_some_and(|at| run.began_at() < at) {
        steps.push(Step::new(sign(Status::Started), run.began_at()));
    }
    for entry in run.entries() {
        let step = Step::of(entry);
        if steps.last().is_none_or(|last| last.sign != step.sign) {
            steps.push(step);
        }
    }
    if let Some(voided) = &story.known.view.run.voided {
        let mut step = Step::new(VOIDED, voided.at);
        step.who = Some(voided.by.clone());
        step.remark.clone_from(&voided.reason);
        steps.push(step);
    }
    time_between(&mut steps);
    follow_up(&mut steps, story, now);
    steps
}

fn time_between(steps: &mut [Step]) {
    let times: Vec<Timestamp> = steps.iter().map(|step| step.at).collect();
    for (step, next) in steps.iter_mut().zip(times.iter().skip(1)) {
        let took = next.since(step.at);
        step.after = (took > Duration::ZERO).then(|| lasted(took));
    }
}

/// What goes on says for how long; what went silent says since when.
fn follow_up(steps: &mut [Step], story: &DeploymentStory, now: Timestamp) {
    let is_open = !story.known.view.run.status.is_terminal();
    let Some(last) = steps.last_mut().filter(|_| is_open) else { return };
    let silent = now.since(story.known.run.news_at());
    last.after = Some(if sign_of(&story.known, story.moment, now) == STALE {
        format!("nothing heard for {}: stale", lasted(silent))
    } else {
        format!("{} so far", lasted(now.since(last.at)))
    });
}
