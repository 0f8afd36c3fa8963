//! What a team does with its application on its first day and on every working day.

use std::time::Duration;

use landfall_domain::time::Timestamp;

use super::calendar::{at, minutes, weekday};
use super::line::{Line, Luck};
use super::texts::REGRETS;

impl Line {
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
        if self.dice.per_mille(620) && weekday(day) < 4 {
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
}
