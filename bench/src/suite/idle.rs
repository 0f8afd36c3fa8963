//! What a server costs that nobody talks to: freshly started on the data of a small installation.

use std::thread::sleep;
use std::time::Duration;

use super::bare::BARE;
use super::launcher::{megabytes, resident_mb};
use super::part::Part;
use super::row::{Row, Unit};
use super::{Suite, goal, start};
use crate::machine;

/// What starting sets off is over by then.
const SETTLE: Duration = Duration::from_secs(2);

pub(super) fn measure(suite: &mut Suite) {
    let of = format!("for {} s", suite.setting.idle.as_secs_f64());
    suite.attempt(Part::Idle, &of, idle);
}

fn idle(suite: &Suite) -> anyhow::Result<Vec<Row>> {
    let directory = suite.launcher.directory()?;
    start::fill_small(suite, directory.path())?;
    let instance = suite.start(directory.path())?;
    sleep(SETTLE.min(suite.setting.idle));
    // Both at once, since neither does anything.
    let processes = [instance.process_id(), suite.bare.process_id()];
    let before = times_of(processes)?;
    sleep(suite.setting.idle);
    let after = times_of(processes)?;
    let [landfall, bare] =
        [0, 1].map(|at| percent(after[at].saturating_sub(before[at]), suite.setting.idle));
    let (resident, bare_resident) = (instance.resident_mb()?, resident_mb(processes[1])?);
    let own = megabytes(machine::resident_own_kib(processes[0])?);
    instance.stop()?;
    Ok(vec![
        Row::single("processor time, of one core", Unit::Percent, landfall)
            .beside_single(BARE, bare)
            .goal(goal::IDLE_PERCENT),
        Row::single("resident memory", Unit::Megabytes, resident)
            .beside_single(BARE, bare_resident)
            .goal(goal::IDLE_MEGABYTES),
        Row::single("of it its own, without pages of the binary", Unit::Megabytes, own),
    ])
}

fn times_of(processes: [u32; 2]) -> anyhow::Result<[Duration; 2]> {
    Ok([machine::processor_time(processes[0])?, machine::processor_time(processes[1])?])
}

fn percent(time: Duration, of: Duration) -> f64 {
    100.0 * time.as_secs_f64() / of.as_secs_f64()
}
