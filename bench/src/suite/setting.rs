//! How long and how large a run is: the full one, the quick one, or as the flags say.

use std::time::Duration;

use anyhow::ensure;
use serde::Serialize;

use super::part::Part;

#[derive(Debug, clap::Args)]
pub(super) struct SettingArgs {
    /// Only these parts, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// A first try of some minutes: short, one round, up to 10,000 deployments.
    #[arg(long)]
    quick: bool,
    /// Length of one round of one thing. [default: 8, quick: 1]
    #[arg(long, value_parser = seconds)]
    seconds: Option<Duration>,
    /// Rounds of each pair; the median counts. [default: 3, quick: 1]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: Option<u32>,
    /// Connections that report, one run for each number.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64,256",
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: Vec<u32>,
    /// Webhooks that get every event, one run for each number.
    #[arg(long, value_delimiter = ',', default_value = "1,10,100",
        value_parser = clap::value_parser!(u32).range(1..=1_000))]
    webhooks: Vec<u32>,
    /// Webhooks of the run in which a fifth of the receivers fails.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(5..=1_000))]
    beside: u32,
    /// Live streams that hear every event.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    subscribers: u32,
    /// The most deployments to read from; also measured at 10,000 and 1,000,000, as far as those are
    /// fewer. [default: 10000000, quick: 10000]
    #[arg(long, value_parser = clap::value_parser!(u64).range(50..=100_000_000))]
    deployments: Option<u64>,
    /// No server is filled for longer than this; what it holds then is what is read from.
    #[arg(long, default_value_t = 60, value_name = "MINUTES")]
    fill_minutes: u64,
    /// Requests of each query. [default: 400, quick: 100]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    samples: Option<u32>,
    /// How long an idle server is watched. [default: 30, quick: 3]
    #[arg(long, value_parser = seconds)]
    idle_seconds: Option<Duration>,
}

/// What is measured, and for how long.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Setting {
    pub(super) parts: Vec<Part>,
    /// Of one round of one thing.
    #[serde(rename = "seconds", serialize_with = "as_seconds")]
    pub(super) length: Duration,
    pub(super) rounds: u32,
    pub(super) connections: Vec<u32>,
    pub(super) webhooks: Vec<u32>,
    /// Webhooks of the run in which a fifth fails.
    pub(super) beside: u32,
    pub(super) subscribers: u32,
    /// How many deployments the servers hold that are read from, in order.
    pub(super) deployments: Vec<u64>,
    #[serde(rename = "fill_seconds_max", serialize_with = "as_seconds")]
    pub(super) fill_max: Duration,
    #[serde(rename = "idle_seconds", serialize_with = "as_seconds")]
    pub(super) idle: Duration,
    /// Requests of each query.
    pub(super) samples: u32,
}

impl SettingArgs {
    pub(super) fn setting(&self) -> Setting {
        let or = |full, quick| if self.quick { quick } else { full };
        let seconds = |full, quick| Duration::from_secs(or(full, quick));
        let parts = Part::all().iter().filter(|it| self.only.is_empty() || self.only.contains(it));
        let rounds = if self.quick { 1 } else { 3 };
        let samples = if self.quick { 100 } else { 400 };
        Setting {
            parts: parts.copied().collect(),
            length: self.seconds.unwrap_or_else(|| seconds(8, 1)),
            rounds: self.rounds.unwrap_or(rounds),
            connections: self.connections.clone(),
            webhooks: self.webhooks.clone(),
            beside: self.beside,
            subscribers: self.subscribers,
            deployments: sizes(self.deployments.unwrap_or_else(|| or(10_000_000, 10_000))),
            fill_max: Duration::from_secs(self.fill_minutes * 60),
            idle: self.idle_seconds.unwrap_or_else(|| seconds(30, 3)),
            samples: self.samples.unwrap_or(samples),
        }
    }
}

/// The usual sizes below the largest, and that.
fn sizes(largest: u64) -> Vec<u64> {
    let usual = [10_000, 1_000_000].into_iter().filter(|size| *size < largest);
    usual.chain([largest]).collect()
}

fn seconds(text: &str) -> anyhow::Result<Duration> {
    let length = Duration::try_from_secs_f64(text.parse()?)?;
    let bounds = Duration::from_millis(10)..=Duration::from_hours(1);
    ensure!(bounds.contains(&length), "not within 0.01 and 3600 seconds");
    Ok(length)
}

fn as_seconds<S: serde::Serializer>(length: &Duration, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_f64(length.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: SettingArgs,
    }

    fn setting(line: &str) -> Setting {
        Cli::parse_from(std::iter::once("suite").chain(line.split_whitespace())).args.setting()
    }

    #[test]
    fn all_is_measured_up_to_ten_million_unless_something_else_is_said() {
        let setting = setting("");

        assert_eq!(setting.parts, Part::all());
        assert_eq!((setting.rounds, setting.length), (3, Duration::from_secs(8)));
        assert_eq!(setting.connections, [1, 16, 64, 256]);
        assert_eq!(setting.deployments, [10_000, 1_000_000, 10_000_000]);
        assert_eq!(setting.idle, Duration::from_secs(30));
    }

    #[test]
    fn a_flag_wins_over_what_is_quick() {
        let setting = setting("--quick --rounds 2 --only queries,idle --deployments 20000");

        assert_eq!(setting.parts, [Part::Idle, Part::Queries]);
        assert_eq!((setting.rounds, setting.length), (2, Duration::from_secs(1)));
        assert_eq!(setting.deployments, [10_000, 20_000]);
    }

    #[test]
    fn a_length_may_be_a_part_of_a_second_and_is_bounded() {
        assert_eq!(seconds("0.2").unwrap(), Duration::from_millis(200));
        for wrong in ["0", "-1", "3601", "soon"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
