//! Reporting, and every other change of an organization's ledger.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::actor::Actor;
use landfall_domain::command::{Command, Envelope};
use landfall_domain::outcome::{Outcome, Reported};
use landfall_domain::refusal::Refusal;
use landfall_domain::report::{ProjectChoice, RefusedReport, Report};
use landfall_store::Decided;
pub use landfall_store::idempotency::Idempotency;
use tracing::Instrument;

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::trace;

/// The request that a report came in, so that a refused one can be shown as it was.
#[derive(Clone, Copy, Debug)]
pub struct RawRequest<'a> {
    /// Which interface, such as `versioner`.
    pub dialect: &'static str,
    /// The method and path.
    pub request: &'a str,
    /// The body, whatever it holds.
    pub body: &'a [u8],
}

impl Engine {
    /// Takes in a report; the answer comes when it is durable. A refused one is kept.
    pub async fn report(
        &self,
        caller: &Caller,
        report: Report,
        idempotency: Option<Idempotency>,
        raw: RawRequest<'_>,
    ) -> Result<Reported, EngineError> {
        let span = trace::report(caller.organization);
        let taken_in = self.take_in(caller, report, idempotency, raw);
        let reported = taken_in.instrument(span.clone()).await;
        match &reported {
            Ok(Reported { sequence: Some(sequence), .. }) => {
                trace::note_event(&span, caller.organization, *sequence);
            }
            Err(EngineError::Refused(refusal)) => trace::note_refused(&span, refusal.code()),
            Ok(_) | Err(_) => {}
        }
        reported
    }

    async fn take_in(
        &self,
        caller: &Caller,
        mut report: Report,
        idempotency: Option<Idempotency>,
        raw: RawRequest<'_>,
    ) -> Result<Reported, EngineError> {
        if let Err(error) = caller.require(Scope::Report) {
            self.keep_refused(caller, "forbidden", &error.to_string(), raw).await?;
            return Err(error);
        }
        if let (ProjectChoice::Default, Some(project)) = (&report.project, caller.default_project) {
            report.project = ProjectChoice::OfKey(project);
        }
        let command = Command::Report(Arc::new(report));
        // What came before was counted and kept then: replays must not push others out of the list.
        let Decided { decision, is_earlier } = self.put(caller, command, idempotency).await?;
        match decision {
            Ok(Outcome::Reported(reported)) => {
                if !is_earlier {
                    self.metrics().count_report(&reported);
                }
                Ok(*reported)
            }
            Ok(other) => unreachable!("a report was answered with {other:?}"),
            Err(refusal) => {
                if !is_earlier {
                    self.keep_refused(caller, refusal.code(), &refusal.to_string(), raw).await?;
                }
                Err(refusal.into())
            }
        }
    }

    /// Keeps a report that was refused, with the reason.
    pub async fn keep_refused(
        &self,
        caller: &Caller,
        code: &str,
        detail: &str,
        raw: RawRequest<'_>,
    ) -> Result<(), EngineError> {
        self.metrics().count_refused(code);
        let at = self.ambient().now();
        let shown = &raw.body[..raw.body.len().min(RefusedReport::BODY_BYTES_MAX)];
        let report = RefusedReport {
            at,
            code: code.to_owned(),
            detail: detail.to_owned(),
            dialect: raw.dialect,
            request: raw.request.to_owned(),
            key_id: caller.key_id.clone(),
            body: String::from_utf8_lossy(shown).replace('\0', "\u{fffd}"),
        };
        let id = self.ambient().id(at);
        Ok(self.shared.store.writer.keep_refused(caller.organization, id, report).await?)
    }

    /// The same for a request that is refused before it is decided, once for each signature.
    ///
    /// No outcome of it is stored that would tell that it came before.
    pub async fn keep_refused_once(
        &self,
        caller: &Caller,
        signature: &str,
        (code, detail): (&str, &str),
        raw: RawRequest<'_>,
    ) -> Result<(), EngineError> {
        let lately = &self.shared.refused_lately;
        if !lately.is_new(signature, self.ambient().now()) {
            return Ok(());
        }
        let kept = self.keep_refused(caller, code, detail, raw).await;
        if kept.is_err() {
            lately.forget(signature);
        }
        kept
    }

    /// Decides a command of a caller who may ask for it.
    pub(crate) async fn decide(
        &self,
        caller: &Caller,
        command: Command,
        idempotency: Option<Idempotency>,
    ) -> Result<Outcome, EngineError> {
        self.put(caller, command, idempotency).await?.decision.map_err(Refusal::into)
    }

    /// Puts a command to the ledger, which may have decided it before.
    async fn put(
        &self,
        caller: &Caller,
        command: Command,
        idempotency: Option<Idempotency>,
    ) -> Result<Decided, EngineError> {
        let envelope = Envelope {
            actor: Actor { key_id: caller.key_id.clone() },
            at: self.ambient().now(),
            entropy: self.ambient().entropy(),
            command,
        };
        let writer = &self.shared.store.writer;
        Ok(writer.decide(caller.organization, envelope, idempotency).await?)
    }

    /// Decides a command that needs the scope `manage`, as corrections and edits do.
    pub async fn manage(&self, caller: &Caller, command: Command) -> Result<Outcome, EngineError> {
        caller.require(Scope::Manage)?;
        self.decide(caller, command, None).await
    }

    /// The same for a request that may come again: the second time it gets the first one's outcome.
    pub async fn manage_once(
        &self,
        caller: &Caller,
        command: Command,
        idempotency: Idempotency,
    ) -> Result<Outcome, EngineError> {
        caller.require(Scope::Manage)?;
        self.decide(caller, command, Some(idempotency)).await
    }

    /// Decides a command that needs the scope `admin`, as settings do.
    pub async fn administer(
        &self,
        caller: &Caller,
        command: Command,
    ) -> Result<Outcome, EngineError> {
        caller.require(Scope::Admin)?;
        let outcome = self.decide(caller, command, None).await;
        // They hold the organization's name, which may be another one now.
        self.shared.sessions.clear();
        outcome
    }
}
