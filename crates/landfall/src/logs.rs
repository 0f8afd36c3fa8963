//! Where log lines go and what they look like.

use std::io::IsTerminal;

use anyhow::Context;
use landfall_engine::trace;
use tracing_subscriber::filter::Directive;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::settings::{LogFormat, Settings};

/// Something that hears what the program tells, beside the log.
pub(crate) type Listener = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts logging to standard error, and telling `further`.
pub(crate) fn start(
    settings: &Settings,
    further: impl IntoIterator<Item = Listener>,
) -> anyhow::Result<()> {
    let listeners: Vec<Listener> = std::iter::once(lines(settings)?).chain(further).collect();
    tracing_subscriber::registry().with(listeners).init();
    Ok(())
}

fn lines(settings: &Settings) -> anyhow::Result<Listener> {
    let filter = EnvFilter::try_new(&settings.log)
        .with_context(|| format!("`log` is `{}`; use a level such as `info`", settings.log))?;
    // Spans are for traces; in the log they would stand before every line.
    let without_spans: Directive = format!("{}=off", trace::TARGET).parse()?;
    let filter = filter.add_directive(without_spans);
    let is_terminal = std::io::stderr().is_terminal();
    let is_json = match settings.log_format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Fitting => !is_terminal,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    Ok(if is_json {
        lines.json().flatten_event(true).with_filter(filter).boxed()
    } else {
        lines.with_ansi(is_terminal).with_filter(filter).boxed()
    })
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;
    use crate::settings::Sources;

    #[test]
    fn spans_for_traces_are_off_in_the_log_however_much_it_tells() {
        for log in ["info", "trace", "landfall=trace"] {
            let environment = [("LANDFALL_LOG".to_owned(), log.to_owned())].into();
            let sources = Sources { environment, ..Sources::default() };
            let settings = sources.resolve().unwrap().settings().unwrap();
            let listeners = vec![lines(&settings).unwrap()];
            tracing::subscriber::with_default(
                tracing_subscriber::registry().with(listeners),
                || {
                    assert!(tracing::enabled!(target: "landfall", Level::INFO), "{log}");
                    assert!(!tracing::span_enabled!(target: trace::TARGET, Level::INFO), "{log}");
                },
            );
        }
    }
}
