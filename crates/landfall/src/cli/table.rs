//! Tables without lines, as kubectl and docker have made people used to.

use comfy_table::{ContentArrangement, Row, Table, presets};

/// Renders rows below a heading, if there is one; columns are as wide as what they hold.
pub(crate) fn table(heading: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    if !heading.is_empty() {
        table.set_header(Row::from(heading.to_vec()));
    }
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// The columns that the widest line takes.
pub(crate) fn width(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}
