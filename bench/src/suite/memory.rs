//! The memory of a server over the time of a load.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::time::{MissedTickBehavior, interval};

use super::Suite;
use super::ingest::{apply, load_for};
use super::launcher::resident_mb;
use super::part::Part;
use super::row::{Row, Sample, Unit};

const CONNECTIONS: u32 = 64;
const SAMPLE_EVERY: Duration = Duration::from_millis(100);
/// So many samples of a run are told.
const SAMPLES_MAX: usize = 60;

pub(super) fn measure(suite: &mut Suite) {
    let of = format!("{CONNECTIONS} connections");
    suite.attempt(Part::Memory, &of, during_a_load);
}

fn during_a_load(suite: &Suite) -> anyhow::Result<Vec<Row>> {
    let directory = suite.launcher.directory()?;
    let instance = suite.start(directory.path())?;
    let length = suite.setting.length * suite.setting.rounds;
    let load = load_for(suite, &instance.server, CONNECTIONS, length)?;
    let (loaded, samples) = suite.block_on(sampled(instance.process_id(), apply(load)));
    let loaded = loaded?;
    instance.stop()?;
    let middle = samples.get(samples.len() / 2).context("its memory can't be read")?;
    let (first, last) = (samples[0], samples[samples.len() - 1]);
    let most = samples.iter().map(|it| it.value).fold(0.0, f64::max);
    let row = |what: String, mb: f64| Row::single(what, Unit::Megabytes, mb);
    let accepted = loaded.result.accepted;
    Ok(vec![
        row("resident memory before".to_owned(), first.value),
        row(format!("the most in {:.0} s, {accepted} reports", loaded.result.seconds), most)
            .with_series(thinned(&samples)),
        row("growth in the second half".to_owned(), last.value - middle.value),
    ])
}

/// Looks at a process's memory while something is done; first before it begins.
async fn sampled<T>(process_id: u32, work: impl Future<Output = T>) -> (T, Vec<Sample>) {
    let begun = Instant::now();
    // A process that is gone is told of by the work.
    let look = || {
        let value = resident_mb(process_id).ok()?;
        Some(Sample { at_s: begun.elapsed().as_secs_f64(), value })
    };
    let mut samples: Vec<Sample> = look().into_iter().collect();
    let mut work = pin!(work);
    let mut ticks = interval(SAMPLE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => samples.extend(look()),
            done = &mut work => return (done, samples),
        }
    }
}

/// As many as are told, evenly over the run.
fn thinned(samples: &[Sample]) -> Vec<Sample> {
    samples.iter().step_by(samples.len().div_ceil(SAMPLES_MAX).max(1)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_is_looked_at_before_the_work_begins() {
        let (done, samples) = sampled(std::process::id(), async { 7 }).await;

        assert_eq!(done, 7);
        assert!(samples[0].value > 0.0);
    }

    #[test]
    fn a_long_run_is_told_in_a_bounded_number_of_samples() {
        let sample = |second: u32| Sample { at_s: f64::from(second), value: 1.0 };
        let samples: Vec<Sample> = (0..121).map(sample).collect();

        let told = thinned(&samples);

        assert_eq!(told.len(), 41);
        assert_eq!(told[..2], [sample(0), sample(3)]);
        assert_eq!(thinned(&samples[..60]).len(), 60);
        assert_eq!(thinned(&[]), []);
    }
}
