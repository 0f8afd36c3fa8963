//! What templates write other than as it is: ages.

use landfall_domain::time::Timestamp;

/// How long ago, in its largest unit: `now`, `12 m`, `3 h`, `5 d`. The script says the same.
pub(crate) fn age(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.since(at).as_secs() / 60;
    match minutes {
        0 => "now".to_owned(),
        1..=59 => format!("{minutes} m"),
        60..=2_879 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        for (seconds, told) in [
            (59, "now"),
            (60, "1 m"),
            (3_599, "59 m"),
            (3_600, "1 h"),
            (172_799, "47 h"),
            (172_800, "2 d"),
        ] {
            assert_eq!(age(at, at + std::time::Duration::from_secs(seconds)), told);
        }
    }
}
