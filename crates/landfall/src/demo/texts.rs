//! What people write into commits, and what machines say when something fails.

/// Subjects of commits; `{}` is one of the application's topics.
pub(super) const SUBJECTS: [&str; 16] = [
    "Fix a race in {}",
    "Add metrics for {}",
    "Cover {} with tests",
    "Simplify {}",
    "Put {} behind a feature flag",
    "Log slow calls in {}",
    "Show a clear error when {} fails",
    "Speed up {}",
    "Remove the legacy path of {}",
    "Handle empty input in {}",
    "Document {}",
    "Retry {} on timeouts",
    "Make {} configurable per country",
    "Move {} to the new client",
    "Fix {} for guests",
    "Trace {} end to end",
];

/// Subjects of commits that any application may have.
pub(super) const CHORES: [&str; 8] = [
    "Update dependencies",
    "Bump the base image",
    "Run the linter with the new rules",
    "Raise the memory limit to 768Mi",
    "Delete unused feature flags",
    "Rotate the staging credentials",
    "Pin the CI runner's version",
    "Translate new texts into Dutch and Polish",
];

/// Why deployments fail: code and message.
pub(super) const DEPLOYMENT_ERRORS: [(&str, &str); 8] = [
    ("ROLLOUT_TIMEOUT", "rollout timed out after 10m: 1 of 3 pods ready (ImagePullBackOff)"),
    ("READINESS", "readiness probe failed for 5m: GET /healthz answered 503"),
    ("OOM_KILLED", "container was OOMKilled during start-up (limit 512Mi)"),
    ("SMOKE_TEST", "smoke test `place an order` failed: expected 200, got 502"),
    ("CONFIG", "missing key `PAYMENT_API_URL` in the config map"),
    ("MIGRATION", "migration 0042_parcel_index: canceling statement due to lock timeout"),
    ("QUOTA", "pods are forbidden: exceeded quota, used 40, limited 40"),
    ("CRASH_LOOP", "CrashLoopBackOff: panicked at `relation \"sessions_v2\" does not exist`"),
];

/// Why builds fail.
pub(super) const BUILD_ERRORS: [(&str, &str); 6] = [
    ("TESTS", "3 of 1,284 tests failed, the first: totals::rounds_half_up"),
    ("TESTS", "1 of 946 tests failed: session::expires_after_thirty_days (timed out)"),
    ("LINT", "2 lint errors: unused import, missing await"),
    ("REGISTRY", "push to the registry failed: 503 Service Unavailable"),
    ("DEPENDENCIES", "lock file is out of date; run the install and commit it"),
    ("COMPILE", "type mismatch: expected `Money`, found `f64`"),
];

/// Why a release that went well is rolled back all the same.
pub(super) const REGRETS: [&str; 5] = [
    "error rate went from 0.1 % to 4 % after the release",
    "p99 latency doubled after the release",
    "customers in Belgium see prices without tax",
    "memory grows by 50 MB an hour",
    "support reports that gift cards are refused",
];

/// What hotfixes are about.
pub(super) const HOTFIXES: [&str; 5] = [
    "Stop charging twice when a redirect is retried",
    "Reconnect when the broker closes the connection",
    "Escape names with apostrophes",
    "Accept certificates of the new intermediate",
    "Do not cache answers for signed-in users",
];
