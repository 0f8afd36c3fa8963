//! The matrix as people see it.

use landfall_domain::time::Timestamp;

use super::render::render;

const MATRIX: &str = r#"{"sequence": 42, "next": null,
  "environments": [
    {"code": "development", "name": "Development", "type": "development"},
    {"code": "staging", "name": "Staging", "type": "staging"},
    {"code": "production", "name": "Production", "type": "production"}],
  "applications": [
    {"name": "cart", "project": {"name": "PROJECT"}, "cells": [
      {"environment": "staging",
       "current": {"deployment_id": "1", "version": "2.0.0", "version_id": "2", "status": "completed",
         "began_at": "2026-11-20T22:00:00Z", "at": "2026-11-20T22:05:00Z", "by": "ada"},
       "in_progress": {"version": "2.1.0", "status": "started", "at": "2026-11-20T22:18:00Z"}},
      {"environment": "production", "target": "eu",
       "current": {"version": "1.9.0", "at": "2026-11-17T20:00:00Z"},
       "failed": {"version": "2.0.0", "at": "2026-11-20T21:00:00Z"}},
      {"environment": "production", "target": "us", "stale": true,
       "current": {"version": "1.9.0", "at": "2026-11-17T20:00:00Z"},
       "in_progress": {"version": "2.0.0", "at": "2026-11-18T20:00:00Z"}}]},
    {"name": "mail", "project": {"name": "PROJECT"}, "cells": []},
    {"name": "shop", "project": {"name": "default"}, "cells": [
      {"environment": "development",
       "in_progress": {"version": "0.1.0", "at": "2026-11-20T22:18:00Z"}},
      {"environment": "production",
       "current": {"version": "20251120.7", "at": "2025-01-17T20:00:00Z"}}]}]}"#;

fn shown(matrix: &str, columns: Option<usize>) -> String {
    let now = Timestamp::parse("2026-11-20T22:18:49Z").unwrap();
    render(&serde_json::from_str(matrix).unwrap(), now, columns)
}

#[test]
fn the_matrix_is_a_table_with_a_line_for_each_target() {
    let matrix = MATRIX.replace("PROJECT", "default");
    insta::assert_snapshot!(shown(&matrix, None), @"
    APPLICATION  development  staging            production
    cart         –            2.0.0 13m ◐ 2.1.0  eu 1.9.0 3d ✕ 2.0.0
                                                 us 1.9.0 3d ◌ 2.0.0
    mail         –            –                  –
    shop         – ◐ 0.1.0    –                  20251120.7 1y
    ");
}

#[test]
fn applications_of_several_projects_stand_below_their_project() {
    let matrix = MATRIX.replace("PROJECT", "payments");
    insta::assert_snapshot!(shown(&matrix, Some(120)), @"
    APPLICATION  development  staging            production
    payments
      cart       –            2.0.0 13m ◐ 2.1.0  eu 1.9.0 3d ✕ 2.0.0
                                                 us 1.9.0 3d ◌ 2.0.0
      mail       –            –                  –
    default
      shop       – ◐ 0.1.0    –                  20251120.7 1y
    ");
}

#[test]
fn a_narrow_terminal_gets_a_list() {
    let matrix = MATRIX.replace("PROJECT", "payments");
    insta::assert_snapshot!(shown(&matrix, Some(50)), @"
    payments / cart
      staging     2.0.0 13m ◐ 2.1.0
      production  eu 1.9.0 3d ✕ 2.0.0
      production  us 1.9.0 3d ◌ 2.0.0
    payments / mail
      –
    default / shop
      development  – ◐ 0.1.0
      production   20251120.7 1y
    ");
}

#[test]
fn an_empty_matrix_says_what_to_do() {
    let text = shown(r#"{"sequence": 0, "environments": [], "applications": []}"#, Some(80));
    assert!(text.contains("landfall report deployment"), "{text}");
}
