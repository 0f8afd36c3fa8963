//! How often an application was deployed on each of the last days: bars, and the same in words.

use std::fmt::Write as _;

use landfall_engine::board::{ACTIVITY_A_DAY_MAX, ACTIVITY_DAYS, Activity};

/// Pixels of a bar, and from one bar to the next.
const BAR: usize = 2;
const STEP: usize = 3;
/// How wide and how high the bars are together.
const WIDTH: usize = ACTIVITY_DAYS * STEP - 1;
const HEIGHT: u32 = 18;
/// One deployment a month is no reason for a bar of full height.
const FULL_MIN: u32 = 4;

/// The days of a row as they are shown.
pub(crate) struct Days {
    /// The bars, as the data of an SVG path; empty if there was nothing.
    pub path: String,
    pub words: String,
    /// What the bars fill together, as an SVG says it.
    pub view_box: String,
}

impl Days {
    pub(super) fn of(activity: &Activity) -> Self {
        let view_box = format!("0 0 {WIDTH} {HEIGHT}");
        Self { path: path(&activity.days), words: words(&activity.days), view_box }
    }
}

fn path(days: &[u32]) -> String {
    let full = days.iter().copied().max().unwrap_or(0).max(FULL_MIN);
    let bars = days.iter().enumerate().filter(|(_, count)| **count > 0);
    bars.fold(String::new(), |mut path, (index, count)| {
        let height = (count * HEIGHT).div_ceil(full);
        // Writing to a string cannot fail.
        let _ = write!(path, "M{} {HEIGHT}v-{height}h{BAR}v{height}", index * STEP);
        path
    })
}

fn words(days: &[u32]) -> String {
    let total: u32 = days.iter().sum();
    let today = days.last().copied().unwrap_or(0);
    let more = if days.contains(&ACTIVITY_A_DAY_MAX) { " or more" } else { "" };
    match total {
        0 => format!("no deployment in {ACTIVITY_DAYS} days"),
        1 => format!("1 deployment in {ACTIVITY_DAYS} days, {today} today"),
        _ => format!("{total}{more} deployments in {ACTIVITY_DAYS} days, {today} today"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_day_is_as_high_as_there_is_room_and_one_deployment_is_seen() {
        let mut days = [0; ACTIVITY_DAYS];
        (days[0], days[29]) = (900, 1);
        assert_eq!(path(&days), "M0 18v-18h2v18M87 18v-1h2v1");
        assert_eq!(words(&days), "901 deployments in 30 days, 1 today");
    }

    #[test]
    fn a_single_deployment_is_a_low_bar_and_none_is_no_bar() {
        let mut days = [0; ACTIVITY_DAYS];
        assert_eq!((path(&days).as_str(), words(&days).as_str()), ("", "no deployment in 30 days"));
        days[28] = 1;
        assert_eq!(path(&days), "M84 18v-5h2v5");
        assert_eq!(words(&days), "1 deployment in 30 days, 0 today");
    }
}
