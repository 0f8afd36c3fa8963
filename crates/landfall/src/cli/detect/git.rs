//! What a plain git checkout tells: on its own, and to fill what a CI system left open.
//!
//! A checkout may be of another commit than the run is for. Then it says nothing about the run,
//! except where its repository is.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::readings::commit;
use super::remote::repository;
use super::system::{System, Variables, bounded, variable};
use super::{Detected, Found};

/// For all git commands together: a hanging network disk must not hold up a deployment.
const TIME_LIMIT: Duration = Duration::from_secs(3);

const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// Outside CI the person at the keyboard is who deploys, whoever wrote the commit.
const PLAIN: System = System {
    name: "git",
    actor: &[variable("USER"), variable("LOGNAME"), variable("USERNAME")],
    ..System::EMPTY
};

/// Answers of the git command line, each absent if git had none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GitFacts {
    /// The full SHA of the commit that is checked out.
    pub head: Option<String>,
    /// A tag of exactly that commit.
    pub exact_tag: Option<String>,
    /// Absent where a commit rather than a branch is checked out, as CI systems like to do.
    pub branch: Option<String>,
    /// May hold credentials: only ever pass on what [`detect`](super::detect) makes of it.
    pub origin_url: Option<String>,
    pub author_name: Option<String>,
    pub author_email: Option<String>,
    /// The first line of the commit's message.
    pub subject: Option<String>,
    /// The person that git is set up for.
    pub user_name: Option<String>,
    pub user_email: Option<String>,
}

/// Asks the git command line about the current directory; all empty outside a checkout.
///
/// Blocks for at most three seconds, so call it off the runtime's threads.
pub(crate) fn read_git() -> GitFacts {
    read_git_in(Path::new("."))
}

/// What a checkout without any CI system tells.
pub(super) fn plain(variables: Variables<'_>, git: &GitFacts) -> Detected {
    Detected {
        actor_name: found(git.user_name.as_ref(), "git config user.name"),
        actor_email: found(git.user_email.as_ref(), "git config user.email"),
        ..PLAIN.read(variables)
    }
}

/// Fills the gaps; what the CI system said stands, except for the SHA of a passing merge commit.
pub(super) fn complete(detected: &mut Detected, git: &GitFacts) {
    let origin = git.origin_url.as_deref().and_then(repository);
    fill(&mut detected.repository, found(origin.as_ref(), "origin remote"));

    let is_of_run = |head: &String| match &detected.commit_sha {
        Some(commit) => commit.value == *head,
        None => true,
    };
    if !git.head.as_ref().is_some_and(is_of_run) {
        return;
    }
    fill(&mut detected.version, found(git.exact_tag.as_ref(), "git describe --tags --exact-match"));
    fill(&mut detected.branch, found(git.branch.as_ref(), "git symbolic-ref --short HEAD"));
    fill(&mut detected.commit_sha, found(git.head.as_ref(), "git rev-parse HEAD"));

    if let Some(proposed) = git.subject.as_deref().and_then(proposed_commit) {
        detected.commit_sha = Some(Found::new(&proposed, "subject of the merge commit"));
        return;
    }
    for (key, value) in [("commit_author", &git.author_name), ("commit_subject", &git.subject)] {
        if let Some(value) = value {
            detected.metadata.insert(key.to_owned(), bounded(value));
        }
    }
}

fn found(value: Option<&String>, origin: &str) -> Option<Found> {
    value.map(|value| Found::new(value, origin))
}

fn fill(field: &mut Option<Found>, found: Option<Found>) {
    if field.is_none() {
        *field = found;
    }
}

/// The head of a pull request, from the subject `Merge SHA into SHA` that GitHub gives to the
/// commit with which it tries the merge.
///
/// That commit is in nobody's history later, and the environment does not tell the head.
fn proposed_commit(subject: &str) -> Option<String> {
    let (head, base) = subject.strip_prefix("Merge ")?.split_once(" into ")?;
    let is_full = |sha: &str| sha.len() >= 40 && commit(sha).is_some();
    (is_full(head) && is_full(base)).then(|| head.to_owned())
}

fn read_git_in(directory: &Path) -> GitFacts {
    let deadline = Instant::now() + TIME_LIMIT;
    let ask = |arguments: &[&str]| ask(directory, arguments, deadline);
    let Some(head) = ask(&["rev-parse", "HEAD"]) else { return GitFacts::default() };
    let log = |format: &str| ask(&["log", "-1", "--no-show-signature", format]);
    GitFacts {
        head: Some(head),
        exact_tag: ask(&["describe", "--tags", "--exact-match"]),
        branch: ask(&["symbolic-ref", "--short", "HEAD"]),
        origin_url: ask(&["config", "--get", "remote.origin.url"]),
        author_name: log("--format=%an"),
        author_email: log("--format=%ae"),
        subject: log("--format=%s"),
        user_name: ask(&["config", "--get", "user.name"]),
        user_email: ask(&["config", "--get", "user.email"]),
    }
}

/// One answer; nothing if git is missing, fails, is silent, or the time is over.
fn ask<Argument: AsRef<OsStr>>(
    directory: &Path,
    arguments: &[Argument],
    deadline: Instant,
) -> Option<String> {
    let mut git = Command::new("git")
        .args(arguments)
        .current_dir(directory)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    if !succeeds_before(&mut git, deadline) {
        return None;
    }
    let mut answer = Vec::new();
    git.stdout.take()?.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).trim().to_owned();
    (!answer.is_empty()).then_some(answer)
}

/// Waits for the end of a command whose answer fits the pipe, and ends it if it takes too long.
fn succeeds_before(git: &mut Child, deadline: Instant) -> bool {
    loop {
        match git.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(POLL_INTERVAL),
            Ok(None) | Err(_) => {
                // It may have ended by itself meanwhile; either way nobody waits for its answer.
                drop(git.kill());
                drop(git.wait());
                return false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use super::super::testing::check_with_git;
    use super::{GitFacts, proposed_commit, read_git_in};

    const HEAD: &str = "83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d";

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_plain_checkout_is_deployed_by_who_runs_the_command() {
        let checkout = GitFacts {
            head: Some(text(HEAD)),
            exact_tag: None,
            branch: Some(text("main")),
            origin_url: Some(text("git@gitlab.com:acme/web/shop.git")),
            author_name: Some(text("Grace Hopper")),
            author_email: Some(text("grace@acme.example")),
            subject: Some(text("Let carts expire")),
            user_name: Some(text("Ada Lovelace")),
            user_email: Some(text("ada@acme.example")),
        };
        check_with_git(
            "USER=ada\nHOME=/home/ada",
            &checkout,
            "system: git
             application: shop (origin remote)
             version: 83a20ec058e2 (short form of git rev-parse HEAD)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (git rev-parse HEAD)
             branch: main (git symbolic-ref --short HEAD)
             repository: acme/web/shop (origin remote)
             actor: ada (USER)
             actor_email: ada@acme.example (git config user.email)
             actor_name: Ada Lovelace (git config user.name)
             commit_author=Grace Hopper
             commit_subject=Let carts expire",
        );
    }

    #[test]
    fn a_checkout_of_a_tag_without_a_remote() {
        let checkout = GitFacts {
            head: Some(text(HEAD)),
            exact_tag: Some(text("v1.4.0")),
            ..GitFacts::default()
        };
        check_with_git(
            "",
            &checkout,
            "system: git
             version: v1.4.0 (git describe --tags --exact-match)
             commit_sha: 83a20ec058e2fb00e7fa4558c4c6e81e2dcf253d (git rev-parse HEAD)",
        );
    }

    #[test]
    fn only_the_subject_of_a_trial_merge_names_a_proposed_commit() {
        let trial = format!("Merge {HEAD} into {}", "0".repeat(40));

        assert_eq!(proposed_commit(&trial).as_deref(), Some(HEAD));
        assert_eq!(proposed_commit("Merge pull request #5 from acme/feature"), None);
        assert_eq!(proposed_commit("Merge 83a20ec into 1578411"), None);
        assert_eq!(proposed_commit("Merge cafe into the menu"), None);
    }

    #[test]
    fn a_real_checkout_is_read() {
        let checkout = Checkout::new("read");
        checkout.git(&["init", "--quiet", "--initial-branch=trunk"]);
        checkout.git(&["config", "user.name", "Ada Lovelace"]);
        checkout.git(&["config", "user.email", "ada@acme.example"]);
        checkout.git(&["remote", "add", "origin", "git@git.acme.example:acme/shop.git"]);
        checkout.git(&["commit", "--quiet", "--allow-empty", "--message=Begin\n\nAt last."]);
        checkout.git(&["tag", "v1.0.0"]);

        let mut facts = read_git_in(&checkout.0);

        assert!(facts.head.take().is_some_and(|head| head.len() == 40));
        let expected = GitFacts {
            head: None,
            exact_tag: Some(text("v1.0.0")),
            branch: Some(text("trunk")),
            origin_url: Some(text("git@git.acme.example:acme/shop.git")),
            author_name: Some(text("Ada Lovelace")),
            author_email: Some(text("ada@acme.example")),
            subject: Some(text("Begin")),
            user_name: Some(text("Ada Lovelace")),
            user_email: Some(text("ada@acme.example")),
        };
        assert_eq!(facts, expected);
    }

    #[test]
    fn outside_of_a_checkout_there_are_no_facts() {
        let directory = Checkout::new("none");

        assert_eq!(read_git_in(&directory.0), GitFacts::default());
        assert_eq!(read_git_in(Path::new("/nowhere/at/all")), GitFacts::default());
    }

    /// A directory of this test's own, removed at its end.
    struct Checkout(PathBuf);

    impl Checkout {
        fn new(name: &str) -> Self {
            let name = format!("landfall-detect-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn git(&self, arguments: &[&str]) {
            let mut command = Command::new("git");
            command.args(arguments).current_dir(&self.0);
            command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
            assert!(command.status().unwrap().success(), "git {arguments:?}");
        }
    }

    impl Drop for Checkout {
        fn drop(&mut self) {
            // What is left in the temporary directory does no harm.
            drop(std::fs::remove_dir_all(&self.0));
        }
    }
}
