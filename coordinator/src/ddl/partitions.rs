//! `ALTER TABLE … ADD PARTITION`, `… DROP PARTITION` and `SHOW PARTITIONS`.

use std::{collections::BTreeSet, sync::Arc};

use catalog::{Column, Partition, PartitionImage, Table, partition_path};
use protocol::{Error, ErrorCode, Result};
use sql::{PartitionSpec, TableName};
use storage::Location;

use super::{
    DdlContext,
    partition_match::{Registered, not_partitioned, wanted_values},
};

/// Adds all partitions or none. Every key must have a value of its type; a location must be readable.
pub(super) async fn add(
    cx: &DdlContext<'_>,
    name: &TableName,
    specs: &[PartitionSpec],
    if_not_exists: bool,
) -> Result<()> {
    let table = cx.table(name).await?;
    let partitions = specs.iter().map(|spec| partition(cx, &table, spec)).collect::<Result<Vec<_>>>()?;
    check_types(&table, &partitions)?;
    let added = cx.catalog.add_partitions(&table.database, &table.name, partitions, if_not_exists).await;
    added.map(std::mem::drop)
}

fn partition(cx: &DdlContext<'_>, table: &Table, spec: &PartitionSpec) -> Result<Partition> {
    let wanted = wanted_values(table, spec)?;
    let keys = table.partition_keys.iter().zip(&wanted);
    let missing: Vec<&str> =
        keys.filter(|(_, value)| value.is_none()).map(|(key, _)| key.name.as_str()).collect();
    if !missing.is_empty() {
        let message = format!(
            "no value is given for partition key {} of table \"{}\"",
            missing.join(", "),
            table.full_name()
        );
        return Err(Error::new(ErrorCode::InvalidQuery, message)
            .with_hint(format!("the keys are {}", table.key_names().join(", "))));
    }
    let values: Vec<String> = wanted.into_iter().flatten().collect();
    let location = match &spec.location {
        Some(text) => own_location(table, &values, text, cx.storage.location(text)?),
        None => None,
    };
    Ok(Partition { location, ..Partition::new(values) })
}

/// `text`, unless it is where the partition would be anyway.
fn own_location(table: &Table, values: &[String], text: &str, location: Location) -> Option<String> {
    let canonical = Location::parse(&table.storage.location)
        .map(|base| base.join(&partition_path(&table.key_names(), values)));
    let is_canonical = canonical.is_ok_and(|canonical| canonical == location);
    (!is_canonical).then(|| text.to_owned())
}

fn check_types(table: &Table, partitions: &[Partition]) -> Result<()> {
    let image = PartitionImage::build(table, partitions)?;
    let mut checked = image.invalid().iter().zip(partitions);
    match checked.find(|(invalid, _)| *invalid == Some(true)) {
        None => Ok(()),
        Some((_, partition)) => Err(wrong_type(table, partition)),
    }
}

fn wrong_type(table: &Table, partition: &Partition) -> Error {
    let pairs = || table.partition_keys.iter().zip(&partition.values);
    let culprit = pairs().find(|(key, value)| !is_of_type(key, value));
    let Some((key, value)) = culprit.or_else(|| pairs().next()) else {
        return not_partitioned(table);
    };
    let message = format!(
        "value {value:?} of partition key \"{}\" of table \"{}\" is not of type {}",
        key.name,
        table.full_name(),
        key.hive_type
    );
    Error::new(ErrorCode::InvalidQuery, message)
}

fn is_of_type(key: &Column, value: &str) -> bool {
    let alone = Table { partition_keys: vec![key.clone()], ..Table::default() };
    PartitionImage::build(&alone, &[Partition::new([value])]).is_ok_and(|image| image.check_valid(0).is_ok())
}

/// Drops, for each specification, all partitions it means. One that means none is
/// `PartitionNotFound`, unless `if_exists`; then nothing is dropped at all.
pub(super) async fn drop(
    cx: &DdlContext<'_>,
    name: &TableName,
    specs: &[PartitionSpec],
    if_exists: bool,
) -> Result<()> {
    let (table, image) = partitioned(cx, name).await?;
    let registered = Registered::new(&table, &image);
    let mut rows = BTreeSet::new();
    for spec in specs {
        let matching = registered.matching(&wanted_values(&table, spec)?)?;
        if matching.is_empty() && !if_exists {
            return Err(no_partition(&table, spec));
        }
        rows.extend(matching);
    }
    let values =
        rows.into_iter().map(|row| image.values(row).into_iter().map(str::to_owned).collect()).collect();
    // One that went away since the image was made is as good as dropped.
    let dropped = cx.catalog.drop_partitions(&table.database, &table.name, values, true).await;
    dropped.map(std::mem::drop)
}

fn no_partition(table: &Table, spec: &PartitionSpec) -> Error {
    let keys: Vec<&str> = spec.values.iter().map(|(key, _)| key.as_str()).collect();
    let values: Vec<&str> = spec.values.iter().map(|(_, value)| value.text()).collect();
    let message =
        format!("no partition \"{}\" of table \"{}\"", partition_path(&keys, &values), table.full_name());
    Error::new(ErrorCode::PartitionNotFound, message)
        .with_hint(format!("SHOW PARTITIONS {} lists what there is", table.full_name()))
}

/// The paths of all partitions, or of those that `spec` means, sorted.
pub(super) async fn show(
    cx: &DdlContext<'_>,
    name: &TableName,
    spec: Option<&PartitionSpec>,
) -> Result<Vec<String>> {
    let (table, image) = partitioned(cx, name).await?;
    let rows: Vec<usize> = match spec {
        None => (0..image.len()).collect(),
        Some(spec) => Registered::new(&table, &image).matching(&wanted_values(&table, spec)?)?,
    };
    let mut paths: Vec<String> =
        rows.into_iter().map(|row| partition_path(image.keys(), &image.values(row))).collect();
    paths.sort_unstable();
    Ok(paths)
}

/// The table and its partitions; an error if it has no partition keys.
pub(super) async fn partitioned(
    cx: &DdlContext<'_>,
    name: &TableName,
) -> Result<(Table, Arc<PartitionImage>)> {
    let table = cx.table(name).await?;
    if table.partition_keys.is_empty() {
        return Err(not_partitioned(&table));
    }
    let image = cx.catalog.partition_image(&table.database, &table.name).await?;
    Ok((table, image))
}
