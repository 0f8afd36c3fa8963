//! Reads what a server shows of itself at `/metrics`, by label.

use std::collections::BTreeMap;

/// A metric by the value of its one label; by nothing if it has none.
pub(super) fn labelled(page: &str, name: &str) -> BTreeMap<String, f64> {
    let values = page.lines().filter_map(|line| {
        let (labels, value) = line.strip_prefix(name)?.split_once(' ')?;
        let is_this = labels.is_empty() || labels.starts_with('{');
        let label = labels.split('"').nth(1).unwrap_or_default();
        is_this.then_some((label.to_owned(), value.parse().ok()?))
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_told_by_its_label() {
        let page = "# TYPE backlog gauge\nbacklog{state=\"behind\"} 12\nbacklog_x 1\n\
            backlog{state=\"retrying\"} 5\nqueued 3\n";

        let expected = [("behind".to_owned(), 12.0), ("retrying".to_owned(), 5.0)];
        assert_eq!(labelled(page, "backlog"), BTreeMap::from(expected));
        assert_eq!(labelled(page, "queued"), BTreeMap::from([(String::new(), 3.0)]));
    }
}
