//! Reads counters from a server's `/metrics` page.

use crate::client;
use crate::server::Server;

const ROWS_WRITTEN: &str = "landfall_store_rows_written_total";
const GROUPS: &str = "landfall_store_groups_total";
const JOBS: &str = "landfall_store_jobs_total";

/// What the server has committed since it started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Committed {
    groups: f64,
    /// Reports, but for a few commands.
    jobs: f64,
}

impl Committed {
    /// The mean size of a group since an earlier moment.
    pub(crate) fn reports_in_a_group_since(self, earlier: Self) -> f64 {
        (self.jobs - earlier.jobs) / (self.groups - earlier.groups).max(1.0)
    }
}

/// What the server has committed since it started; none when it does not say.
pub(crate) async fn committed(server: &Server) -> anyhow::Result<Option<Committed>> {
    let page = page(server).await?;
    let read = |page: &String| {
        Some(Committed { groups: sum_of(page, GROUPS)?, jobs: sum_of(page, JOBS)? })
    };
    Ok(page.as_ref().and_then(read))
}

/// How many rows the server has written since it started; none when it does not say.
pub(crate) async fn rows_written(server: &Server) -> anyhow::Result<Option<f64>> {
    Ok(page(server).await?.and_then(|page| sum_of(&page, ROWS_WRITTEN)))
}

async fn page(server: &Server) -> anyhow::Result<Option<String>> {
    let (status, page) = client::get(server, "/metrics").await?;
    Ok((status == 200).then(|| String::from_utf8_lossy(&page).into_owned()))
}

/// The sum of a counter over its labels, in Prometheus' text format.
fn sum_of(page: &str, name: &str) -> Option<f64> {
    let values = page.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let after_labels = match rest.strip_prefix('{') {
            Some(labels) => labels.split_once('}')?.1,
            None => rest,
        };
        let value = after_labels.strip_prefix(' ')?;
        value.split(' ').next()?.parse::<f64>().ok()
    });
    values.reduce(|sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_group_is_that_since_the_earlier_moment() {
        let (earlier, now) =
            (Committed { groups: 10.0, jobs: 10.0 }, Committed { groups: 12.0, jobs: 76.0 });

        assert!((now.reports_in_a_group_since(earlier) - 33.0).abs() < 1e-9);
        assert!(earlier.reports_in_a_group_since(earlier).abs() < 1e-9);
    }

    #[test]
    fn a_counter_is_summed_over_its_labels() {
        let page = "# TYPE rows counter\nrows_total{table=\"event\"} 12\n\
            rows_total{table=\"cell\"} 5 1700000000\nrows_total_other 9\n";

        assert_eq!(sum_of(page, "rows_total"), Some(17.0));
        assert_eq!(sum_of("rows_total 3\n", "rows_total"), Some(3.0));
        assert_eq!(sum_of(page, "absent_total"), None);
    }
}
