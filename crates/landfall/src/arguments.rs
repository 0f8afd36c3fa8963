//! What the command line looks like.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cli::ClientCommand;

/// What is running where, and everyone who must know, told.
#[derive(Debug, Parser)]
#[command(name = "landfall", version, about, propagate_version = true)]
#[command(after_help = "Start with `landfall serve`, or see it filled with `landfall demo`.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    #[command(after_help = "Examples:\n  landfall serve\n  landfall serve --listen 0.0.0.0:8080 \
        --data /var/lib/landfall\n  landfall serve --config /etc/landfall.toml")]
    Serve(ServeArguments),
    /// Run a server that holds a made-up company, to see what Landfall shows
    #[command(after_help = "Examples:\n  landfall demo\n  landfall demo --data /tmp/demo \
        --listen 127.0.0.1:9000")]
    Demo(DemoArguments),
    /// Look at the server's settings
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Look after the key that secrets are sealed with
    MasterKey {
        #[command(subcommand)]
        command: MasterKeyCommand,
    },
    #[command(flatten)]
    Client(ClientCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting, its value, and where that came from
    Show(ServeArguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum MasterKeyCommand {
    /// Seal all secrets under another master key, while no server runs
    #[command(after_help = "Examples:\n  landfall master-key rotate --data /var/lib/landfall\n  \
        LANDFALL_NEW_MASTER_KEY=$(openssl rand -hex 32) landfall master-key rotate\n\n\
        Settings are those of the server. Where the key lies in a file the new one is made there; \
        where a setting holds it, LANDFALL_NEW_MASTER_KEY names the new one.")]
    Rotate(ServeArguments),
}

/// The server's settings as flags; see `landfall config show` for all of them.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ServeArguments {
    /// A TOML file with settings
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Directory that holds the data [default: ./landfall-data]
    #[arg(long, value_name = "DIRECTORY")]
    pub data: Option<String>,
    /// A PostgreSQL that holds the data instead, such as `postgres://landfall@db.example/landfall`
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// What is logged, such as `info` or `landfall_engine=debug` [default: info]
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// `text` or `json` [default: text on a terminal, else json]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

/// Where the demo lives.
#[derive(Args, Clone, Debug)]
pub(crate) struct DemoArguments {
    /// Directory of the demo; filled if it is empty
    #[arg(long, value_name = "DIRECTORY", default_value = "./landfall-demo")]
    pub data: String,
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
}
