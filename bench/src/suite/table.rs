//! The report as Markdown: the machine, then one table.

use std::fmt;

use super::goal::{Bound, Goal};
use super::report::{Line, Outcome, Report};
use super::row::{Floor, Row, Unit};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, host, postgres, setting, lines } = self;
        write!(f, "{host}")?;
        if let Some(postgres) = postgres {
            write!(f, "{postgres}")?;
        }
        let (seconds, rounds) = (setting.length.as_secs_f64(), setting.rounds);
        writeln!(
            f,
            "| {version} | {rounds} rounds of {seconds} s, of which the median counts |\n"
        )?;
        writeln!(f, "| part | of | what | result | floor | of the floor | goal | reached |")?;
        write!(f, "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |")?;
        lines.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, of, outcome } = self;
        write!(f, "| {part} | {of} | ")?;
        match outcome {
            Outcome::Measured(row) => write!(f, "{row}"),
            Outcome::Failed { why } => write!(f, "**failed**: {} | | | | | |", one_cell(why)),
            Outcome::LeftOut { why } => write!(f, "left out: {} | | | | | |", one_cell(why)),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, unit, value, floor, goal, .. } = self;
        write!(f, "{what} | {} | ", shown(*unit, *value))?;
        match floor {
            Some(floor) => write!(f, "{} | {} | ", floor.shown(*unit), floor.part(*unit))?,
            None => write!(f, "| | ")?,
        }
        match goal {
            Some(Goal { bound, is_reached }) => {
                let reached = if *is_reached { "yes" } else { "**no**" };
                write!(f, "{} | {reached} |", bound.shown(*unit))
            }
            None => write!(f, "| |"),
        }
    }
}

impl Floor {
    fn shown(&self, unit: Unit) -> String {
        format!("{}: {}", self.what, shown(unit, self.value))
    }

    /// A part of a rate is a percentage; a time is so many times another.
    fn part(&self, unit: Unit) -> String {
        match unit {
            Unit::PerSecond => percent(self.ratio),
            _ => format!("{:.1} ×", self.ratio),
        }
    }
}

impl Bound {
    fn shown(self, unit: Unit) -> String {
        match self {
            Self::ValueAtLeast(least) => format!("≥ {}", shown(unit, least)),
            Self::ValueAtMost(most) => format!("≤ {}", shown(unit, most)),
            Self::RatioAtLeast(least) => format!("≥ {}", percent(least)),
        }
    }
}

fn percent(ratio: f64) -> String {
    format!("{:.1} %", 100.0 * ratio)
}

fn shown(unit: Unit, value: f64) -> String {
    match unit {
        Unit::PerSecond => format!("{} /s", grouped(value)),
        Unit::Milliseconds => format!("{value:.2} ms"),
        Unit::Bytes => format!("{} B", grouped(value)),
        Unit::Megabytes => format!("{value:.1} MB"),
        Unit::Percent => format!("{value:.2} %"),
        Unit::Count if value < 100.0 && value.fract() != 0.0 => format!("{value:.1}"),
        Unit::Count => grouped(value),
    }
}

/// Rounded, with commas between thousands.
fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let sign = if value <= -0.5 { "-" } else { "" };
    let separated = digits.char_indices().map(|(at, digit)| {
        let is_first_of_three = at > 0 && (digits.len() - at).is_multiple_of(3);
        if is_first_of_three { format!(",{digit}") } else { digit.to_string() }
    });
    std::iter::once(sign.to_owned()).chain(separated).collect()
}

/// Text that would break a row of the table, in one line.
fn one_cell(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::super::part::Part;
    use super::*;

    fn line(outcome: Outcome) -> String {
        Line { part: Part::Ingest, of: "64 connections".to_owned(), outcome }.to_string()
    }

    #[test]
    fn a_line_shows_the_floor_and_whether_the_goal_was_reached() {
        let row = Row::single("reports", Unit::PerSecond, 9_840.4)
            .beside_single("bare handler", 79_703.0)
            .goal(Bound::RatioAtLeast(0.3));
        assert_eq!(
            line(Outcome::Measured(row)),
            "| ingest | 64 connections | reports | 9,840 /s | bare handler: 79,703 /s | 12.3 % \
             | ≥ 30.0 % | **no** |"
        );

        let row = Row::single("p99", Unit::Milliseconds, 4.0).goal(Bound::ValueAtMost(10.0));
        assert_eq!(
            line(Outcome::Measured(row)),
            "| ingest | 64 connections | p99 | 4.00 ms | | | ≤ 10.00 ms | yes |"
        );
    }

    #[test]
    fn what_failed_or_was_left_out_is_a_line_too() {
        let why = "it ended\n  | no disk".to_owned();
        assert_eq!(
            line(Outcome::Failed { why }),
            "| ingest | 64 connections | **failed**: it ended \\| no disk | | | | | |"
        );
        let why = "no --postgres".to_owned();
        assert_eq!(
            line(Outcome::LeftOut { why }),
            "| ingest | 64 connections | left out: no --postgres | | | | | |"
        );
    }

    #[test]
    fn large_numbers_are_grouped() {
        let numbers = [0.4, 999.6, 12_345.0, 1_234_567.0, -1_234.0, -0.2];
        let shown = numbers.map(grouped);
        assert_eq!(shown, ["0", "1,000", "12,345", "1,234,567", "-1,234", "0"]);
    }
}
