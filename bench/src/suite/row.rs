//! One line of the table: a value, the floor beside it, and the goal.

use serde::Serialize;

use super::goal::{Bound, Goal};
use crate::ratio_result::median;

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    PerSecond,
    Milliseconds,
    Bytes,
    /// Of 10^6 bytes.
    Megabytes,
    /// Of one core, or of a time.
    Percent,
    Count,
}

/// One value of a part.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) unit: Unit,
    /// The median, where there were rounds.
    pub(super) value: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rounds: Vec<f64>,
    /// What the value is compared with, in the same unit.
    #[serde(flatten)]
    pub(super) floor: Option<Floor>,
    #[serde(flatten)]
    pub(super) goal: Option<Goal>,
    /// What was seen over the time of a run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    series: Vec<Sample>,
}

/// The least that anyone could do, measured in the same run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Floor {
    #[serde(rename = "floor")]
    pub(super) what: &'static str,
    /// The median, where there were rounds.
    #[serde(rename = "floor_value")]
    pub(super) value: f64,
    #[serde(rename = "floor_rounds", skip_serializing_if = "Vec::is_empty")]
    rounds: Vec<f64>,
    /// The value as a part of the floor's: the median of what each round gives, since what the machine
    /// does in a round both of them feel.
    pub(super) ratio: f64,
}

/// A value at a moment of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Sample {
    pub(super) at_s: f64,
    pub(super) value: f64,
}

impl Row {
    /// Of a thing that was measured once.
    pub(super) fn single(what: impl Into<String>, unit: Unit, value: f64) -> Self {
        let (rounds, floor, goal, series) = (Vec::new(), None, None, Vec::new());
        Self { what: what.into(), unit, value, rounds, floor, goal, series }
    }

    /// Of a thing that was measured in rounds, of which the median counts.
    pub(super) fn of_rounds(
        what: impl Into<String>,
        unit: Unit,
        rounds: impl IntoIterator<Item = f64>,
    ) -> Self {
        let rounds: Vec<f64> = rounds.into_iter().collect();
        let value = median(rounds.iter().copied());
        Self { rounds, ..Self::single(what, unit, value) }
    }

    /// Compares it with a floor that was measured in the same rounds.
    pub(super) fn beside(
        mut self,
        what: &'static str,
        rounds: impl IntoIterator<Item = f64>,
    ) -> Self {
        let rounds: Vec<f64> = rounds.into_iter().collect();
        let pairs = self.rounds.iter().zip(&rounds);
        let ratio = median(pairs.map(|(own, floor)| own / floor.max(f64::EPSILON)));
        let value = median(rounds.iter().copied());
        self.floor = Some(Floor { what, value, rounds, ratio });
        self
    }

    /// Compares it with a floor that was measured once as well.
    pub(super) fn beside_single(mut self, what: &'static str, value: f64) -> Self {
        let ratio = self.value / value.max(f64::EPSILON);
        self.floor = Some(Floor { what, value, rounds: Vec::new(), ratio });
        self
    }

    /// Holds it against a bound, if there is one.
    pub(super) fn goal(mut self, bound: impl Into<Option<Bound>>) -> Self {
        let ratio = self.floor.as_ref().map(|floor| floor.ratio);
        self.goal = bound.into().map(|bound| Goal::of(bound, self.value, ratio));
        self
    }

    pub(super) fn with_series(self, series: Vec<Sample>) -> Self {
        Self { series, ..self }
    }

    /// Whether there is a goal, and it is missed.
    pub(super) fn misses_its_goal(&self) -> bool {
        self.goal.is_some_and(|goal| !goal.is_reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_is_compared_with_the_floor_of_that_round() {
        let row = Row::of_rounds("reports", Unit::PerSecond, [10.0, 30.0, 20.0])
            .beside("bare handler", [100.0, 80.0, 90.0])
            .goal(Bound::RatioAtLeast(0.3));

        assert!(row.misses_its_goal());
        let floor = row.floor.unwrap();
        assert!((row.value - 20.0).abs() < 1e-9);
        assert!((floor.value - 90.0).abs() < 1e-9);
        assert!((floor.ratio - 20.0 / 90.0).abs() < 1e-9);
    }

    #[test]
    fn a_machine_that_slows_down_between_rounds_does_not_change_the_ratio() {
        let row = Row::of_rounds("reports", Unit::PerSecond, [100.0, 10.0, 1.0])
            .beside("bare handler", [200.0, 20.0, 2.0]);

        assert!((row.floor.unwrap().ratio - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_row_is_one_flat_object_of_the_json() {
        let row = Row::single("memory", Unit::Megabytes, 20.0)
            .beside_single("bare handler", 5.0)
            .goal(Bound::ValueAtMost(30.0));

        let expected = serde_json::json!({
            "what": "memory", "unit": "megabytes", "value": 20.0,
            "floor": "bare handler", "floor_value": 5.0, "ratio": 4.0,
            "goal": {"value_at_most": 30.0}, "reached": true,
        });
        assert_eq!(serde_json::to_value(row).unwrap(), expected);
    }
}
