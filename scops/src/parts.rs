//! Builds coordinator and workers from settings.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use catalog::SqliteStore;
use coordinator::{Components, Coordinator, QueryLog, WorkerList};
use storage::Storage;

use crate::config::Settings;

/// The data directory: as given, else `$XDG_DATA_HOME/scops`, else `~/.local/share/scops`. Made if
/// it is not there.
pub(crate) fn data_dir(given: Option<PathBuf>) -> Result<PathBuf> {
    let folder = match given {
        Some(folder) => folder,
        None => default_data_dir()?,
    };
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("data directory {} cannot be made", folder.display()))?;
    std::fs::canonicalize(&folder)
        .with_context(|| format!("data directory {} cannot be used", folder.display()))
}

fn default_data_dir() -> Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let base = from("XDG_DATA_HOME").or_else(|| Some(from("HOME")?.join(".local/share")));
    Ok(base.context("no home directory: use --data-dir")?.join("scops"))
}

/// Object stores, with `data_dir` as the root of `file://` unless another is set.
pub(crate) fn storage(settings: &Settings, data_dir: &Path) -> Result<Arc<Storage>> {
    let mut settings = settings.storage.clone();
    settings.file.root.get_or_insert_with(|| data_dir.to_owned());
    Ok(Arc::new(Storage::new(settings)?))
}

/// A coordinator on `data_dir`.
pub(crate) fn coordinator(
    settings: &Settings,
    data_dir: &Path,
    requires_workers: bool,
) -> Result<(Arc<Coordinator>, Arc<WorkerList>)> {
    let workers = Arc::new(WorkerList::default());
    let components = Components {
        catalog: Arc::new(SqliteStore::open(&data_dir.join("catalog.db"))?),
        storage: storage(settings, data_dir)?,
        runtime: engine::runtime_env(&settings.engine, Some(spill_dir(data_dir)?))?,
        log: Arc::new(QueryLog::open(&data_dir.join("queries.db"))?),
        workers: Arc::clone(&workers),
    };
    let mut own = settings.coordinator.clone();
    own.requires_workers |= requires_workers;
    Ok((Coordinator::new(components, own, settings.engine.clone()), workers))
}

/// What a worker on `data_dir` is made of.
pub(crate) fn worker(settings: &Settings, data_dir: &Path) -> Result<worker::Components> {
    Ok(worker::Components {
        storage: storage(settings, data_dir)?,
        runtime: engine::runtime_env(&settings.engine, Some(spill_dir(data_dir)?))?,
    })
}

fn spill_dir(data_dir: &Path) -> Result<PathBuf> {
    let folder = data_dir.join("spill");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("spill folder {} cannot be made", folder.display()))?;
    Ok(folder)
}

/// There is no authentication yet, so other machines are kept out unless the operator insists.
pub(crate) fn check_address(address: SocketAddr, allowed: bool) -> Result<()> {
    if address.ip().is_loopback() || allowed {
        return Ok(());
    }
    bail!(
        "{address} is not a loopback address, and this version has no authentication: \
         use 127.0.0.1, or accept the risk with --allow-unauthenticated-network"
    )
}
