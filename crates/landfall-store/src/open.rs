//! Opening, closing, copying and checking a data directory, which holds a file of SQLite.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use landfall_domain::id::OrganizationId;
use landfall_domain::time::Timestamp;

use crate::checkpoint::Checkpointer;
use crate::driver::{Address, Connection, Purpose};
use crate::durable::Durable;
use crate::error::StoreError;
use crate::heartbeat::Heartbeat;
use crate::known::Known;
use crate::migrate::{found_schema, migrate, migrate_shared, refuse_newer};
use crate::reader::ReadPool;
use crate::stats::Stats;
use crate::writer::{Disk, Writer};

const DATA_FILE: &str = "landfall.db";
const LOCK_FILE: &str = "landfall.lock";

/// Open data: a directory, which no other process can open until this is closed, or a PostgreSQL,
/// which other nodes may use as well.
pub struct Store {
    /// The way to write.
    pub writer: Writer,
    /// The way to read.
    pub reader: ReadPool,
    /// What the store counts.
    pub stats: Arc<Stats>,
    /// The way to say that this node is alive; none where no other node can be.
    pub heartbeat: Option<Heartbeat>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    _lock: Option<File>,
}

impl Store {
    /// Opens a data directory, makes it if it is missing, and brings its schema up to date.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        create_directory(directory)?;
        let lock = lock(directory)?;
        let path = directory.join(DATA_FILE);
        let mut db = Connection::open_writer(&path)?;
        migrate(&mut db)?;
        db.commit_without_sync()?;
        let stats = Arc::new(Stats::default());
        let reader = ReadPool::open(&path)?;
        let (durable, syncing) = Durable::start(&log_file(directory), Arc::clone(&stats))?;
        let (checkpointer, copying) = Checkpointer::start(&path, durable.is_broken())?;
        let disk = Disk { checkpointer, durable };
        let read_by = path.clone();
        let (known, noting) = Known::alone(Box::new(move || Connection::open_reader(&read_by)))?;
        let reading = Connection::open_reader(&path)?;
        let (writer, mut threads) = Writer::start(reading, known, db, disk, &stats)?;
        threads.extend([copying, syncing].into_iter().chain(noting));
        let threads = Mutex::new(threads);
        Ok(Self { writer, reader, stats, heartbeat: None, threads, _lock: Some(lock) })
    }

    /// Connects to a PostgreSQL, and brings its schema up to date.
    pub fn connect(address: Address) -> Result<Self, StoreError> {
        let address = Arc::new(address);
        // Connections wait for answers, which no thread may that runs async tasks, as the caller's.
        let opening = || {
            let mut db = Connection::connect(&address, Purpose::Write)?;
            check_fitness(&mut db)?;
            migrate_shared(&mut db)?;
            let connect = || Connection::connect(&address, Purpose::Write);
            let read_by = Arc::clone(&address);
            let known = Known::among_others(Box::new(move || {
                Connection::connect(&read_by, Purpose::Read)
            }))?;
            Ok(([db, connect()?, connect()?], known))
        };
        let opened = std::thread::scope(|scope| scope.spawn(opening).join());
        let (connections, (known, noting)) = opened.unwrap_or(Err(StoreError::Closing))?;
        let stats = Arc::new(Stats::default());
        let (writer, mut threads) = Writer::start_shared(connections, known, &stats)?;
        threads.extend(noting);
        let heartbeat = Some(Heartbeat::new(Arc::clone(&address)));
        let (reader, threads) = (ReadPool::connect(address), Mutex::new(threads));
        Ok(Self { writer, reader, stats, heartbeat, threads, _lock: None })
    }

    /// Whether other nodes may write to the same data.
    pub const fn is_shared(&self) -> bool {
        self.heartbeat.is_some()
    }

    /// Waits until everything that was accepted is written. Every other [`Writer`] must be gone.
    pub fn close(self) {
        let Self { writer, reader, threads, .. } = self;
        drop((writer, reader));
        let threads = threads.into_inner().unwrap_or_else(PoisonError::into_inner);
        for thread in threads {
            // A thread that panicked has said so already.
            drop(thread.join());
        }
    }
}

const ENCODING: &str = "SELECT current_setting('server_encoding')";
const VERSION: &str = "SELECT CAST(current_setting('server_version_num') AS BIGINT)";
/// The oldest PostgreSQL that is still looked after.
const VERSION_MIN: i64 = 140_000;

/// Refuses a PostgreSQL that can't hold the data, or is too old.
pub(crate) fn check_fitness(db: &mut Connection) -> Result<(), StoreError> {
    let encoding = db.read_one(ENCODING, &[], |row| row.text(0))?.unwrap_or_default();
    if encoding != "UTF8" {
        return Err(StoreError::Unfit(format!(
            "its encoding is {encoding}; create the database with ENCODING 'UTF8'"
        )));
    }
    let version = db.read_one(VERSION, &[], |row| row.int(0))?.unwrap_or_default();
    if version < VERSION_MIN {
        let major = version / 10_000;
        return Err(StoreError::Unfit(format!("it is version {major}; 14 or later is needed")));
    }
    Ok(())
}

pub(crate) fn create_directory(directory: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|source| file_error(directory, source))
}

pub(crate) fn lock(directory: &Path) -> Result<File, StoreError> {
    let path = directory.join(LOCK_FILE);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|source| file_error(&path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(StoreError::InUse(directory.display().to_string()))
        }
        Err(std::fs::TryLockError::Error(source)) => Err(file_error(&path, source)),
    }
}

pub(crate) fn file_error(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File { path: path.display().to_string(), source }
}

/// The data file of a directory.
pub(crate) fn data_file(directory: &Path) -> PathBuf {
    directory.join(DATA_FILE)
}

/// SQLite's log beside the data file.
fn log_file(directory: &Path) -> PathBuf {
    directory.join(format!("{DATA_FILE}-wal"))
}

/// Copies a data directory, in use or not, into one file, as of one moment.
///
/// The file must not exist. Secrets that the operating system holds are not part of it.
pub fn backup(directory: &Path, file: &Path) -> Result<(), StoreError> {
    let from = data_file(directory);
    if !from.exists() {
        return Err(file_error(&from, std::io::ErrorKind::NotFound.into()));
    }
    if file.exists() {
        return Err(file_error(file, std::io::ErrorKind::AlreadyExists.into()));
    }
    let mut db = Connection::open_checkpointer(&from)?;
    let path = file.to_string_lossy().into_owned();
    db.sqlite()?.execute("VACUUM INTO ?1", [path])?;
    Ok(())
}

/// What a copy of the data holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Its organizations, and the number of the last event of each.
    pub organizations: Vec<(OrganizationId, String, u64)>,
    /// When the first of them was made.
    pub since: Option<Timestamp>,
}

/// Checks that a file is an intact copy of Landfall's data, and says what it holds.
pub fn verify(file: &Path) -> Result<Contents, StoreError> {
    if !file.exists() {
        return Err(file_error(file, std::io::ErrorKind::NotFound.into()));
    }
    let mut db = Connection::open_checkpointer(file)?;
    let verdict: String =
        db.sqlite()?.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::corrupt("copy", verdict));
    }
    refuse_newer(found_schema(&mut db)?)?;
    let organizations = crate::rows::organization::all(&mut db)?;
    Ok(Contents {
        since: organizations.iter().map(|organization| organization.created_at).min(),
        organizations: organizations
            .into_iter()
            .map(|found| (found.id, found.slug, found.next_sequence - 1))
            .collect(),
    })
}

/// Puts a verified copy into a data directory that holds no data yet.
pub fn restore(file: &Path, directory: &Path) -> Result<Contents, StoreError> {
    let contents = verify(file)?;
    create_directory(directory)?;
    let _lock = lock(directory)?;
    let to = data_file(directory);
    if to.exists() {
        return Err(file_error(&to, std::io::ErrorKind::AlreadyExists.into()));
    }
    let partial = directory.join("landfall.db.partial");
    std::fs::copy(file, &partial).map_err(|source| file_error(&partial, source))?;
    let copied = File::open(&partial).and_then(|copied| copied.sync_all());
    copied.map_err(|source| file_error(&partial, source))?;
    std::fs::rename(&partial, &to).map_err(|source| file_error(&to, source))?;
    Ok(contents)
}
