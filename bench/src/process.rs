//! A server as a child process: started, waited for until it says its address, and ended.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

const READY_S_MAX: u64 = 30;
const STOP_S_MAX: u64 = 30;
/// Short, since starting is measured too.
const POLL_MS: u64 = 1;
/// The last lines of output are kept, to show when something goes wrong.
const LINES_KEPT_MAX: usize = 20;

/// A running child. Dropping it kills it; [`Self::stop`] lets it end in order.
pub(crate) struct ServerProcess {
    child: Child,
    url: String,
    heard: Arc<Mutex<Heard>>,
    listeners: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Heard {
    url: Option<String>,
    last_lines: VecDeque<String>,
}

impl ServerProcess {
    /// Starts the command and waits until it prints `http://127.0.0.1:PORT`.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().with_context(|| format!("cannot start {program}"))?;
        let heard = Arc::default();
        let mut listeners = Vec::new();
        listeners.extend(child.stdout.take().map(|out| listen(out, Arc::clone(&heard))));
        listeners.extend(child.stderr.take().map(|err| listen(err, Arc::clone(&heard))));
        let mut process = Self { child, url: String::new(), heard, listeners };
        process.url = process.wait_for_url().with_context(|| format!("{program} did not start"))?;
        Ok(process)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM to this child and waits until it has ended.
    pub(crate) fn stop(mut self) -> anyhow::Result<ExitStatus> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        sent.context("cannot run `kill` to end a child process")?;
        let deadline = Instant::now() + Duration::from_secs(STOP_S_MAX);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(POLL_MS));
        }
        bail!("process {id} did not end within {STOP_S_MAX} s of SIGTERM{}", self.last_lines());
    }

    fn wait_for_url(&mut self) -> anyhow::Result<String> {
        let deadline = Instant::now() + Duration::from_secs(READY_S_MAX);
        while Instant::now() < deadline {
            if let Some(url) = lock(&self.heard).url.clone() {
                return Ok(url);
            }
            if let Some(status) = self.child.try_wait()? {
                self.join_listeners();
                bail!("it ended with {status}{}", self.last_lines());
            }
            thread::sleep(Duration::from_millis(POLL_MS));
        }
        bail!("it printed no http://127.0.0.1:PORT within {READY_S_MAX} s{}", self.last_lines());
    }

    /// They end with the child's pipes.
    fn join_listeners(&mut self) {
        // A panic in one would only have been about the child's output.
        self.listeners.drain(..).for_each(|listener| drop(listener.join()));
    }

    fn last_lines(&self) -> String {
        let lines = &lock(&self.heard).last_lines;
        lines.iter().flat_map(|line| ["\n  | ", line]).collect()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Either fails only when the child has already ended.
        drop(self.child.kill());
        drop(self.child.wait());
        self.join_listeners();
    }
}

/// Reads to the end, so that the child never waits for a full pipe.
fn listen(stream: impl Read + Send + 'static, heard: Arc<Mutex<Heard>>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut lines = BufReader::new(stream).split(b'\n');
        while let Some(Ok(line)) = lines.next() {
            lock(&heard).hear(String::from_utf8_lossy(&line).into_owned());
        }
    })
}

impl Heard {
    fn hear(&mut self, line: String) {
        self.url = self.url.take().or_else(|| local_url(&line));
        if self.last_lines.len() == LINES_KEPT_MAX {
            self.last_lines.pop_front();
        }
        self.last_lines.push_back(line);
    }
}

fn lock(heard: &Mutex<Heard>) -> std::sync::MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The first local URL with a port in a line, be the line text or JSON.
fn local_url(line: &str) -> Option<String> {
    const PREFIX: &str = "http://127.0.0.1:";
    let (_, after) = line.split_once(PREFIX)?;
    let port_end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    let port: u16 = after[..port_end].parse().ok()?;
    Some(format!("{PREFIX}{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_text_and_in_json() {
        let expected = Some("http://127.0.0.1:8080".to_owned());
        assert_eq!(local_url("listening on http://127.0.0.1:8080"), expected);
        assert_eq!(local_url(r#"{"message":"up","url":"http://127.0.0.1:8080/"}"#), expected);
        assert_eq!(local_url("http://127.0.0.1: none"), None);
        assert_eq!(local_url("no address"), None);
    }

    #[test]
    fn a_child_that_ends_at_once_shows_what_it_said() {
        let mut command = Command::new("sh");
        let refused = ServerProcess::start(command.args(["-c", "echo no disk >&2; exit 3"]));

        let message = format!("{:#}", refused.err().unwrap());

        assert_eq!(message, "sh did not start: it ended with exit status: 3\n  | no disk");
    }

    #[test]
    fn a_child_is_ended_by_sigterm() {
        let script = "trap 'exit 7' TERM; echo http://127.0.0.1:1; while :; do sleep 0.01; done";
        let process = ServerProcess::start(Command::new("sh").args(["-c", script])).unwrap();

        assert_eq!(process.url(), "http://127.0.0.1:1");
        assert_eq!(process.stop().unwrap().code(), Some(7));
    }
}
