//! The word that was meant: the known one that takes the fewest changes.

/// More changes than this make another word of it.
const CHANGES_MAX: usize = 3;
/// Longer words are no misspelt names.
const CHARS_MAX: usize = 64;

/// The known word that is closest, if one is close.
pub(super) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.trim().to_lowercase();
    if word.is_empty() || word.chars().count() > CHARS_MAX {
        return None;
    }
    let changes_max = CHANGES_MAX.min(word.chars().count().div_ceil(2));
    let measured = known.into_iter().map(|known| (changes(&word, known), known));
    let best = measured.min_by_key(|(changes, _)| *changes)?;
    (best.0 <= changes_max).then_some(best.1)
}

/// Letters to add, take away or replace to get from one word to the other (Levenshtein).
fn changes(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut corner = row[0];
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = corner + usize::from(letter != *other);
            corner = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(corner + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_another_word_finds_none() {
        let known = ["application", "version", "environment"];
        assert_eq!(closest("aplication", known), Some("application"));
        assert_eq!(closest("Enviroment", known), Some("environment"));
        assert_eq!(closest("ulr", ["title", "url"]), Some("url"));
        assert_eq!(closest("service", known), None);
        assert_eq!(closest("", known), None);
    }
}
