//! Reads one counter from a server's `/metrics` page.

use crate::client;
use crate::server::Server;

const ROWS_WRITTEN: &str = "landfall_store_rows_written_total";

/// How many rows the server has written since it started; none when it does not say.
pub(crate) async fn rows_written(server: &Server) -> anyhow::Result<Option<f64>> {
    let (status, page) = client::get(server, "/metrics").await?;
    let page = String::from_utf8_lossy(&page);
    Ok(Some(page).filter(|_| status == 200).and_then(|page| sum_of(&page, ROWS_WRITTEN)))
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
    fn a_counter_is_summed_over_its_labels() {
        let page = "# TYPE rows counter\nrows_total{table=\"event\"} 12\n\
            rows_total{table=\"cell\"} 5 1700000000\nrows_total_other 9\n";

        assert_eq!(sum_of(page, "rows_total"), Some(17.0));
        assert_eq!(sum_of("rows_total 3\n", "rows_total"), Some(3.0));
        assert_eq!(sum_of(page, "absent_total"), None);
    }
}
