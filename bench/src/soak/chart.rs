//! A chart of lines over minutes, as SVG that shows on light and on dark pages.

use std::fmt;

use super::trend::Point;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 28.0;
/// Lines across, at most.
const STEPS_MAX: f64 = 5.0;
const COLOURS: [&str; 6] = ["#3b7dd8", "#d8733b", "#3ba55c", "#a04bc4", "#c43b5e", "#8a8a2e"];
const GREY: &str = "#888888";

/// How numbers rise up the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rise {
    /// Evenly, from nothing.
    Even,
    /// By powers of ten, so that a burst does not flatten all else.
    Tenfold,
}

/// Lines over time that share one unit.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) title: &'static str,
    pub(super) rise: Rise,
    /// Name and points, the time in seconds.
    pub(super) lines: Vec<(String, Vec<Point>)>,
}

/// Where a number lies in the picture.
struct Scale {
    rise: Rise,
    minutes_max: f64,
    /// Of numbers, or of their powers of ten.
    low: f64,
    high: f64,
}

impl Scale {
    fn of(Chart { lines, rise, .. }: &Chart) -> Self {
        let points = || lines.iter().flat_map(|(_, points)| points);
        let last_s = points().map(|(at_s, _)| *at_s).fold(0.0, f64::max);
        let minutes_max = (last_s / 60.0).max(f64::MIN_POSITIVE);
        let numbers = || points().map(|(_, number)| *number).filter(|number| *number > 0.0);
        let (least, most) = (numbers().fold(f64::MAX, f64::min), numbers().fold(0.0, f64::max));
        let (low, high) = match rise {
            _ if most == 0.0 => (0.0, 1.0),
            Rise::Even => (0.0, most),
            Rise::Tenfold => (least.log10().floor(), most.log10().floor() + 1.0),
        };
        Self { rise: *rise, minutes_max, low, high }
    }

    fn x(&self, minutes: f64) -> f64 {
        LEFT + minutes / self.minutes_max * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, number: f64) -> f64 {
        let risen = match self.rise {
            Rise::Even => number,
            // Nothing has no power of ten, and lies at the bottom.
            Rise::Tenfold => number.log10().max(self.low),
        };
        HEIGHT - BOTTOM - (risen - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)
    }

    /// The numbers that lines across are drawn for.
    fn marks(&self) -> Vec<f64> {
        match self.rise {
            Rise::Even => marks(self.high).collect(),
            Rise::Tenfold => {
                let powers = (0_u32..=20).map(|power| self.low + f64::from(power));
                powers.take_while(|power| *power <= self.high).map(|it| 10_f64.powf(it)).collect()
            }
        }
    }
}

/// The least of 1, 2, 5, 10, 20, … and their tenths that cuts a length into few enough parts.
fn step(length: f64) -> f64 {
    let least = length / STEPS_MAX;
    let power = 10_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0].into_iter();
    factors.map(|factor| factor * power).find(|step| *step >= least).unwrap_or(10.0 * power)
}

/// The multiples of a step from nothing to a length.
fn marks(length: f64) -> impl Iterator<Item = f64> {
    let step = step(length);
    (0_u32..=10).map(move |number| f64::from(number) * step).take_while(move |at| *at <= length)
}

impl fmt::Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = Scale::of(self);
        writeln!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\" fill=\"{GREY}\">"
        )?;
        writeln!(f, "<text x=\"{LEFT}\" y=\"16\" font-size=\"14\">{}</text>", self.title)?;
        self.legend(f)?;
        axes(f, &scale)?;
        for (index, (_, points)) in self.lines.iter().enumerate() {
            line(f, &scale, points, colour(index))?;
        }
        writeln!(f, "</svg>")
    }
}

impl Chart {
    fn legend(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut x = LEFT;
        for (index, (name, _)) in self.lines.iter().enumerate() {
            writeln!(f, "<text x=\"{x}\" y=\"34\" fill=\"{}\">{name}</text>", colour(index))?;
            // Letters of this size are about so wide.
            x += 18.0 + 6.6 * f64::from(u32::try_from(name.chars().count()).unwrap_or(0));
        }
        Ok(())
    }
}

fn colour(index: usize) -> &'static str {
    COLOURS[index % COLOURS.len()]
}

fn axes(f: &mut fmt::Formatter<'_>, scale: &Scale) -> fmt::Result {
    for number in scale.marks() {
        let (y, end) = (scale.y(number), WIDTH - RIGHT);
        writeln!(
            f,
            "<path d=\"M{LEFT} {y:.1}H{end}\" stroke=\"{GREY}\" stroke-opacity=\"0.3\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            short(number)
        )?;
    }
    for minutes in marks(scale.minutes_max) {
        let (x, y) = (scale.x(minutes), HEIGHT - 10.0);
        writeln!(
            f,
            "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{} min</text>",
            short(minutes)
        )?;
    }
    Ok(())
}

fn line(f: &mut fmt::Formatter<'_>, scale: &Scale, points: &[Point], colour: &str) -> fmt::Result {
    write!(f, "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"")?;
    for (at_s, number) in points {
        write!(f, "{:.1},{:.1} ", scale.x(at_s / 60.0), scale.y(*number))?;
    }
    writeln!(f, "\"/>")
}

/// A mark's number without digits that say nothing.
fn short(number: f64) -> String {
    if number >= 1_000_000.0 {
        format!("{}M", number / 1_000_000.0)
    } else if number >= 10_000.0 {
        format!("{}k", number / 1_000.0)
    } else {
        format!("{}", (number * 1_000.0).round() / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_numbers_and_few() {
        let all = |length| marks(length).collect::<Vec<_>>();
        assert_eq!(all(60.0), [0.0, 20.0, 40.0, 60.0]);
        assert_eq!(all(10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(all(1_234.0), [0.0, 500.0, 1_000.0]);
        assert_eq!(short(1_500_000.0), "1.5M");
    }

    #[test]
    fn a_line_goes_from_corner_to_corner() {
        let lines = vec![("a".to_owned(), vec![(0.0, 0.0), (60.0, 5.0)])];
        let svg = Chart { title: "T", rise: Rise::Even, lines }.to_string();
        assert!(svg.contains("points=\"56.0,232.0 708.0,44.0 \""), "{svg}");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn a_chart_of_nothing_is_a_picture_too() {
        for rise in [Rise::Even, Rise::Tenfold] {
            let lines = vec![("a".to_owned(), Vec::new())];
            let svg = Chart { title: "T", rise, lines }.to_string();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn each_power_of_ten_is_as_high_as_the_next() {
        let points = vec![(0.0, 0.0), (30.0, 10.0), (60.0, 100.0)];
        let lines = vec![("a".to_owned(), points)];
        let chart = Chart { title: "T", rise: Rise::Tenfold, lines };
        let scale = Scale::of(&chart);
        assert_eq!(scale.marks(), [10.0, 100.0, 1_000.0]);
        let svg = chart.to_string();
        assert!(svg.contains("points=\"56.0,232.0 382.0,232.0 708.0,138.0 \""), "{svg}");
    }
}
