//! Whether a call is made again, and after which pause. Pure, so that every case can be tested.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::RETRY_AFTER;
use landfall_domain::time::Timestamp;

use super::client::{Answer, NoAnswer};

/// A pipeline waits seven seconds at most for a server that restarts.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// A server that asks for more patience is not obeyed further: a pipeline costs money.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(1);

/// The pause before the next attempt; none if the outcome stands.
///
/// `attempts_made` counts from 1.
pub(crate) fn pause(
    outcome: &Result<Answer, NoAnswer>,
    attempts_made: usize,
    now: Timestamp,
) -> Option<Duration> {
    let pause = *PAUSES.get(attempts_made.checked_sub(1)?)?;
    match outcome {
        Err(_) => Some(pause),
        Ok(answer) if is_passing(answer.status) => Some(asked_for(answer, now).unwrap_or(pause)),
        Ok(_) => None,
    }
}

/// Whether the same call may well succeed later.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// The pause that the server asks for, in seconds or as a date.
fn asked_for(answer: &Answer, now: Timestamp) -> Option<Duration> {
    let text = answer.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = if let Ok(seconds) = text.parse() {
        Duration::from_secs(seconds)
    } else {
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Timestamp::from_micros(date.as_microsecond()).since(now)
    };
    Some(pause.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderMap;

    use super::*;

    fn check(status: u16, retry_after: Option<&str>, attempts_made: usize, seconds: Option<u64>) {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert(RETRY_AFTER, text.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Ok(Answer { status, headers, body: String::new() });
        let now = Timestamp::parse("2026-11-20T22:18:40Z").unwrap();
        assert_eq!(pause(&answer, attempts_made, now), seconds.map(Duration::from_secs));
    }

    #[test]
    fn what_may_pass_is_tried_again_with_growing_pauses() {
        for (made, seconds) in [(1, Some(1)), (2, Some(2)), (3, Some(4)), (4, None)] {
            check(503, None, made, seconds);
            check(429, None, made, seconds);
            let silence = Err(NoAnswer("refused".to_owned()));
            assert_eq!(
                pause(&silence, made, Timestamp::default()),
                seconds.map(Duration::from_secs)
            );
        }
    }

    #[test]
    fn an_answer_that_would_stay_the_same_stands() {
        for status in [200, 201, 301, 400, 401, 403, 404, 409, 422] {
            check(status, Some("1"), 1, None);
        }
    }

    #[test]
    fn the_server_says_how_long_to_wait_within_reason() {
        check(429, Some("7"), 1, Some(7));
        check(503, Some("0"), 2, Some(0));
        check(503, Some("Fri, 20 Nov 2026 22:18:49 GMT"), 1, Some(9));
        check(503, Some("Fri, 20 Nov 2020 22:18:49 GMT"), 1, Some(0));
        check(429, Some("86400"), 1, Some(60));
        check(429, Some("soon"), 3, Some(4));
    }
}
