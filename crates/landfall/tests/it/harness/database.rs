//! Which database the tests run on: SQLite, or the PostgreSQL that a variable names.
//!
//! On PostgreSQL every directory has a schema of its own, named after its path, so that a test may
//! open the same data again. It goes when the directory goes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use landfall_store::{Address, Store};

/// The variable that names a PostgreSQL, which `./test` starts.
const VARIABLE: &str = "LANDFALL_TEST_POSTGRES";

/// The master key of every server of a test.
pub(crate) const MASTER_KEY: &str =
    "6c616e6466616c6c2773206d6173746572206b657920666f7220746573747321";

/// The PostgreSQL of the tests, unless they run on SQLite.
fn server() -> Option<String> {
    std::env::var_os(VARIABLE).map(|url| url.into_string().unwrap()).filter(|url| !url.is_empty())
}

/// Servers that hold the data of one directory, in place of the one that all tests share.
static ASSIGNED: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());

/// Keeps a directory's data on a PostgreSQL of its own.
pub(super) fn assign(directory: &Path, url: &str) {
    ASSIGNED.lock().unwrap().insert(directory.to_owned(), url.to_owned());
}

/// The PostgreSQL that holds a directory's data, unless the tests run on SQLite.
fn server_of(directory: &Path) -> Option<String> {
    ASSIGNED.lock().unwrap().get(directory).cloned().or_else(server)
}

/// Whether a PostgreSQL takes statements.
pub(super) fn answers(url: &str) -> bool {
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--dbname", url, "-c", "SELECT 1"]);
    psql.output().unwrap().status.success()
}

/// Whether the tests run on PostgreSQL, where jobs have a thread of their own.
pub(crate) fn is_postgres() -> bool {
    server().is_some()
}

/// Opens the data of a directory, on whichever engine it is.
pub(crate) fn open_store(directory: &Path) -> Store {
    match database_of(directory) {
        None => Store::open(directory).unwrap(),
        Some(url) => Store::connect(Address::parse(&url).unwrap()).unwrap(),
    }
}

/// The URL of a directory's own schema, which is made if it is missing.
pub(crate) fn database_of(directory: &Path) -> Option<String> {
    let server = server_of(directory)?;
    let schema = schema(directory);
    run_sql(&server, &format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
    let joint = if server.contains('?') { '&' } else { '?' };
    let name = format!("application_name={schema}");
    Some(format!("{server}{joint}{name}&options=-c%20search_path%3D{schema}"))
}

fn schema(directory: &Path) -> String {
    format!("{}_{}", prefix(directory), rest(directory))
}

/// Ends all connections to a directory's schema, as a restart of the server or a failover does.
pub(crate) fn end_connections(directory: &Path) {
    let server = server().expect("only tests of PostgreSQL end connections");
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name";
    run_sql(&server, &format!("{sql} = '{}'", schema(directory)));
}

/// Drops the schemas of a directory and of those in it.
pub(super) fn drop_schemas(directory: &Path) {
    let Some(server) = server() else { return };
    let prefix = prefix(directory);
    let names = format!(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE '{}%'",
        prefix.replace('_', "\\_")
    );
    run_sql(
        &server,
        &format!(
            "DO $$ DECLARE name TEXT; BEGIN FOR name IN {names} LOOP \
             EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP; END $$"
        ),
    );
}

/// Everything that is stored in a directory or its schema, as bytes to look for something in.
pub(crate) fn everything_in(directory: &Path) -> Vec<u8> {
    let Some(server) = server() else {
        let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.is_file());
        return files.flat_map(|path| std::fs::read(path).unwrap()).collect();
    };
    let mut dump = Command::new("pg_dump");
    dump.args(["--data-only", "--schema", &schema(directory), "--dbname", &server]);
    dump.output().unwrap().stdout
}

/// Has a PostgreSQL run statements.
pub(crate) fn run_sql(server: &str, sql: &str) {
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", server]);
    let output = psql.env("PGOPTIONS", "-c client_min_messages=warning").args(["-c", sql]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Names the temporary directory that a path is, or lies in. Its own name tells capital letters from
/// small ones, which schemas' names do not.
fn prefix(directory: &Path) -> String {
    let name = temporary(directory).0;
    name.bytes().fold("test_".to_owned(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

fn rest(directory: &Path) -> String {
    let letters = temporary(directory).1;
    letters.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// The name of the temporary directory, and the path in it.
fn temporary(directory: &Path) -> (String, String) {
    let names = directory.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let names: Vec<String> = names.collect();
    let place = names.iter().position(|name| name.starts_with(".tmp")).unwrap();
    (names[place].trim_start_matches(".tmp").to_owned(), names[place + 1..].join("/"))
}
