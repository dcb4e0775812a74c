//! `MSCK REPAIR TABLE`: partitions that the object store has and the catalog has not.
//!
//! One recursive listing below the table's location. Directories are taken for partitions by their
//! names alone; nothing is ever dropped. An empty directory holds no object and is not found.

use std::collections::{BTreeMap, HashSet};

use catalog::{Partition, PartitionImage, Table, parse_partition_path, partition_path};
use connectors::listing_age_max;
use protocol::Result;
use sql::TableName;
use storage::{Location, ObjectRef};

use super::{DdlContext, partition_match::Registered, partitions::partitioned};

/// What the directories say.
#[derive(Debug, Default)]
struct Found {
    /// Values, and the directory where it is not the canonical one.
    partitions: BTreeMap<Vec<String>, Option<Location>>,
    /// Directory and reason.
    refused: Vec<(String, String)>,
}

/// Adds what is missing, in one transaction; answers with a line per partition, in the words of Hive.
pub(super) async fn repair(cx: &DdlContext<'_>, name: &TableName) -> Result<Vec<String>> {
    let (table, image) = partitioned(cx, name).await?;
    let base = cx.storage.location(&table.storage.location)?;
    let objects = cx.storage.list(&base, cx.meter).await?;
    if listing_age_max(&table)?.is_some() {
        remember_listings(cx, &table, &base, &objects);
    }
    let mut found = discover(&table, &base, &objects);
    forget_registered(&mut found, &table, &image, &base);
    let partitions = sound_partitions(&mut found, &table)?;
    let mut lines = lines(&table, &partitions, found.refused);
    lines.sort_unstable();
    if !partitions.is_empty() {
        // Somebody may have added one since the image was made.
        cx.catalog.add_partitions(&table.database, &table.name, partitions, true).await?;
    }
    Ok(lines)
}

/// Each directory's part of the listing, for queries of a table that may use old listings.
fn remember_listings(cx: &DdlContext<'_>, table: &Table, base: &Location, objects: &[ObjectRef]) {
    let levels = table.partition_keys.len();
    let path = |object: &ObjectRef| {
        let relative = object.location.relative_to(base)?;
        directory(relative, levels).map(str::to_owned)
    };
    for objects in objects.chunk_by(|one, next| path(one) == path(next)) {
        if let Some(path) = objects.first().and_then(path) {
            cx.storage.remember_listing(base.join(&path), objects.to_vec());
        }
    }
}

/// `objects` are sorted by key, so those of one directory stand together.
fn discover(table: &Table, base: &Location, objects: &[ObjectRef]) -> Found {
    let keys = table.key_names();
    let mut found = Found::default();
    let mut last = None;
    for object in objects {
        let relative = object.location.relative_to(base);
        let Some(path) = relative.and_then(|relative| directory(relative, keys.len())) else {
            continue;
        };
        if last.replace(path) == Some(path) {
            continue;
        }
        match parse_partition_path(&keys, path) {
            Ok(Some(values)) => add(&mut found, &keys, base, path, values),
            Ok(None) => {}
            Err(error) => found.refused.push((path.to_owned(), error.message)),
        }
    }
    found
}

/// The first `levels` directories of an object's path, if there are so many.
fn directory(relative: &str, levels: usize) -> Option<&str> {
    let (end, _) = relative.match_indices('/').nth(levels.checked_sub(1)?)?;
    relative.get(..end)
}

/// Of several directories for the same values the canonical one counts, else the first.
fn add(found: &mut Found, keys: &[&str], base: &Location, path: &str, values: Vec<String>) {
    if partition_path(keys, &values) == path {
        found.partitions.insert(values, None);
    } else {
        found.partitions.entry(values).or_insert_with(|| Some(base.join(path)));
    }
}

/// Takes out what the catalog has, by values or by directory: a directory registered under other
/// values must not be read twice.
fn forget_registered(found: &mut Found, table: &Table, image: &PartitionImage, base: &Location) {
    let registered = Registered::new(table, image);
    let taken: HashSet<Location> = (0..image.len())
        .filter(|row| image.has_own_location(*row))
        .filter_map(|row| Location::parse(&image.location(row)).ok())
        .collect();
    let keys = table.key_names();
    found.partitions.retain(|values, location| {
        let is_taken = match location {
            Some(location) => taken.contains(location),
            None => !taken.is_empty() && taken.contains(&base.join(&partition_path(&keys, values))),
        };
        !is_taken && !registered.contains(values)
    });
}

/// The partitions whose values are of their keys' types. One that is not would fail every query that
/// cannot rule it out, so it is refused instead.
fn sound_partitions(found: &mut Found, table: &Table) -> Result<Vec<Partition>> {
    let partitions: Vec<Partition> = std::mem::take(&mut found.partitions)
        .into_iter()
        .map(|(values, location)| Partition {
            location: location.map(|location| location.to_string()),
            ..Partition::new(values)
        })
        .collect();
    let image = PartitionImage::build(table, &partitions)?;
    let mut sound = Vec::with_capacity(partitions.len());
    for (partition, invalid) in partitions.into_iter().zip(image.invalid()) {
        if invalid == Some(true) {
            let path = partition_path(&table.key_names(), &partition.values);
            found.refused.push((path, "a value is not of its key's type".to_owned()));
        } else {
            sound.push(partition);
        }
    }
    Ok(sound)
}

fn lines(table: &Table, added: &[Partition], refused: Vec<(String, String)>) -> Vec<String> {
    let keys = table.key_names();
    let added = added.iter().map(|partition| {
        let path = partition_path(&keys, &partition.values);
        format!("Repair: Added partition to metastore {}:{path}", table.name)
    });
    let refused = refused
        .into_iter()
        .map(|(path, why)| format!("Repair: Cannot add partition {}:{path}: {why}", table.name));
    added.chain(refused).collect()
}
