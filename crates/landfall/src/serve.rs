//! `landfall serve`: from settings to a running server and down again.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use landfall_api::Limits;
use landfall_engine::egress::{Egress, EgressOptions};
use landfall_engine::keys::MadeKey;
use landfall_engine::seal::Sealer;
use landfall_engine::tasks::Tasks;
use landfall_engine::{Ambient, Engine, Options, Outbound};
use landfall_store::{Address, Store};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::arguments::ServeArguments;
use crate::server::{Bounds, Server};
use crate::settings::{Settings, Sources};
use crate::traces::Traces;
use crate::{logs, master_key, output};

/// Where the first admin key goes when no terminal shows it.
const ADMIN_KEY_FILE: &str = "admin-key";

/// Runs the server until it is told to stop.
pub(crate) fn run(arguments: &ServeArguments) -> anyhow::Result<()> {
    let sources = sources(arguments)?;
    let settings = sources.resolve()?.settings()?;
    for name in sources.unknown_variables() {
        output::warning(&format!("{name} is set, but it is no setting; see `config show`"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let traces = Traces::open(&settings, runtime.handle())?;
    logs::start(&settings, traces.layer())?;
    let data = settings.data.clone();
    let served = runtime.block_on(serve(settings, |url, first_key| greet(url, &data, first_key)));
    traces.close();
    served
}

/// Prints every setting's value and where it came from.
pub(crate) fn show(arguments: &ServeArguments) -> anyhow::Result<()> {
    let resolved = sources(arguments)?.resolve()?;
    resolved.settings()?;
    for (name, value, origin) in resolved.shown() {
        output::line(&format!("{name} = \"{value}\"  # {origin}"));
    }
    Ok(())
}

pub(crate) fn sources(arguments: &ServeArguments) -> anyhow::Result<Sources> {
    let ServeArguments { config, listen, data, database, log, log_format } = arguments.clone();
    let flags = [
        ("listen", listen),
        ("data", data),
        ("database", database),
        ("log", log),
        ("log_format", log_format),
    ];
    let flags = flags.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let file = config.map(read_file).transpose()?;
    Ok(Sources { flags, environment: crate::cli::environment(), file })
}

fn read_file(path: PathBuf) -> anyhow::Result<(PathBuf, String)> {
    let text = std::fs::read_to_string(&path);
    let text = text.with_context(|| format!("can't read `{}`", path.display()))?;
    Ok((path, text))
}

/// Serves until it is told to stop; `greet` gets the URL and the first admin key, if one was made.
pub(crate) async fn serve(
    settings: Settings,
    greet: impl FnOnce(&str, Option<&MadeKey>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (engine, place) = open(&settings)?;
    if settings.database.is_some() {
        engine.claim_master_key().await?;
    } else {
        engine.check_master_key().await?;
    }
    let limits = Limits { body_time_max: settings.body_time_max, ..Limits::default() };
    let router = landfall_api::router(engine.clone(), limits);
    let router = router.merge(landfall_dashboard::router(engine.clone()));
    let bounds = Bounds {
        connections_max: settings.connections_max,
        drain_time_max: settings.drain_time_max,
        ..Bounds::default()
    };
    let server = Server::bind(settings.listen, router, bounds).await;
    let server = server.with_context(|| format!("can't listen on {}", settings.listen))?;
    // Only a server that listens makes the first key, which is shown once.
    let first_key = prepare(&engine, &settings).await?;
    let url = format!("http://{}", server.address()?);
    greet(&url, first_key.as_ref())?;
    tracing::info!(url, data = place, "listening");
    run_until_stopped(engine, server).await
}

/// Opens the data, and says where it is or what to do where that is not possible.
fn open(settings: &Settings) -> anyhow::Result<(Engine, String)> {
    let (store, place) = open_store(settings)?;
    let options = Options {
        events_kept_for: settings.events_kept_for,
        attempts_kept_for: settings.attempts_kept_for,
        refused_kept_for: settings.refused_kept_for,
        rate_per_key: settings.rate_per_key,
        public_url: settings.public_url.clone(),
        node_name: host_name(),
    };
    let ambient = Ambient::system();
    let outbound = outbound(settings, &ambient)?;
    Ok((Engine::new(store, ambient, options, outbound), place))
}

/// What the machine is called, by which people tell nodes apart.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

/// The store, and where it is, without a password.
pub(crate) fn open_store(settings: &Settings) -> anyhow::Result<(Store, String)> {
    let (opened, place) = match &settings.database {
        None => (Store::open(&settings.data), settings.data.display().to_string()),
        Some(url) => {
            let address = Address::parse(url).context("`database`")?;
            let place = address.to_string();
            (Store::connect(address), place)
        }
    };
    let store = opened.with_context(|| format!("can't open the data in `{place}`"))?;
    Ok((store, place))
}

/// What leads out of the server.
pub(crate) fn outbound(settings: &Settings, ambient: &Ambient) -> anyhow::Result<Outbound> {
    let read = |path: &PathBuf| {
        std::fs::read(path).with_context(|| format!("can't read `{}`", path.display()))
    };
    let egress = Egress::new(EgressOptions {
        allow: settings.egress_allow.clone(),
        proxy: settings.egress_proxy.clone(),
        ca_pem: settings.egress_ca.as_ref().map(read).transpose()?,
        ..EgressOptions::default()
    })?;
    Ok(Outbound { egress, sealer: Sealer::new(master_key::find(settings, ambient)?, Vec::new()) })
}

/// Makes sure that somebody can sign in; gives the first admin key where one was made.
async fn prepare(engine: &Engine, settings: &Settings) -> anyhow::Result<Option<MadeKey>> {
    match &settings.admin_key {
        Some(key) => {
            engine.preset_admin_key(key).await.map(|()| None).context("LANDFALL_ADMIN_KEY")
        }
        None => Ok(engine.ensure_first_organization().await?),
    }
}

async fn run_until_stopped(engine: Engine, server: Server) -> anyhow::Result<()> {
    let tasks = Tasks::default();
    engine.start_upkeep(&tasks);
    engine.start_dispatch(&tasks).await.context("can't start the webhooks")?;
    let stop = CancellationToken::new();
    let serving = server.serve(stop.clone());
    let stopping = async {
        wait_for_signal().await?;
        tracing::info!("stopping: finishing the requests that are under way");
        engine.begin_close();
        stop.cancel();
        anyhow::Ok(())
    };
    let (told, ()) = tokio::join!(stopping, serving);
    tasks.stop();
    tasks.join().await;
    engine.close();
    tracing::info!("stopped: everything that was accepted is stored");
    told
}

async fn wait_for_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Tells the person who started it what to do next.
fn greet(url: &str, data: &Path, first_key: Option<&MadeKey>) -> anyhow::Result<()> {
    output::line(&format!("Landfall is listening on {url}"));
    let Some(key) = first_key else { return Ok(()) };
    if std::io::stdout().is_terminal() {
        output::line(&format!("\nThe admin key, shown this once:\n\n  {}\n", key.text));
        output::line(&format!(
            "Report a first deployment with it:\n\n  export LANDFALL_URL={url} \
             LANDFALL_API_KEY={}\n  landfall report deployment --application my-service \
             --version 1.2.3 --environment production\n  landfall status\n",
            key.text
        ));
        return Ok(());
    }
    let path = data.join(ADMIN_KEY_FILE);
    // Where a PostgreSQL holds the data, nobody made the directory yet.
    let mut directory = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(directory.recursive(true), 0o700);
    directory.create(data).with_context(|| format!("can't make `{}`", data.display()))?;
    write_secret(&path, &key.text).with_context(|| format!("can't write `{}`", path.display()))?;
    output::line(&format!("The admin key is in {}", path.display()));
    Ok(())
}

/// Writes a file that only its owner can read, durably.
pub(crate) fn write_secret(path: &Path, secret: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{secret}")?;
    file.sync_all()
}
