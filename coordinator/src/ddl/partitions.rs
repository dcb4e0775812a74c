//! `ALTER TABLE … ADD PARTITION`, `… DROP PARTITION`, `… PARTITION (…)` and `SHOW PARTITIONS`.

use std::{collections::BTreeSet, sync::Arc};

use catalog::{Column, Partition, PartitionImage, Table, partition_path};
use protocol::{Error, ErrorCode, Result};
use sql::{Comparison, PartitionChange, PartitionFilter, PartitionSpec, TableName};
use storage::Location;

use super::{
    DdlContext,
    partition_match::{Registered, all_values, not_partitioned, wanted_values, wrong_type},
    until_settled,
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
    let values = all_values(table, spec)?;
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
        Some((_, partition)) => Err(wrong_value(table, partition)),
    }
}

fn wrong_value(table: &Table, partition: &Partition) -> Error {
    let pairs = || table.partition_keys.iter().zip(&partition.values);
    let culprit = pairs().find(|(key, value)| !is_of_type(key, value));
    match culprit.or_else(|| pairs().next()) {
        Some((key, value)) => wrong_type(table, key, value),
        None => not_partitioned(table),
    }
}

fn is_of_type(key: &Column, value: &str) -> bool {
    let alone = Table { partition_keys: vec![key.clone()], ..Table::default() };
    PartitionImage::build(&alone, &[Partition::new([value])]).is_ok_and(|image| image.check_valid(0).is_ok())
}

/// Drops, for each filter, all partitions it means. One that means none is
/// `PartitionNotFound`, unless `if_exists`; then nothing is dropped at all.
pub(super) async fn drop(
    cx: &DdlContext<'_>,
    name: &TableName,
    filters: &[PartitionFilter],
    if_exists: bool,
) -> Result<()> {
    let (table, image) = partitioned(cx, name).await?;
    let registered = Registered::new(&table, &image);
    let mut rows = BTreeSet::new();
    for filter in filters {
        let matching = registered.filtered(filter)?;
        if matching.is_empty() && !if_exists {
            return Err(no_partition(&table, &text_of(filter)));
        }
        rows.extend(matching);
    }
    let values =
        rows.into_iter().map(|row| image.values(row).into_iter().map(str::to_owned).collect()).collect();
    // One that went away since the image was made is as good as dropped.
    let dropped = cx.catalog.drop_partitions(&table.database, &table.name, values, true).await;
    dropped.map(std::mem::drop)
}

/// As a path where it is one, else as it was written.
fn text_of(filter: &PartitionFilter) -> String {
    let conditions = &filter.conditions;
    if conditions.iter().all(|condition| condition.comparison == Comparison::Equal) {
        let keys: Vec<&str> = conditions.iter().map(|condition| condition.key.as_str()).collect();
        let values: Vec<&str> = conditions.iter().map(|condition| condition.value.text()).collect();
        return partition_path(&keys, &values);
    }
    let written = conditions.iter().map(|condition| {
        format!("{} {} {}", condition.key, condition.comparison.symbol(), condition.value.text())
    });
    written.collect::<Vec<String>>().join(", ")
}

fn no_partition(table: &Table, which: &str) -> Error {
    let message = format!("no partition \"{which}\" of table \"{}\"", table.full_name());
    Error::new(ErrorCode::PartitionNotFound, message)
        .with_hint(format!("SHOW PARTITIONS {} lists what there is", table.full_name()))
}

/// Gives one partition another place or other values. Files stay where they are.
pub(super) async fn alter(
    cx: &DdlContext<'_>,
    name: &TableName,
    spec: &PartitionSpec,
    change: &PartitionChange,
) -> Result<()> {
    until_settled(move || async move {
        let (table, image) = partitioned(cx, name).await?;
        let values = registered_values(&table, &image, spec)?;
        let change = match change {
            PartitionChange::Location(text) => {
                let location = own_location(&table, &values, text, cx.storage.location(text)?);
                catalog::PartitionChange::Location(location)
            }
            PartitionChange::Rename(renamed) => {
                let renamed = Partition::new(all_values(&table, renamed)?);
                check_types(&table, std::slice::from_ref(&renamed))?;
                catalog::PartitionChange::Values(renamed.values)
            }
        };
        cx.catalog.alter_partition(&table, values, change).await
    })
    .await
}

/// The values, as they are kept, of the one partition that the specification means.
pub(super) fn registered_values(
    table: &Table,
    image: &PartitionImage,
    spec: &PartitionSpec,
) -> Result<Vec<String>> {
    let wanted = all_values(table, spec)?;
    let path = partition_path(&table.key_names(), &wanted);
    match Registered::new(table, image).one(wanted)? {
        Some(row) => Ok(image.values(row).into_iter().map(str::to_owned).collect()),
        None => Err(no_partition(table, &path)),
    }
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
