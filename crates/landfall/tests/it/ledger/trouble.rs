//! What is broken stays alone: an unreadable row, a job that panics.

use landfall_domain::command::Command;
use landfall_domain::identity::RunKey;
use landfall_domain::report::Report;
use landfall_domain::status::Status;
use landfall_store::{Connection, StoreError};

use super::fixture::{Fixture, deployment, envelope};
use crate::harness::{Queued, noon, poll_once};

/// Damages what is stored of one application, as a defect or a bad disk would.
async fn damage(fixture: &Fixture, application: &'static str) {
    let found = fixture.record(fixture.admin.organization).await;
    let mut applications = found.catalog.applications.values();
    let id = applications.find(|known| known.name.as_str() == application).unwrap().id;
    let spoil = move |db: &mut Connection| {
        let sql = "UPDATE cells SET state = 'spoiled' WHERE application_id = ?1";
        let changed = db.write_many(sql, [[id.into()]])?;
        assert_eq!(changed, 1);
        Ok(())
    };
    fixture.writer.run_between_groups(Box::new(spoil)).await.unwrap();
}

#[tokio::test]
async fn an_unreadable_row_is_the_trouble_of_those_alone_who_need_it() {
    let fixture = Fixture::new().await;
    let reports = |version| {
        ["shop", "mail", "cart"].map(|name| deployment(name, version, "production")).to_vec()
    };
    let before = fixture.report_together(reports("1")).await;
    assert!(before.iter().all(|answer| matches!(answer, Ok(Ok(_)))));
    damage(&fixture, "mail").await;
    // What is in memory hides the damage until the next start.
    let fixture = fixture.reopen().await;

    let answers = fixture.report_together(reports("2")).await;
    let [shop, mail, cart] = &answers[..] else { panic!("three answers") };
    assert!(matches!(mail, Err(StoreError::NotCommitted(_))), "{mail:?}");
    assert!(matches!((shop, cart), (Ok(Ok(_)), Ok(Ok(_)))), "{answers:?}");
    let events = fixture.engine.events_after(&fixture.admin, 0, 100).await.unwrap();
    let numbers: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    let told = events.iter().filter(|event| &*event.kind == "deployment.completed").count();
    assert_eq!(told, 5);
}

#[tokio::test]
async fn a_job_that_panics_takes_nothing_with_it() {
    let fixture = Fixture::new().await;
    fixture.report_together(vec![deployment("shop", "1", "production")]).await;
    let outcome =
        fixture.writer.run_between_groups(Box::new(|_| panic!("as a defect would"))).await;
    assert!(matches!(outcome, Err(StoreError::NotCommitted(_))), "{outcome:?}");
    let answers = fixture.report_together(vec![deployment("shop", "2", "production")]).await;
    assert!(matches!(answers[0], Ok(Ok(_))));
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    assert_eq!(record.deployments.len(), 2);
}

/// Has the database refuse a second deployment under one invoke id, which no decision knows of.
async fn refuse_second_runs(fixture: &Fixture) {
    let index = |db: &mut Connection| {
        let sql = "CREATE UNIQUE INDEX one_run ON deployments (organization_id, invoke_id)";
        db.write_many(sql, [[]]).map(|_| ())
    };
    fixture.writer.run_between_groups(Box::new(index)).await.unwrap();
}

fn started(application: &str, invoke_id: &str) -> Report {
    let key = RunKey { source_id: None, invoke_id: Some(invoke_id.to_owned()) };
    Report { status: Status::Started, key, ..deployment(application, "1", "production") }
}

#[tokio::test]
async fn what_the_database_refuses_takes_no_neighbour_with_it() {
    let fixture = Fixture::new().await;
    refuse_second_runs(&fixture).await;
    let reports = vec![started("shop", "7"), started("cart", "7"), started("mail", "8")];
    let answers = fixture.report_together(reports).await;
    let [shop, cart, mail] = &answers[..] else { panic!("three answers") };
    assert!(matches!(cart, Err(StoreError::NotCommitted(_))), "{cart:?}");
    assert!(matches!((shop, mail), (Ok(Ok(_)), Ok(Ok(_)))), "{answers:?}");
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    assert_eq!(record.deployments.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_on_top_of_what_could_not_be_stored_is_decided_anew() {
    let fixture = Fixture::new().await;
    refuse_second_runs(&fixture).await;
    let answers = fixture.report_together(vec![started("shop", "7")]).await;
    assert!(matches!(answers[..], [Ok(Ok(_))]), "{answers:?}");
    // While the thread that stores is at another job, the first report is decided and waits for it.
    let (held, job) = Queued::behind_jobs(&fixture.writer).await;
    let decide = |number, report: Report| {
        let envelope = envelope(number, noon(), Command::Report(report.into()));
        let (writer, organization) = (fixture.writer.clone(), fixture.admin.organization);
        Box::pin(async move { writer.decide(organization, envelope, None).await })
    };
    let mut refused = [decide(100, started("cart", "7")) as _];
    poll_once(&mut refused).await;
    while fixture.writer.queued() > 0 {
        tokio::task::yield_now().await;
    }
    // It has no id of its own, so it joins what it finds open: the first report's deployment, if that
    // were there.
    let ended = decide(101, deployment("cart", "1", "production"));
    let (ended, ()) = tokio::join!(ended, async { held.release() });
    job.await;
    let [refused] = refused;
    assert!(matches!(refused.await, Err(StoreError::NotCommitted(_))));
    assert!(ended.unwrap().decision.is_ok());
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    let mut of_cart = record.deployments.iter().filter(|found| found.application.name == "cart");
    assert_eq!(of_cart.next().map(|found| &found.run.invoke_id), Some(&None));
    assert!(of_cart.next().is_none());
}
