//! How an application's versions are built: commits, numbers, failures and cancellations.

use std::time::Duration;

use landfall_domain::facts::Commit;
use landfall_domain::report::Subject;
use landfall_domain::time::Timestamp;

use super::calendar::{hours, minutes};
use super::happening::{End, Job, Release};
use super::line::{Line, Luck};
use super::texts::{BUILD_ERRORS, CHORES, HOTFIXES, SUBJECTS};

impl Line {
    /// Builds what was merged, again where that fails or is overtaken; when it was built.
    pub(super) fn build(&mut self, time: Timestamp) -> Option<(Timestamp, Release)> {
        let mut time = time;
        loop {
            let (code, message) = *self.dice.pick(&BUILD_ERRORS);
            let (end, pause) = match self.dice.between(0, 999) {
                0..=64 => (End::Failed(code, message), self.dice.between(15, 40)),
                65..=99 => (End::Aborted, self.dice.between(1, 3)),
                _ => (End::Completed, 0),
            };
            let release = self.next_release(time);
            let ended = self.run_build(&release, time, end)?;
            match end {
                End::Completed => return Some((ended, release)),
                End::Failed(..) => self.is_broken = true,
                End::Aborted => {}
            }
            time = ended + minutes(pause);
        }
    }

    /// Builds without trouble.
    pub(super) fn build_well(&mut self, time: Timestamp) -> Option<(Timestamp, Release)> {
        let release = self.next_release(time);
        self.run_build(&release, time, End::Completed).map(|ended| (ended, release))
    }

    /// Repairs what runs in production, past staging.
    pub(super) fn fix_production(&mut self, time: Timestamp) -> Option<Timestamp> {
        let broken = self.running.get("production")?.clone();
        let subject = format!("Hotfix: {}", self.dice.pick(&HOTFIXES));
        let mut release = self.next_release(time);
        let number = broken
            .version
            .split_once("-hotfix.")
            .map_or(1, |(_, number)| number.parse::<u64>().map_or(1, |number| number + 1));
        let stem = broken.version.split("-hotfix.").next().unwrap_or_default();
        release.version = format!("{stem}-hotfix.{number}");
        release.branch = format!("hotfix/{stem}");
        release.commits.truncate(1);
        for commit in &mut release.commits {
            commit.message = Some(subject.clone());
        }
        let mut time = self.run_build(&release, time, End::Completed)?;
        for environment in self.productions() {
            time = self.promote(environment, &release, time + minutes(3), Luck::Good)?;
        }
        Some(time)
    }

    /// Builds and deploys a change to a preview of its own.
    pub(super) fn show(&mut self, code: &'static str, branch: &str, time: Timestamp) {
        let mut release = self.next_release(time);
        branch.clone_into(&mut release.branch);
        let sha: String = release.sha.as_str().chars().take(7).collect();
        release.version = format!("{code}-{sha}");
        let Some(built) = self.run_build(&release, time, End::Completed) else { return };
        let job = Job { actor: release.author, ..self.deployment(code, &release, built) };
        let seconds = self.dice.between(40, 90);
        self.run(&job, built, seconds, End::Completed);
    }

    fn run_build(&mut self, release: &Release, time: Timestamp, end: End) -> Option<Timestamp> {
        let job = Job {
            application: self.application,
            subject: Subject::Build,
            release: release.clone(),
            invoke_id: release.invoke_id.clone(),
            actor: release.author,
            description: None,
        };
        let seconds = self.dice.between(130, 520);
        let ended = self.run(&job, time, seconds, end)?;
        if end == End::Completed {
            self.built.push((ended, release.clone()));
        }
        Some(ended)
    }

    fn next_release(&mut self, time: Timestamp) -> Release {
        self.builds += 1;
        let (major, minor, patch) = self.version;
        let is_minor = self.dice.per_mille(280);
        self.version = if is_minor { (major, minor + 1, 0) } else { (major, minor, patch + 1) };
        let (major, minor, patch) = self.version;
        let commits = self.next_commits(time);
        let author = *self.dice.pick(&self.application.team.people.iter().collect::<Vec<_>>());
        Release {
            number: self.builds,
            version: format!("{major}.{minor}.{patch}"),
            branch: "main".to_owned(),
            sha: commits[0].sha.clone(),
            commits,
            author,
            invoke_id: self.run_id(time),
        }
    }

    /// What was merged since the last build, newest first; at least one.
    fn next_commits(&mut self, time: Timestamp) -> Vec<Commit> {
        let count = self.dice.between(1, 4);
        let mut at = time - Duration::from_secs(self.dice.between(5, 90));
        let mut commits = Vec::new();
        for _ in 0..count {
            let message = self.next_subject();
            let author = self.dice.pick(self.application.team.people);
            commits.push(Commit {
                sha: self.dice.sha(),
                message: Some(message),
                author: Some(author.name.to_owned()),
                at: Some(at),
            });
            at = at - hours(1) - minutes(self.dice.between(0, 300));
        }
        commits
    }

    /// A commit's subject; none comes again for a long time.
    fn next_subject(&mut self) -> String {
        self.commits += 1;
        let count = usize::try_from(self.commits).unwrap_or_default();
        let topics = self.application.topics;
        let topic = topics[(count * 5) % topics.len()];
        if std::mem::take(&mut self.is_broken) {
            return format!("Fix {topic} after the last change");
        }
        if count.is_multiple_of(9) {
            return CHORES[(count / 9) % CHORES.len()].to_owned();
        }
        SUBJECTS[(count * 7 + count / 48) % SUBJECTS.len()].replace("{}", topic)
    }
}
