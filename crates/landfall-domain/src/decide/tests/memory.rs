//! What stays in memory when runs that ended are forgotten.

use super::harness::{Ledger, completed, failed, started};

#[test]
fn all_runs_of_an_identity_stay_while_one_is_open_and_else_none() {
    let mut ledger = Ledger::at("12:00");
    let failed_first = ledger.send(failed("v1").invoked_by("run-1"));
    ledger.clock("12:10");
    let open = ledger.send(started("v1").invoked_by("run-1"));
    let ended = ledger.send(completed("v1").invoked_by("run-2"));
    let built = ledger.send(completed("v1").of_build());
    let identities = [&open, &ended].map(|answer| ledger.deployment(answer.id).identity());
    for identity in identities {
        ledger.snapshot.note_newest_loaded(identity);
    }
    drop(ledger.snapshot.take_changes());

    ledger.snapshot.unload_ended();

    let deployments = &ledger.snapshot.deployments;
    assert!(deployments.contains(open.id) && deployments.contains(failed_first.id));
    assert!(!deployments.contains(ended.id));
    assert_eq!(
        identities.map(|identity| ledger.snapshot.is_newest_loaded(identity)),
        [true, false]
    );
    assert!(!ledger.snapshot.builds.values().any(|build| build.id.uuid() == built.id.uuid()));
    assert!(
        ledger.snapshot.version_named(ledger.place("production", "").application, "v1").is_some()
    );
    assert_eq!(ledger.snapshot.places().len(), 1);
    let going_on = ledger.send(completed("v1").invoked_by("run-1"));
    assert_eq!(going_on.id, open.id);
}
