//! The client's commands: the real binary against the real server.

mod codes;
mod people;
mod reading;
mod reporting;
mod signing_keys;
mod sqlite_copies;
mod webhooks;

use std::path::PathBuf;

use crate::harness::{Directory, Ended, Launch, PRESET_KEY, Process, memory_directory};

/// A server, and a person with a home who runs commands against it.
struct Desk {
    server: Process,
    directory: Directory,
}

impl Desk {
    fn start() -> Self {
        let directory = memory_directory();
        let server = Process::start(&directory.path().join("data"));
        Self { server, directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A command whose environment names the home, and nothing else.
    fn stranger(&self, arguments: &[&str]) -> Launch {
        let home = self.path("home");
        Launch::command(arguments, &self.path("client")).variable("HOME", home.to_str().unwrap())
    }

    /// A command whose environment names the server and the key.
    fn user(&self, arguments: &[&str]) -> Launch {
        let launch = self.stranger(arguments).variable("LANDFALL_URL", &self.server.url);
        launch.variable("LANDFALL_API_KEY", PRESET_KEY)
    }

    /// What a command prints that succeeds.
    fn run(&self, command_line: &str) -> String {
        let arguments: Vec<&str> = command_line.split(' ').collect();
        let Ended { code, output, errors } = self.user(&arguments).run();
        assert_eq!(code, Some(0), "{command_line}: {output}{errors}");
        output
    }

    fn deploy(&self, application: &str, version: &str, environment: &str) {
        let place = format!("--version {version} --environment {environment}");
        self.run(&format!("report deployment --application {application} {place}"));
    }
}
