//! The release line of one application: how its versions are built and promoted, day by day.

use std::collections::BTreeMap;
use std::time::Duration;

use landfall_domain::report::Subject;
use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;

use super::calendar::{at, minutes};
use super::company::Application;
use super::dice::Dice;
use super::happening::{Deed, End, Happening, Job, Release, into};
use super::texts::{DEPLOYMENT_ERRORS, REGRETS};

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

    /// The first day: the application comes to Landfall, and goes everywhere.
    pub(super) fn launch(&mut self, begin: Timestamp) {
        let Some(mut time) = self.rehearse(begin) else { return };
        let Some((_, release)) = self.tested.clone() else { return };
        for environment in self.productions() {
            let Some(end) = self.promote(environment, &release, time + minutes(4), Luck::Good)
            else {
                return;
            };
            time = end;
        }
    }

    /// Builds a release that goes as far as staging without trouble; when it is there.
    pub(super) fn rehearse(&mut self, begin: Timestamp) -> Option<Timestamp> {
        let (mut time, release) = self.build_well(begin)?;
        for environment in ["development", "testing", "staging"] {
            time = self.promote(environment, &release, time + minutes(1), Luck::Good)?;
        }
        self.tested = Some((time, release));
        Some(time)
    }

    /// An ordinary working day.
    pub(super) fn work(&mut self, day: i64) {
        if self.dice.per_mille(620) && super::calendar::weekday(day) < 4 {
            let minute = self.minute(9 * 60 + 20, 11 * 60 + 30);
            self.release(at(day, minute));
        }
        if self.dice.per_mille(18) {
            let minute = self.minute(15 * 60 + 20, 16 * 60 + 40);
            self.fix_production(at(day, minute));
        }
        for (often, first, last) in [(450, 8 * 60 + 5, 10 * 60 + 40), (330, 12 * 60 + 40, 15 * 60)]
        {
            if self.dice.per_mille(often) {
                let minute = self.minute(first, last);
                self.develop(at(day, minute));
            }
        }
        if self.dice.per_mille(720) {
            let minute = self.minute(15 * 60 + 50, 17 * 60);
            self.stage(at(day, minute));
        }
    }

    fn minute(&mut self, first: u64, last: u64) -> i64 {
        self.dice.between(first, last).cast_signed()
    }

    /// A change is merged: built, deployed to development, then tested.
    fn develop(&mut self, time: Timestamp) {
        let Some((time, release)) = self.build(time) else { return };
        let time = time + Duration::from_secs(20);
        let Some(time) = self.promote("development", &release, time, Luck::Usual) else { return };
        let time = time + Duration::from_secs(30);
        if let Some(end) = self.promote("testing", &release, time, Luck::Usual) {
            self.tested = Some((end, release));
        }
    }

    /// What passed testing goes to staging.
    fn stage(&mut self, time: Timestamp) {
        let Some((tested_at, tested)) = self.tested.clone() else { return };
        if self.is_newer(&tested, "staging") {
            self.promote("staging", &tested, time.max(tested_at + minutes(3)), Luck::Usual);
        }
    }

    /// What was rehearsed in staging goes to production, and stays if nobody regrets it.
    fn release(&mut self, time: Timestamp) {
        let Some(staged) = self.running.get("staging").cloned() else { return };
        let before = self.running.get("production").cloned();
        let is_regretted = self.regretted == Some(staged.number);
        if is_regretted || !self.is_newer(&staged, "production") {
            return;
        }
        let Some(end) = self.promote("production", &staged, time, Luck::Usual) else { return };
        if let Some(before) = before.filter(|_| self.dice.per_mille(45)) {
            let reason = *self.dice.pick(&REGRETS);
            let time = end + minutes(self.dice.between(25, 80));
            self.roll_back("production", &before, reason, time);
            self.regretted = Some(staged.number);
        } else if self.application.is_in_us && self.dice.per_mille(850) {
            let time = end + minutes(self.dice.between(90, 160));
            self.promote("production-us", &staged, time, Luck::Usual);
        }
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
    fn roll_back(
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
