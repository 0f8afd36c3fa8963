//! The text of a statement as PostgreSQL wants it: for one row, for many keys, for many rows.
//!
//! Statements are written with `?1`, which no literal and no operator of ours contains (a test looks
//! at all of them), so that replacing text is enough.

/// The statement with `$1` for `?1`.
pub(super) fn for_one(sql: &str) -> String {
    with_placeholders(sql, |number| format!("${number}"))
}

/// A statement that finds rows, for many keys at once: their columns come as one array each, and the
/// rows in the order of the keys.
///
/// The number of the row keeps the inner statement a thing of its own, so that the planner can only
/// run it once for each key, with the plan that it has for one, whatever it knows of the tables.
pub(super) fn for_keys(sql: &str, types: &[&str]) -> String {
    let inner = with_placeholders(sql, |number| format!("batch.p{number}"));
    format!(
        "SELECT r.* FROM {} CROSS JOIN LATERAL \
         (SELECT s.*, row_number() OVER () AS row_of_key FROM ({inner}) AS s) AS r \
         ORDER BY batch.number, r.row_of_key",
        arrays(types, true)
    )
}

/// An `INSERT` of one row of values, for many rows at once; none of another statement.
pub(super) fn for_rows(sql: &str, types: &[&str]) -> Option<String> {
    let Insert { before, values, after, .. } = Insert::read(sql)?;
    let values = with_placeholders(values, |number| format!("batch.p{number}"));
    Some(format!("{before}SELECT {values} FROM {}{after}", arrays(types, false)))
}

/// The placeholders, from 0, that hold the key of an `INSERT … ON CONFLICT (key) DO UPDATE`; empty for
/// every other statement.
pub(super) fn conflict_key(sql: &str) -> Vec<usize> {
    let Some(insert) = Insert::read(sql) else { return Vec::new() };
    let Some((_, rest)) = insert.after.split_once("ON CONFLICT (") else { return Vec::new() };
    let Some((key, _)) = rest.split_once(')') else { return Vec::new() };
    let columns: Vec<&str> = insert.columns.split(',').map(str::trim).collect();
    let values: Vec<&str> = insert.values.split(',').map(str::trim).collect();
    let place = |name: &str| {
        let column = columns.iter().position(|column| *column == name)?;
        values.get(column)?.strip_prefix('?')?.parse::<usize>().ok()?.checked_sub(1)
    };
    key.split(',').filter_map(|name| place(name.trim())).collect()
}

/// The parts of `INSERT INTO table (columns) VALUES (values) rest`.
struct Insert<'a> {
    /// Up to `VALUES`.
    before: &'a str,
    columns: &'a str,
    values: &'a str,
    /// Behind the values.
    after: &'a str,
}

impl<'a> Insert<'a> {
    fn read(sql: &'a str) -> Option<Self> {
        if !sql.starts_with("INSERT ") {
            return None;
        }
        let (before, rest) = sql.split_once("VALUES (")?;
        let (values, after) = rest.split_once(')')?;
        let (_, columns) = before.split_once('(')?;
        Some(Self { before, columns: columns.trim_end().strip_suffix(')')?, values, after })
    }
}

/// `UNNEST($1::bytea[], …) AS batch(p1, …)`, numbered or not.
fn arrays(types: &[&str], is_numbered: bool) -> String {
    let (mut arrays, mut names) = (Vec::new(), Vec::new());
    for (number, kind) in (1..).zip(types) {
        arrays.push(format!("${number}::{kind}[]"));
        names.push(format!("p{number}"));
    }
    let mut ordinality = "";
    if is_numbered {
        ordinality = " WITH ORDINALITY";
        names.push("number".to_owned());
    }
    format!("UNNEST({}){ordinality} AS batch({})", arrays.join(", "), names.join(", "))
}

fn with_placeholders(sql: &str, name: impl Fn(usize) -> String) -> String {
    let mut written = String::with_capacity(sql.len() + 64);
    let mut parts = sql.split('?');
    written.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        written.push_str(&name(number.parse().unwrap_or(0)));
        written.push_str(rest);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUT: &str = "INSERT INTO t (a, b, c) VALUES (?1, 1, ?2) ON CONFLICT (a, c) DO UPDATE \
        SET b = excluded.b";

    #[test]
    fn a_statement_for_one_row_differs_only_in_its_placeholders() {
        assert_eq!(for_one("SELECT a FROM t WHERE b = ?1 AND c < ?12"), {
            "SELECT a FROM t WHERE b = $1 AND c < $12"
        });
    }

    #[test]
    fn a_statement_for_many_keys_runs_for_each_of_them_in_order() {
        assert_eq!(
            for_keys("SELECT a FROM t WHERE b = ?1 AND c = ?2", &["bytea", "int8"]),
            "SELECT r.* FROM UNNEST($1::bytea[], $2::int8[]) WITH ORDINALITY AS batch(p1, p2, number) \
             CROSS JOIN LATERAL (SELECT s.*, row_number() OVER () AS row_of_key FROM \
             (SELECT a FROM t WHERE b = batch.p1 AND c = batch.p2) AS s) AS r \
             ORDER BY batch.number, r.row_of_key"
        );
    }

    #[test]
    fn an_insert_of_many_rows_is_one_statement() {
        assert_eq!(
            for_rows(PUT, &["int8", "text"]).unwrap(),
            "INSERT INTO t (a, b, c) SELECT batch.p1, 1, batch.p2 FROM \
             UNNEST($1::int8[], $2::text[]) AS batch(p1, p2) \
             ON CONFLICT (a, c) DO UPDATE SET b = excluded.b"
        );
        assert_eq!(for_rows("UPDATE t SET a = ?1", &["int8"]), None);
    }

    #[test]
    fn the_key_of_an_insert_is_known_by_its_placeholders() {
        assert_eq!(conflict_key(PUT), [0, 1]);
        assert!(conflict_key("INSERT INTO t (a) VALUES (?1)").is_empty());
        assert!(conflict_key("DELETE FROM t WHERE a = ?1").is_empty());
    }
}
