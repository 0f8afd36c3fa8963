//! What happened at the company in the last two months, up to this minute.
//!
//! The story is pure: the same moment and seed give the same one.

use std::sync::Arc;

use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;

use super::calendar::{at, at_work, day_of, hours, is_working_day, minutes};
use super::company::{APPLICATIONS, Application, Ending, Environment, OLD_PREVIEW, PREVIEW};
use super::dice::Dice;
use super::happening::{Deed, End, Happening, Job, into};
use super::line::Line;

/// What the demo's dice begin with.
pub(super) const SEED: u64 = 20_260_911;
/// So that the first working day lies 60 days back or more.
const DAYS: i64 = 63;
/// What is told has ended so long before now.
const QUIET_MINUTES: u64 = 6;

/// Webhooks are that old: there is a working day since then, and none failed long enough to be
/// disabled.
const CONNECTED_HOURS: u64 = 4 * 24;

/// When the story begins, before anything is reported.
pub(super) fn begin(now: Timestamp) -> Timestamp {
    at(day_of(now) - DAYS, 7 * 60)
}

/// Everything that happened, in order.
pub(super) fn tell(now: Timestamp, seed: u64) -> Vec<Happening> {
    let mut told = Vec::new();
    for (index, application) in (0..).zip(&APPLICATIONS) {
        let line = Line::new(application, Dice::new(seed.wrapping_add(index)));
        told.extend(tell_line(line, index.cast_signed(), now));
    }
    told.push(Happening { at: now - hours(20 * 24), deed: Deed::Tidy });
    told.push(Happening { at: now - hours(CONNECTED_HOURS), deed: Deed::Connect });
    told.push(Happening { at: at_work(now - hours(26)), deed: Deed::Pause });
    told.sort_by_key(|happening| happening.at);
    told
}

fn tell_line(mut line: Line, index: i64, now: Timestamp) -> Vec<Happening> {
    let end = now - minutes(QUIET_MINUTES);
    let last_act = last_act(line.application.ending, now);
    line.until = last_act.map_or(end, |at| at - hours(2));
    let mut days = (day_of(begin(now))..=day_of(now)).filter(|day| is_working_day(*day));
    if let Some(first) = days.next() {
        line.launch(at(first, 8 * 60 + index * 13));
    }
    for day in days {
        line.work(day);
    }
    line.until = end;
    if let Some(at) = last_act {
        line.end(at, now);
    }
    line.add_incidents(now);
    line.told
}

/// When the last act of an ending begins.
fn last_act(ending: Ending, now: Timestamp) -> Option<Timestamp> {
    let ago = match ending {
        Ending::Usual => return None,
        Ending::Hotfix => 21,
        Ending::InProgress | Ending::Failed => 4,
        Ending::Dead => 49,
    };
    Some(at_work(now - hours(ago)))
}

impl Line {
    /// Tells the last act: what a person should see when looking at the demo.
    fn end(&mut self, time: Timestamp, now: Timestamp) {
        match self.application.ending {
            Ending::Usual => {}
            Ending::Hotfix => {
                self.rehearse(time);
                self.fix_production(time + minutes(60));
            }
            Ending::InProgress => {
                self.rehearse(time);
                self.begin_release(now);
            }
            Ending::Failed => {
                self.rehearse(time);
                self.fail_release(time + minutes(65));
            }
            Ending::Dead => self.die_in_testing(time),
        }
    }

    fn begin_release(&mut self, now: Timestamp) {
        let Some(staged) = self.running.get("staging").cloned() else { return };
        let job = self.deployment("production", &staged, now);
        self.tell(now - minutes(4), Deed::Report(Box::new(job.begin(Status::Pending))));
        self.tell(now - minutes(3), Deed::Report(Box::new(job.begin(Status::Started))));
    }

    fn fail_release(&mut self, time: Timestamp) {
        let Some(staged) = self.running.get("staging").cloned() else { return };
        let job = self.deployment("production", &staged, time);
        let message = "migration 0057_shelf_levels: canceling statement due to lock timeout";
        self.run(&job, time, 611, End::Failed("MIGRATION", message));
    }

    fn die_in_testing(&mut self, time: Timestamp) {
        let Some((built, release)) = self.build_well(time) else { return };
        let job = self.deployment("testing", &release, built);
        self.tell(built + minutes(1), Deed::Report(Box::new(job.begin(Status::Started))));
    }

    /// Tells what happens to one application only.
    fn add_incidents(&mut self, now: Timestamp) {
        match self.application.name {
            "mobile-api" => self.move_a_tag(at_work(now - hours(20))),
            "carrier-gateway" => self.report_by_mistake(at_work(now - hours(4 * 24))),
            "product-catalog" => {
                self.preview(
                    &PREVIEW,
                    "feature/faceted-search",
                    [72, 45, 26, 3].map(|h| now - hours(h)),
                );
            }
            "search" => self.misspell_a_status(at_work(now - hours(50))),
            "identity" => self.forget_the_version(at_work(now - hours(9))),
            "web-shop" => {
                self.preview(
                    &OLD_PREVIEW,
                    "feature/guest-checkout",
                    [960, 936, 900, 864].map(|h| now - hours(h)),
                );
            }
            _ => {}
        }
    }

    /// A change gets an environment of its own, which follows it for a while.
    fn preview(&mut self, environment: &'static Environment, branch: &str, times: [Timestamp; 4]) {
        let mut times = times.map(at_work).to_vec();
        times.dedup();
        self.tell(times[0] - minutes(5), Deed::Create(environment));
        for time in times {
            self.show(environment.code, branch, time);
        }
    }

    /// Somebody moved a tag, so CI builds a known version from another commit.
    fn move_a_tag(&mut self, time: Timestamp) {
        let Some(mut release) = self.known_at(time - hours(24)).cloned() else { return };
        release.sha = self.dice.sha();
        release.invoke_id = self.run_id(time);
        let job = Job {
            application: self.application,
            subject: landfall_domain::report::Subject::Build,
            invoke_id: release.invoke_id.clone(),
            actor: release.author,
            description: None,
            release,
        };
        let body = body_of(self.application, &job);
        self.tell(time, Deed::Mistake(Box::new(job.end(End::Completed)), body));
    }

    /// A script that somebody wrote uses a word of its own.
    fn misspell_a_status(&mut self, time: Timestamp) {
        let Err(why) = Status::parse("rolled_out") else { return };
        let body = r#"{"product_name":"search","version":"3.4.1","environment_name":"staging","status":"rolled_out"}"#;
        let detail = format!("Field 'status' is wrong: {why}");
        self.tell(time, Deed::Slip { code: "invalid_field", detail, body });
    }

    /// A pipeline's variable was empty.
    fn forget_the_version(&mut self, time: Timestamp) {
        let body = r#"{"product_name":"identity","environment_name":"testing","status":"started"}"#;
        let detail = "Field 'version' is required".to_owned();
        self.tell(time, Deed::Slip { code: "invalid_field", detail, body });
    }

    /// Somebody reports a deployment by hand that never happened, and takes it back.
    fn report_by_mistake(&mut self, time: Timestamp) {
        let Some(release) = self.known_at(time).cloned() else { return };
        let source_id = "by-hand-1".to_owned();
        let mut job = self.deployment("production", &release, time);
        job.subject = into("production", self.targets("production")[0]);
        let mut report = job.end(End::Completed);
        report.key.source_id = Some(source_id.clone());
        let facts = Arc::make_mut(&mut report.facts);
        facts.source_system = Some("by hand".to_owned());
        facts.url = None;
        self.tell(time, Deed::Report(Box::new(report)));
        let reason = "Reported from a laptop while trying the CLI; nothing was deployed";
        self.tell(time + minutes(22), Deed::Void { source_id, reason });
    }
}

/// A build's body as Versioner's action sends it.
fn body_of(application: &Application, job: &Job) -> String {
    format!(
        "{{\"product_name\":\"{}\",\"version\":\"{}\",\"status\":\"completed\",\
         \"source_system\":\"{}\",\"scm_sha\":\"{}\",\"scm_branch\":\"{}\",\
         \"invoke_id\":\"{}\",\"built_by\":\"{}\"}}",
        application.name,
        job.release.version,
        application.project.source_system,
        job.release.sha.as_str(),
        job.release.branch,
        job.invoke_id,
        job.actor.login,
    )
}
