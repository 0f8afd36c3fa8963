//! OpenTelemetry traces, where the binary has the feature `otel` and a setting names a collector.

#[cfg(not(feature = "otel"))]
mod absent;
#[cfg(feature = "otel")]
mod collector;
#[cfg(feature = "otel")]
mod exported;

#[cfg(not(feature = "otel"))]
pub(crate) use self::absent::Traces;
#[cfg(feature = "otel")]
pub(crate) use self::exported::Traces;
