//! The real binary: started, listened to, told to stop, killed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::Client;
use super::database::{MASTER_KEY, database_of};

/// The admin key of a process that is not asked to make one.
pub(crate) const PRESET_KEY: &str = "sk_default_k1_0123456789abcdefghijklmnopqrstuv";

/// A process that prints nothing for so long will not.
const LINE_TIME_MAX: Duration = Duration::from_secs(30);

const LISTENING: &str = "Landfall is listening on ";
/// What the demo says before.
const FILLING: &str = "Filling the demo";

/// A command line in the making, with an environment of its own.
pub(crate) struct Launch {
    command: Command,
    log: PathBuf,
}

/// A command that came to its end.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Launch {
    /// Any command; what it says on standard error is kept beside `directory`.
    pub(crate) fn command(arguments: &[&str], directory: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
        command.args(arguments).env_clear().stdin(Stdio::null());
        Self { command, log: directory.with_extension("log") }
    }

    /// `landfall serve` on any port.
    pub(crate) fn serve(directory: &Path) -> Self {
        let data = directory.to_str().unwrap();
        let launch =
            Self::command(&["serve", "--listen", "127.0.0.1:0", "--data", data], directory);
        match database_of(directory) {
            None => launch,
            Some(url) => launch
                .variable("LANDFALL_DATABASE", &url)
                .variable("LANDFALL_MASTER_KEY", MASTER_KEY),
        }
    }

    /// `landfall demo`, which fills the directory first unless it did so before.
    pub(crate) fn demo(directory: &Path, listen: &str) -> Self {
        let data = directory.to_str().unwrap();
        Self::command(&["demo", "--listen", listen, "--data", data], directory)
    }

    /// The same within a file system that `mount` makes for it alone, at a path that it is given: a
    /// shell command in a namespace of its own, in which the process runs on under the same id.
    pub(crate) fn on(self, mount: &str, path: &Path) -> Self {
        let mut command = Command::new("/usr/bin/unshare");
        command.args(rights()).args(["--mount", "/bin/sh", "-ec"]);
        command.arg(format!("PATH=/usr/bin:/bin; {mount}; shift; exec \"$@\"")).arg("sh").arg(path);
        command.arg(self.command.get_program()).args(self.command.get_args());
        command.env_clear().stdin(Stdio::null());
        for (name, value) in self.command.get_envs() {
            command.env(name, value.expect("nothing is unset"));
        }
        Self { command, log: self.log }
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Ended {
        let output = self.command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended {
            code: output.status.code(),
            output: text(output.stdout),
            errors: text(output.stderr),
        }
    }

    /// Starts a server, and returns once it listens.
    pub(crate) fn start(self) -> Process {
        let mut process = self.spawn();
        let mut line = process.line();
        if line.starts_with(FILLING) {
            line = process.line();
        }
        let url = line.strip_prefix(LISTENING);
        let url = url.unwrap_or_else(|| panic!("it said {line:?} and {}", process.log()));
        process.url = url.to_owned();
        process
    }

    /// Starts it, whatever it is.
    pub(crate) fn spawn(mut self) -> Process {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut child = self.command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let output = lines(child.stdout.take().unwrap());
        Process { child, output, url: String::new(), log: self.log }
    }
}

/// What `unshare` needs to mount something: nothing for root, a namespace of users for others. Where
/// neither may mount, the tests that need it fail; CONTRIBUTING says how to allow it.
pub(super) fn rights() -> &'static [&'static str] {
    if is_root() { &[] } else { &["--user", "--map-root-user"] }
}

/// Whether the tests run as root.
pub(super) fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The lines of an output, as they come.
fn lines(output: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            // An error means that the test has heard enough.
            drop(sender.send(line.unwrap()));
        }
    });
    receiver
}

/// A server in a process of its own. It is killed when nobody holds it any more.
pub(crate) struct Process {
    child: Child,
    output: Receiver<String>,
    pub(crate) url: String,
    log: PathBuf,
}

impl Process {
    /// A server with the preset key.
    pub(crate) fn start(directory: &Path) -> Self {
        Launch::serve(directory).variable("LANDFALL_ADMIN_KEY", PRESET_KEY).start()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url, PRESET_KEY)
    }

    /// The next line that it prints; empty if it ended.
    pub(crate) fn line(&mut self) -> String {
        match self.output.recv_timeout(LINE_TIME_MAX) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => String::new(),
            Err(RecvTimeoutError::Timeout) => panic!("it prints nothing; {}", self.log()),
        }
    }

    /// What it wrote to standard error so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// A path as the process sees it, in its own namespace.
    pub(crate) fn seen(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.child.id()));
        root.join(path.strip_prefix("/").unwrap())
    }

    /// SIGSTOP: stops it where it is, without its notice, until it is thawed or killed.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGCONT: it goes on as if no time had passed.
    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    /// SIGTERM. Its exit code comes with [`Self::wait`].
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// SIGINT, as of Ctrl-C. Its exit code comes with [`Self::wait`].
    pub(crate) fn interrupt(&self) {
        self.signal("-INT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(status.success());
    }

    pub(crate) fn wait(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
