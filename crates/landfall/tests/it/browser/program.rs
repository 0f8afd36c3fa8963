//! A program of `tests/clients/browser`: started, answered, heard to its end.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Where `./test` installs the packages, wherever cargo itself builds.
const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/clients");
const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/browser");

/// A program under way. It is killed when nobody holds it any more.
pub(super) struct Program {
    child: Child,
}

/// What a program found.
pub(super) struct Checks {
    count: usize,
    wrong: Vec<String>,
}

impl Program {
    /// Starts it against a server.
    pub(super) fn start(name: &str, url: &str, key: &str) -> Self {
        let package = Path::new(CLIENTS).join("node_modules/puppeteer-core");
        assert!(package.exists(), "{} is missing; ./test installs it", package.display());
        let mut command = Command::new("node");
        command.arg(Path::new(PROGRAMS).join(name)).current_dir(CLIENTS);
        command.env("BASE_URL", url).env("API_KEY", key.trim());
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Self { child }
    }

    /// Hears it to its end; `act` does what it asks for.
    pub(super) fn finish(mut self, mut act: impl FnMut(&str)) -> Checks {
        let mut input = self.child.stdin.take().unwrap();
        let output = BufReader::new(self.child.stdout.take().unwrap());
        let mut checks = Checks { count: 0, wrong: Vec::new() };
        for line in output.lines() {
            let line = line.unwrap();
            let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
            if let Some(wanted) = said["wanted"].as_str() {
                act(wanted);
                writeln!(input, "done").unwrap();
            } else {
                checks.hear(&said);
            }
        }
        let status = self.child.wait().unwrap();
        assert!(status.success(), "it ended with {status} after {:#?}", checks.wrong);
        checks
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Checks {
    fn hear(&mut self, said: &Value) {
        self.count += 1;
        let found = said["wrong"].as_array().unwrap().iter();
        let name = said["check"].as_str().unwrap();
        self.wrong.extend(found.map(|wrong| format!("{name}: {}", wrong.as_str().unwrap())));
    }

    pub(super) fn assert_all_passed(&self) {
        assert!(self.count > 0, "nothing was checked");
        assert!(self.wrong.is_empty(), "\n{}", self.wrong.join("\n"));
    }
}
