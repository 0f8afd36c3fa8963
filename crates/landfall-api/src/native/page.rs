//! Lists in pages: a bound on each, and a cursor that leads to the next.

use landfall_engine::history::HistoryPage;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::shared::rejection::Rejection;

/// Items of a page if nobody says how many.
const LIMIT_DEFAULT: usize = 100;
/// A page holds at most so many.
pub(super) const LIMIT_MAX: usize = 500;

/// The query of a list without filters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    /// At most so many items, 1 to 500; 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    pub limit: Option<String>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The page that is asked for.
    pub(super) fn paging(self) -> Result<Paging, Rejection> {
        let Self { limit, cursor } = self;
        Paging::read(limit.as_deref(), cursor)
    }
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// What is on it.
    items: Vec<T>,
    /// The cursor of the next page; null on the last one.
    next: Option<String>,
}

/// Which page is asked for.
pub(super) struct Paging {
    cursor: Option<String>,
    /// At most so many items.
    pub limit: usize,
}

impl Paging {
    /// Reads `limit` and `cursor`.
    pub(super) fn read(limit: Option<&str>, cursor: Option<String>) -> Result<Self, Rejection> {
        let limit = limit.map_or(Ok(LIMIT_DEFAULT), read_limit)?;
        Ok(Self { cursor: cursor.filter(|cursor| !cursor.is_empty()), limit })
    }

    /// The same page of a history, and one item more, which tells whether another page follows.
    pub(super) fn of_history(&self) -> Result<HistoryPage, Rejection> {
        let before = self.after()?.unwrap_or_else(Uuid::max);
        let limit = i64::try_from(self.limit + 1).unwrap_or(i64::MAX);
        Ok(HistoryPage { before, limit })
    }

    /// The id that the page before ended with.
    pub(super) fn after(&self) -> Result<Option<Uuid>, Rejection> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        Uuid::parse_str(cursor).map(Some).map_err(|_| bad_cursor())
    }

    /// Makes a page of what was read for it with one item more.
    pub(super) fn page<T>(&self, mut items: Vec<T>, id: impl Fn(&T) -> String) -> Page<T> {
        let has_more = items.len() > self.limit;
        items.truncate(self.limit);
        let next = items.last().filter(|_| has_more).map(id);
        Page { items, next }
    }

    /// What follows the cursor in a list that is held whole and in order.
    pub(super) fn rest<T>(
        &self,
        mut all: Vec<T>,
        id: impl Fn(&T) -> String,
    ) -> Result<Vec<T>, Rejection> {
        let Some(cursor) = &self.cursor else { return Ok(all) };
        let place = all.iter().position(|item| id(item) == *cursor).ok_or_else(bad_cursor)?;
        Ok(all.split_off(place + 1))
    }
}

impl<T> Page<T> {
    /// Leaves items out; `next` stays.
    pub(super) fn retain(&mut self, is_wanted: impl FnMut(&T) -> bool) {
        self.items.retain(is_wanted);
    }

    /// The same page, its items shown otherwise.
    pub(super) fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        let Self { items, next } = self;
        Page { items: items.into_iter().map(show).collect(), next }
    }
}

/// Reads a `limit`.
pub(super) fn read_limit(text: &str) -> Result<usize, Rejection> {
    let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| Rejection::field("limit", "must be a whole number from 1 to 500"))
}

fn bad_cursor() -> Rejection {
    Rejection::field("cursor", "is not the `next` of a page; leave it out to begin anew")
}
