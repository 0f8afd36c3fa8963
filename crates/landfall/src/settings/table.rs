//! The list of settings; documentation, files, environment and `config show` all follow it.

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in a file; as a flag with hyphens.
    pub name: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// Its value when nobody says another.
    pub default: &'static str,
    /// Whether its value is never shown.
    pub is_secret: bool,
    /// What it is for, with unit and bounds.
    pub help: &'static str,
}

const fn setting(
    name: &'static str,
    variable: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { name, variable, default, is_secret: false, help }
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    setting("listen", "LANDFALL_LISTEN", "127.0.0.1:8080", "Address and port to listen on"),
    setting("data", "LANDFALL_DATA", "./landfall-data", "Directory that holds the data"),
    Setting {
        is_secret: true,
        ..setting(
            "database",
            "LANDFALL_DATABASE",
            "",
            "A PostgreSQL that holds the data instead: postgres://user:password@host:port/database, \
             with ?sslmode=disable, prefer, require or verify-full and &sslrootcert=FILE; see \
             postgresql.md",
        )
    },
    Setting {
        is_secret: true,
        ..setting(
            "admin_key",
            "LANDFALL_ADMIN_KEY",
            "",
            "An admin key that always works: sk_<organization>_<key id>_<32 characters or more>",
        )
    },
    setting(
        "public_url",
        "LANDFALL_PUBLIC_URL",
        "",
        "Where people find this Landfall, such as https://landfall.example; links in webhooks lead \
         there",
    ),
    setting("log", "LANDFALL_LOG", "info", "What is logged: a level, or levels by module"),
    setting("log_format", "LANDFALL_LOG_FORMAT", "auto", "How it is logged: text, json or auto"),
    setting(
        "rate_per_key",
        "LANDFALL_RATE_PER_KEY",
        "0",
        "Requests per second that one API key may make to each node; 0 is without limit",
    ),
    setting(
        "events_kept_days",
        "LANDFALL_EVENTS_KEPT_DAYS",
        "400",
        "Days that events are kept, 1 to 36500; what runs where is kept for ever",
    ),
    setting(
        "attempts_kept_days",
        "LANDFALL_ATTEMPTS_KEPT_DAYS",
        "30",
        "Days that attempts to deliver webhooks are kept, 1 to 36500",
    ),
    setting(
        "refused_kept_days",
        "LANDFALL_REFUSED_KEPT_DAYS",
        "7",
        "Days that refused reports are kept, 1 to 36500; at most 1,000 of each organization",
    ),
    setting(
        "connections_max",
        "LANDFALL_CONNECTIONS_MAX",
        "10000",
        "Connections that are served at one time, 1 to 1000000; more have to wait",
    ),
    setting(
        "body_seconds_max",
        "LANDFALL_BODY_SECONDS_MAX",
        "10",
        "Seconds that a request's body may take to arrive, 1 to 600",
    ),
    setting(
        "drain_seconds_max",
        "LANDFALL_DRAIN_SECONDS_MAX",
        "30",
        "Seconds that a stopping server waits for requests under way, 0 to 600",
    ),
    setting(
        "egress_allow",
        "LANDFALL_EGRESS_ALLOW",
        "",
        "Addresses that webhooks may reach although they are not public: CIDRs and host:port, \
         separated by commas, such as 10.1.0.0/16,internal.example:8443",
    ),
    Setting {
        is_secret: true,
        ..setting(
            "egress_proxy",
            "LANDFALL_EGRESS_PROXY",
            "",
            "A proxy that webhooks go through: http://user:password@host:port",
        )
    },
    setting(
        "egress_ca",
        "LANDFALL_EGRESS_CA",
        "",
        "A PEM file of further certificate authorities that webhooks' receivers may use",
    ),
    Setting {
        is_secret: true,
        ..setting(
            "master_key",
            "LANDFALL_MASTER_KEY",
            "",
            "The key that secrets are sealed with, 32 bytes in base64 or hexadecimal; if it is \
             empty, it is kept in the file master-key beside the data, which is made on the first \
             start except where a PostgreSQL holds the data",
        )
    },
    setting(
        "traces_endpoint",
        "LANDFALL_TRACES_ENDPOINT",
        "",
        "A collector that OpenTelemetry traces go to, such as http://127.0.0.1:4318; empty is \
         none. It needs a binary with the feature otel",
    ),
];

/// Variables that begin like settings and belong to other commands.
pub(super) const CLIENT_VARIABLES: &[&str] = &[
    "LANDFALL_URL",
    "LANDFALL_API_KEY",
    "LANDFALL_VENDOR_SECRET",
    "LANDFALL_COPY_FROM",
    "LANDFALL_COPY_TO",
    "LANDFALL_NEW_MASTER_KEY",
];
