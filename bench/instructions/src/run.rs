//! All benchmarks: counting them, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;

use crate::benchmarks::{self, Benchmark};
use crate::comparison::{Difference, differences, grouped, percent};
use crate::counter::Counter;
use crate::counts::Counts;
use crate::machine::Machine;
use crate::output::say;

/// Hundredths that a count may move.
const TOLERANCE_PERCENT: f64 = 3.0;
const ACCEPT: &str = "  cargo run --profile instructions -p landfall-instructions -- --accept";

type ByName = BTreeMap<String, u64>;

/// Counts the benchmarks whose name holds a text, and says what is not as accepted; false if
/// somebody has to do something about it.
pub(crate) fn compare(wanted: &str) -> anyhow::Result<bool> {
    let mut expected = Counts::read()?;
    expected.instructions.retain(|name, _| name.contains(wanted));
    let chosen = choose(wanted)?;
    let counter = Counter::prepare(&chosen)?;
    let mut counted: ByName = counter.count(&chosen)?;
    let different =
        |counted: &ByName| differences(&expected.instructions, counted, expected.tolerance_percent);
    let suspects: BTreeSet<String> = different(&counted).into_iter().map(|it| it.name).collect();
    let again = chosen.iter().filter(|benchmark| suspects.contains(benchmark.name));
    let again: Vec<Benchmark> = again.copied().collect();
    counted.extend(middle_of_three(&counter, &again)?);
    show(&counted, &expected.instructions);
    let others = Machine::here()?.differences(&expected.measured_with);
    Ok(conclude(&different(&counted), &others))
}

/// Counts the benchmarks whose name holds a text, and has the file say so.
pub(crate) fn accept(wanted: &str) -> anyhow::Result<()> {
    let chosen = choose(wanted)?;
    let counted = middle_of_three(&Counter::prepare(&chosen)?, &chosen)?;
    let measured_with = Machine::here()?;
    let mut instructions = Counts::read().map(|before| before.instructions).unwrap_or_default();
    show(&counted, &instructions);
    instructions.retain(|name, _| !name.contains(wanted));
    instructions.extend(counted);
    Counts { tolerance_percent: TOLERANCE_PERCENT, measured_with, instructions }.write()
}

fn choose(wanted: &str) -> anyhow::Result<Vec<Benchmark>> {
    let chosen: Vec<Benchmark> =
        benchmarks::all().into_iter().filter(|found| found.name.contains(wanted)).collect();
    ensure!(!chosen.is_empty(), "no benchmark's name holds `{wanted}`");
    Ok(chosen)
}

/// Counts each three times and takes the middle one, so that chance does not speak.
fn middle_of_three(counter: &Counter, benchmarks: &[Benchmark]) -> anyhow::Result<ByName> {
    let thrice: Vec<Benchmark> = benchmarks.iter().flat_map(|benchmark| [*benchmark; 3]).collect();
    let mut counts: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (name, count) in counter.count::<Vec<_>>(&thrice)? {
        counts.entry(name).or_default().push(count);
    }
    let middle = |mut counts: Vec<u64>| {
        counts.sort_unstable();
        counts[counts.len() / 2]
    };
    Ok(counts.into_iter().map(|(name, counts)| (name, middle(counts))).collect())
}

fn show(counted: &ByName, expected: &ByName) {
    for (name, count) in counted {
        let against = expected
            .get(name)
            .map_or_else(String::new, |expected| format!("{:+.2} %", percent(*expected, *count)));
        say(&format!("{name:<50} {:>12} {against:>10}", grouped(*count)));
    }
}

/// Says what differs and what to do about it; false if something has to be done.
fn conclude(found: &[Difference], others: &[String]) -> bool {
    let is_failure = found.iter().any(|difference| difference.change.is_failure());
    for difference in found {
        say(&difference.line());
    }
    say(match (found.is_empty(), others.is_empty(), is_failure) {
        (true, ..) => "All counts are as accepted.",
        (false, false, _) => "That fails nothing, since it was counted with other tools:",
        (false, true, true) => "If that is meant, accept it, and say in the commit what it is for:",
        (false, true, false) => "Have the file follow, lest they grow back unseen:",
    });
    for other in others {
        say(&format!("  {other}"));
    }
    if !found.is_empty() {
        say(ACCEPT);
    }
    !is_failure || !others.is_empty()
}
