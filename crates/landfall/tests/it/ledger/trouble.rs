//! What is broken stays alone: an unreadable row, a job that panics.

use landfall_store::{Connection, StoreError};

use super::fixture::{Fixture, deployment};

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
