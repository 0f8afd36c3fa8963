//! Reading words and names out of source text, without a parser.

pub(super) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where `word` stands in `text` with no letter, digit or underscore touching it on its left.
pub(super) fn word_starts<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let touches = |at: usize| text[..at].chars().next_back().is_some_and(is_word_char);
    text.match_indices(word).map(|(at, _)| at).filter(move |at| !touches(*at))
}

pub(super) fn has_word(text: &str, word: &str) -> bool {
    let ends = |at: usize| !text[at + word.len()..].starts_with(is_word_char);
    word_starts(text, word).any(ends)
}

/// The text with its comment lines emptied, so that line numbers stay.
pub(super) fn without_comment_lines(text: &str) -> String {
    let keep = |line: &str| !line.trim_start().starts_with("//");
    let lines: Vec<&str> = text.lines().map(|line| if keep(line) { line } else { "" }).collect();
    lines.join("\n")
}

/// The names at the head of a path: one, or each of a group such as `{a::b, c::{d, e}}`.
pub(super) fn leading_names(path: &str) -> Vec<&str> {
    let Some(group) = path.trim_start().strip_prefix('{') else {
        return vec![leading_name(path)];
    };
    let mut names = Vec::new();
    let mut depth = 1;
    let mut item_start = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            names.push(leading_name(&group[item_start..at]));
            item_start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn leading_name(path: &str) -> &str {
    let path = path.trim_start();
    let end = path.find(|c| !is_word_char(c)).unwrap_or(path.len());
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_not_found_within_another() {
        assert!(has_word("a DROP b", "DROP"));
        assert!(has_word("DROP", "DROP"));
        assert!(!has_word("DROPS", "DROP"));
        assert!(!has_word("A_DROP", "DROP"));
        assert!(has_word("DROPS; DROP", "DROP"));
    }

    #[test]
    fn a_group_gives_the_head_of_each_of_its_paths() {
        assert_eq!(leading_names("one::two"), ["one"]);
        assert_eq!(leading_names("{one::{a, b}, two,\n  three::*};"), ["one", "two", "three"]);
        assert_eq!(leading_names("{one, two"), ["one"]);
    }
}
