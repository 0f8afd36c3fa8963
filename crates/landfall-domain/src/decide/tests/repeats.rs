//! A retry of any report changes nothing.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use super::harness::Ledger;
use super::samples;

fn delay() -> impl Strategy<Value = Duration> {
    select(vec![Duration::ZERO, Duration::from_secs(1), Duration::from_secs(299)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_report_sent_twice_in_a_row_is_taken_once(
        steps in prop::collection::vec(
            (samples::any_report(), samples::pause(), delay()), 1..10)
    ) {
        let mut ledger = Ledger::at("10:10");
        for (told, pause, delay) in steps {
            ledger.pass(pause);
            let Ok(first) = ledger.try_send(told.clone()) else { continue };
            let before = format!("{:?}", ledger.snapshot);
            // The five minutes count from the report itself, not from its last repeat.
            ledger.pass(if first.repeated { Duration::ZERO } else { delay });
            let retry = ledger.send(told);
            prop_assert_eq!(retry.id, first.id);
            prop_assert!(retry.repeated && !retry.became_current);
            prop_assert_eq!(retry.sequence, None);
            prop_assert_eq!(retry.run, first.run);
            prop_assert_eq!(format!("{:?}", ledger.snapshot), before);
        }
    }
}
