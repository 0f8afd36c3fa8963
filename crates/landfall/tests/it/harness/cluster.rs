//! A PostgreSQL of a test's own, to be ended and filled up. It waits for the disk, as a real one does.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::database::{answers, assign};
use super::process::{is_root, rights};

/// A small file system for the data, and a server that is started again whenever it ended, as whoever
/// looks after servers does. Its socket lies outside, where everybody sees it.
const SCRIPT: &str = r#"
mount -t tmpfs -o size=160m,mode=0777 tmpfs "$FOLDER/disk"
$AS_POSTGRES "$PROGRAMS/initdb" --pgdata "$FOLDER/disk/data" --username postgres --auth trust \
  --encoding UTF8 --locale C --no-sync >"$FOLDER/log" 2>&1
while :; do
  $AS_POSTGRES "$PROGRAMS/postgres" -D "$FOLDER/disk/data" -k "$FOLDER" -c listen_addresses= \
    -c max_wal_size=48MB -c min_wal_size=32MB -c shared_buffers=16MB >>"$FOLDER/log" 2>&1 || sleep 0.1
done
"#;

/// A PostgreSQL on a small disk in memory, which nobody else knows.
pub(crate) struct Cluster {
    folder: TempDir,
    shell: Child,
}

impl Cluster {
    /// Starts one, and returns once it answers. It keeps the data of `directory`.
    pub(crate) fn start(directory: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("disk")).unwrap();
        open_to_all(folder.path());
        let mut shell = Command::new("unshare");
        shell.args(rights()).args(["--mount", "/bin/sh", "-ec", SCRIPT]);
        shell.env("FOLDER", folder.path()).env("PROGRAMS", programs());
        let shell = shell.env("AS_POSTGRES", as_postgres()).stdin(Stdio::null()).spawn().unwrap();
        let mut cluster = Self { folder, shell };
        assign(directory, &cluster.url());
        cluster.wait();
        cluster
    }

    fn url(&self) -> String {
        let folder = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://postgres@{folder}/postgres")
    }

    /// Returns once it answers.
    fn wait(&mut self) {
        while !answers(&self.url()) {
            let ended = self.shell.try_wait().unwrap();
            assert!(ended.is_none(), "{}", std::fs::read_to_string(self.log()).unwrap());
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The file system that holds the data.
    pub(crate) fn disk(&self) -> PathBuf {
        let disk = self.folder.path().join("disk");
        let root = PathBuf::from(format!("/proc/{}/root", self.shell.id()));
        root.join(disk.strip_prefix("/").unwrap())
    }

    /// Ends it without a word to its clients; it comes back by itself.
    pub(crate) fn crash(&self) {
        let file = std::fs::read_to_string(self.disk().join("data/postmaster.pid")).unwrap();
        let process = file.lines().next().unwrap();
        assert!(Command::new("kill").args(["-QUIT", process]).status().unwrap().success());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The shell first, lest it start another server.
        drop(Command::new("kill").args(["-STOP", &self.shell.id().to_string()]).status());
        if self.disk().join("data/postmaster.pid").exists() {
            self.crash();
        }
        drop(self.shell.kill());
        drop(self.shell.wait());
    }
}

fn open_to_all(folder: &Path) {
    let all = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(folder, all).unwrap();
}

/// PostgreSQL does not run as root.
fn as_postgres() -> &'static str {
    if is_root() {
        "setpriv --reuid=postgres --regid=postgres --init-groups"
    } else {
        "unshare --user --map-user=1000 --map-group=1000"
    }
}

/// Where Debian keeps PostgreSQL's own programs, which are not in PATH: the newest of them.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let mut versions: Vec<PathBuf> = versions.map(|version| version.unwrap().path()).collect();
    versions.sort();
    versions.pop().unwrap().join("bin")
}
