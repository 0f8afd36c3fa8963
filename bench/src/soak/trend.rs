//! Whether numbers over time stay where they were, in ways that single outliers do not sway.

/// A number at a time.
pub(super) type Point = (f64, f64);

/// The middle one of some numbers; none of none.
pub(super) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    if numbers.len() % 2 == 1 {
        return numbers.get(middle).copied();
    }
    let below = numbers.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(*below, *numbers.get(middle)?))
}

/// The slope by Theil and Sen: the median of the slopes between all pairs of points.
pub(super) fn slope(points: &[Point]) -> Option<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (index, (x, y)) in points.iter().enumerate() {
        let later = points[index + 1..].iter().filter(|(later_x, _)| later_x > x);
        slopes.extend(later.map(|(later_x, later_y)| (later_y - y) / (later_x - x)));
    }
    median(slopes)
}

/// The second half of a run.
pub(super) fn second_half(points: &[Point]) -> &[Point] {
    &points[points.len() / 2..]
}

/// The medians of the second and of the last quarter of a run: the first one warms up.
pub(super) fn quarters(points: &[Point]) -> Option<(f64, f64)> {
    let quarter = points.len() / 4;
    let median_of = |part: &[Point]| median(part.iter().map(|(_, number)| *number).collect());
    let second = points.get(quarter..2 * quarter)?;
    Some((median_of(second)?, median_of(&points[points.len() - quarter..])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(slope: f64, count: u32) -> Vec<Point> {
        (0..count).map(|x| (f64::from(x), 100.0 + slope * f64::from(x))).collect()
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn a_slope_is_found_though_a_quarter_of_the_points_is_off() {
        let mut points = line(0.5, 40);
        points.iter_mut().step_by(4).for_each(|(_, y)| *y += 1_000.0);
        assert!((slope(&points).unwrap() - 0.5).abs() < 0.05);
        assert_eq!(slope(&points[..1]), None);
    }

    #[test]
    fn a_run_is_compared_by_its_second_and_its_last_quarter() {
        let points = line(1.0, 40);
        assert_eq!(quarters(&points), Some((114.5, 134.5)));
        assert_eq!(second_half(&points)[..1], [(20.0, 120.0)]);
        assert_eq!(quarters(&points[..3]), None);
    }
}
