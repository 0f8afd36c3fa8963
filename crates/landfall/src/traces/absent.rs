//! A binary without the feature `otel`: it has no traces, and says so where some are wanted.

use anyhow::bail;
use tokio::runtime::Handle;

use crate::logs::Listener;
use crate::settings::Settings;

/// No traces.
pub(crate) struct Traces;

#[expect(clippy::unused_self, reason = "with the feature there is something to ask")]
impl Traces {
    /// Refuses a collector.
    pub(crate) fn open(settings: &Settings, _runtime: &Handle) -> anyhow::Result<Self> {
        if settings.traces_endpoint.is_some() {
            bail!(
                "`traces_endpoint` is set, but this binary was built without traces; build it \
                 with `--features otel`, or leave the setting empty"
            );
        }
        Ok(Self)
    }

    /// Nothing listens.
    pub(crate) const fn layer(&self) -> Option<Listener> {
        None
    }

    /// There is nothing to send.
    pub(crate) const fn close(self) {}
}
