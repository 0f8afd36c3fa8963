//! Many rows for statements that take each key once.

use std::collections::HashMap;

use super::value::Value;

/// Rows for one statement each: an upsert takes a key once only, so what comes under the same key
/// again goes into a later statement.
pub(super) fn waves<'r, 'v>(rows: &[&'r [Value<'v>]], key: &[usize]) -> Vec<Vec<&'r [Value<'v>]>> {
    if key.is_empty() {
        return vec![rows.to_vec()];
    }
    let mut seen: HashMap<Vec<u8>, usize> = HashMap::with_capacity(rows.len());
    let mut waves: Vec<Vec<&[Value<'v>]>> = Vec::new();
    for row in rows {
        let values = key.iter().filter_map(|column| row.get(*column));
        let bytes = values.fold(Vec::new(), |mut bytes, value| {
            value.append_to(&mut bytes);
            bytes
        });
        let wave = seen.entry(bytes).and_modify(|wave| *wave += 1).or_insert(0);
        if *wave == waves.len() {
            waves.push(Vec::new());
        }
        waves[*wave].push(row);
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_under_one_key_go_into_statements_that_follow_each_other() {
        let row = |key: i64, number: i64| [Value::Int(key), Value::Int(number)];
        let rows = [row(1, 1), row(2, 2), row(1, 3), row(1, 4), row(3, 5)];
        let rows: Vec<&[Value<'_>]> = rows.iter().map(|row| &row[..]).collect();
        let number = |row: &&[Value<'_>]| match row[1] {
            Value::Int(number) => number,
            _ => 0,
        };
        let waves = waves(&rows, &[0]);
        let numbers: Vec<Vec<i64>> =
            waves.iter().map(|wave| wave.iter().map(number).collect()).collect();
        assert_eq!(numbers, [vec![1, 2, 5], vec![3], vec![4]]);
    }
}
