//! What an answer means for the delivery and for the webhook (DESIGN §4).
//!
//! Standard Webhooks 1.0.0 says which statuses succeed, disable and slow down.

use std::time::Duration;

use crate::time::Timestamp;
use crate::webhook::Disabled;
use crate::webhook::retry::retry_after;

/// What came back from one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// A response.
    Status {
        /// Its status code.
        status: u16,
        /// Its header `retry-after`.
        retry_after: Option<&'a str>,
        /// Its header `webhook-delivery`, by which receivers steer us.
        webhook_delivery: Option<&'a str>,
    },
    /// No connection, or no whole answer in time.
    NoAnswer,
}

/// What becomes of the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done.
    Delivered,
    /// It is tried again while its schedule lasts.
    Retry,
    /// It is not tried again unless somebody resends it.
    Dead,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// For the delivery.
    pub fate: Fate,
    /// The receiver is in trouble whatever the event: no answer, 429, or 5xx.
    pub is_sick: bool,
    /// The whole webhook should slow down, and wait at least this long.
    pub slow_down: Option<Duration>,
    /// The webhook is to be disabled.
    pub disable: Option<Disabled>,
}

/// Judges an answer that came at `now`.
pub fn judge(answer: &Answer<'_>, now: Timestamp) -> Verdict {
    let &Answer::Status { status, retry_after: wait, webhook_delivery } = answer else {
        return Verdict { fate: Fate::Retry, is_sick: true, slow_down: None, disable: None };
    };
    let wish = webhook_delivery.and_then(Wish::parse);
    let disable = match wish {
        _ if status == 410 => Some(Disabled::Gone),
        Some(Wish::Disable) => Some(Disabled::AskedByReceiver),
        _ => None,
    };
    let fate = match status {
        200..=299 => Fate::Delivered,
        // What is disabled has no retries, and what was aborted wants none.
        _ if disable.is_some() || wish == Some(Wish::AbortMessage) => Fate::Dead,
        _ => Fate::Retry,
    };
    let is_sick = status == 429 || (500..=599).contains(&status);
    let slow_down = if is_sick { slow_down(status, wait, now) } else { None };
    Verdict { fate, is_sick, slow_down, disable }
}

/// What a receiver asks for in `webhook-delivery`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Disable,
    AbortMessage,
}

impl Wish {
    fn parse(value: &str) -> Option<Self> {
        let word = value.trim();
        if word.eq_ignore_ascii_case("disable") {
            Some(Self::Disable)
        } else if word.eq_ignore_ascii_case("abort-message") {
            Some(Self::AbortMessage)
        } else {
            None
        }
    }
}

/// Some statuses mean overload by themselves; any sick one does with a `Retry-After`.
fn slow_down(status: u16, wait: Option<&str>, now: Timestamp) -> Option<Duration> {
    let asked = wait.and_then(|value| retry_after(value, now));
    let is_overload = matches!(status, 429 | 502 | 503 | 504);
    asked.or_else(|| is_overload.then_some(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, wait: Option<&str>, wish: Option<&str>) -> Verdict {
        let answer = Answer::Status { status, retry_after: wait, webhook_delivery: wish };
        judge(&answer, Timestamp::default())
    }

    #[test]
    fn only_2xx_delivers() {
        for code in [200, 201, 204, 299] {
            assert_eq!(status(code, None, None).fate, Fate::Delivered, "{code}");
        }
        for code in [100, 199, 301, 304, 400, 404, 422, 500, 999] {
            let verdict = status(code, None, None);
            assert_eq!((verdict.fate, verdict.disable), (Fate::Retry, None), "{code}");
        }
        assert_eq!(judge(&Answer::NoAnswer, Timestamp::default()).fate, Fate::Retry);
    }

    #[test]
    fn sickness_is_no_answer_429_and_5xx() {
        assert!(judge(&Answer::NoAnswer, Timestamp::default()).is_sick);
        for (code, is_sick) in
            [(200, false), (302, false), (404, false), (410, false), (422, false), (429, true)]
        {
            assert_eq!(status(code, None, None).is_sick, is_sick, "{code}");
        }
        assert!(status(500, None, None).is_sick && status(599, None, None).is_sick);
    }

    #[test]
    fn overload_slows_the_webhook_down() {
        for code in [429, 502, 503, 504] {
            assert_eq!(status(code, None, None).slow_down, Some(Duration::ZERO), "{code}");
            let asked = status(code, Some("30"), None).slow_down;
            assert_eq!(asked, Some(Duration::from_secs(30)), "{code}");
            assert_eq!(status(code, Some("?"), None).slow_down, Some(Duration::ZERO), "{code}");
        }
        assert_eq!(status(500, None, None).slow_down, None);
        assert_eq!(status(500, Some("5"), None).slow_down, Some(Duration::from_secs(5)));
        assert_eq!(status(422, Some("5"), None).slow_down, None);
        assert_eq!(status(200, Some("5"), None).slow_down, None);
    }

    #[test]
    fn receivers_can_disable_and_abort() {
        let facts = |verdict: Verdict| (verdict.fate, verdict.disable);
        assert_eq!(facts(status(410, None, None)), (Fate::Dead, Some(Disabled::Gone)));
        let asked = Some(Disabled::AskedByReceiver);
        assert_eq!(facts(status(200, None, Some("disable"))), (Fate::Delivered, asked));
        assert_eq!(facts(status(500, None, Some(" DISABLE "))), (Fate::Dead, asked));
        assert_eq!(facts(status(400, None, Some("Abort-Message"))), (Fate::Dead, None));
        assert_eq!(facts(status(200, None, Some("abort-message"))), (Fate::Delivered, None));
        assert_eq!(facts(status(400, None, Some("abort"))), (Fate::Retry, None));
    }
}
