//! The release line of one application: how deployments go, and what runs where after them.

use std::collections::BTreeMap;
use std::time::Duration;

use landfall_domain::report::Subject;
use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;

use super::calendar::minutes;
use super::company::Application;
use super::dice::Dice;
use super::happening::{Deed, End, Happening, Job, Release, into};
use super::texts::DEPLOYMENT_ERRORS;

/// How the deployment of a release went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Luck {
    /// As it falls.
    Usual,
    /// It goes well.
    Good,
}

/// One application's part of the story, as far as it is told.
pub(super) struct Line {
    pub application: &'static Application,
    pub dice: Dice,
    /// Nothing that ends later is told.
    pub until: Timestamp,
    /// What was told so far, not in order.
    pub told: Vec<Happening>,
    /// Builds so far.
    pub builds: u64,
    /// Commits so far.
    pub commits: u64,
    /// The version's numbers.
    pub version: (u64, u64, u64),
    /// What runs in each environment.
    pub running: BTreeMap<&'static str, Release>,
    /// Everything that was built, with the time.
    pub built: Vec<(Timestamp, Release)>,
    /// The last release that passed testing, and when.
    pub tested: Option<(Timestamp, Release)>,
    /// The release that was rolled back last; nobody tries it again.
    pub regretted: Option<u64>,
    /// The next commit repairs something.
    pub is_broken: bool,
}

impl Line {
    /// A line of which nothing is told yet.
    pub(super) fn new(application: &'static Application, dice: Dice) -> Self {
        let (major, minor) = application.first;
        Self {
            application,
            dice,
            until: Timestamp::MAX,
            told: Vec::new(),
            builds: 300 + major * 211 + minor * 7,
            commits: minor,
            version: (major, minor, 0),
            running: BTreeMap::new(),
            built: Vec::new(),
            tested: None,
            regretted: None,
            is_broken: false,
        }
    }

    /// The environments that hold customers.
    pub(super) fn productions(&self) -> &'static [&'static str] {
        if self.application.is_in_us { &["production", "production-us"] } else { &["production"] }
    }

    /// The last release that had been built by then.
    pub(super) fn known_at(&self, time: Timestamp) -> Option<&Release> {
        self.built.iter().rev().find(|(built, _)| *built < time).map(|(_, release)| release)
    }

    /// Whether a release is newer than what runs in an environment.
    pub(super) fn is_newer(&self, release: &Release, environment: &str) -> bool {
        self.running.get(environment).is_none_or(|running| release.number > running.number)
    }

    /// Deploys a release to an environment, again or back where it fails; when it is there.
    pub(super) fn promote(
        &mut self,
        environment: &'static str,
        release: &Release,
        time: Timestamp,
        luck: Luck,
    ) -> Option<Timestamp> {
        let job = self.deployment(environment, release, time);
        let end = if luck == Luck::Good { End::Completed } else { self.fate() };
        let ended = self.deploy(&job, environment, time, end)?;
        if end == End::Completed {
            self.running.insert(environment, release.clone());
            return Some(ended);
        }
        let before = self.running.get(environment).cloned();
        let is_production = environment.starts_with("production");
        if let Some(before) = before.filter(|_| is_production && end != End::Aborted) {
            let reason = format!("deployment of {} failed", release.version);
            let again = ended + minutes(self.dice.between(2, 7));
            self.roll_back(environment, &before, &reason, again);
            return None;
        }
        if self.dice.per_mille(200) {
            // The next change repairs it.
            self.is_broken = true;
            return None;
        }
        // Somebody presses the button again, so it is the same CI run.
        let again = ended + minutes(self.dice.between(8, 22));
        let ended = self.deploy(&job, environment, again, End::Completed)?;
        self.running.insert(environment, release.clone());
        Some(ended)
    }

    fn fate(&mut self) -> End {
        match self.dice.between(0, 999) {
            0..=79 => {
                let (code, message) = *self.dice.pick(&DEPLOYMENT_ERRORS);
                End::Failed(code, message)
            }
            80..=99 => End::Aborted,
            _ => End::Completed,
        }
    }

    /// Deploys what ran before; the next change repairs what was wrong.
    pub(super) fn roll_back(
        &mut self,
        environment: &'static str,
        before: &Release,
        reason: &str,
        time: Timestamp,
    ) {
        let description = format!("Roll back to {}: {reason}", before.version);
        let job =
            Job { description: Some(description), ..self.deployment(environment, before, time) };
        if self.deploy(&job, environment, time, End::Completed).is_some() {
            self.running.insert(environment, before.clone());
            self.is_broken = true;
        }
    }

    /// A deployment as CI knows it.
    pub(super) fn deployment(
        &mut self,
        environment: &str,
        release: &Release,
        time: Timestamp,
    ) -> Job {
        let is_automatic = matches!(environment, "development" | "testing");
        let invoke_id = if is_automatic { release.invoke_id.clone() } else { self.run_id(time) };
        let people = self.application.team.people;
        let is_release = environment.starts_with("production");
        let description = format!("Release {}: {}", release.version, release.subject());
        Job {
            application: self.application,
            subject: into(environment, ""),
            invoke_id,
            actor: if is_automatic { release.author } else { self.dice.pick(people) },
            description: is_release.then_some(description),
            release: release.clone(),
        }
    }

    /// A CI run's number; later ones are higher.
    pub(super) fn run_id(&mut self, time: Timestamp) -> String {
        let seconds = time.as_micros() / 1_000_000 - 1_700_000_000;
        format!("{}{:02}", seconds, self.dice.between(0, 99))
    }

    /// Runs a deployment in every target of the environment, one after another, until one does not
    /// complete; when the last one ended.
    fn deploy(
        &mut self,
        job: &Job,
        environment: &str,
        time: Timestamp,
        end: End,
    ) -> Option<Timestamp> {
        let targets = self.targets(environment);
        let mut time = time;
        for target in targets {
            let job = Job { subject: into(environment, target), ..job.clone() };
            let seconds = self.seconds(environment);
            time = self.run(&job, time, seconds, end)? + minutes(1);
            if end != End::Completed {
                break;
            }
        }
        Some(time)
    }

    /// The parts of an environment that the application runs in.
    pub(super) fn targets(&self, environment: &str) -> &'static [&'static str] {
        let is_divided = matches!(environment, "staging" | "production");
        if is_divided { self.application.targets } else { &[""] }
    }

    fn seconds(&mut self, environment: &str) -> u64 {
        match environment {
            "testing" => self.dice.between(70, 240),
            "staging" => self.dice.between(90, 300),
            "production" | "production-us" => self.dice.between(150, 540),
            _ => self.dice.between(35, 110),
        }
    }

    /// Tells a whole job; when it ended, unless that is still to come.
    pub(super) fn run(
        &mut self,
        job: &Job,
        time: Timestamp,
        seconds: u64,
        end: End,
    ) -> Option<Timestamp> {
        // No machine begins on the minute.
        let micros = Duration::from_micros(self.dice.between(0, 59_999_999));
        let started = time + micros;
        let ended = started + Duration::from_secs(seconds) + micros / 64;
        if ended > self.until {
            return None;
        }
        let often_waiting = if job.subject == Subject::Build { 650 } else { 250 };
        if self.dice.per_mille(often_waiting) {
            let waiting = Duration::from_millis(self.dice.between(2_000, 45_000));
            self.tell(started - waiting, Deed::Report(Box::new(job.begin(Status::Pending))));
        }
        self.tell(started, Deed::Report(Box::new(job.begin(Status::Started))));
        self.tell(ended, Deed::Report(Box::new(job.end(end))));
        Some(ended)
    }

    pub(super) fn tell(&mut self, at: Timestamp, deed: Deed) {
        self.told.push(Happening { at, deed });
    }
}
