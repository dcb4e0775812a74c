//! `PARTITION (…)` in its forms: one partition by its values, several to add, several by conditions.

use protocol::Result;

use super::{create_table, cursor::Cursor, lex::Kind};
use crate::{Comparison, PartitionCondition, PartitionFilter, PartitionLiteral, PartitionSpec};

/// Most partitions one `ALTER TABLE` may name.
const PARTITIONS_MAX: usize = 1_000;

/// `PARTITION (…) [LOCATION '…'] PARTITION …`, as Hive writes it: no commas.
pub(super) fn added(cursor: &mut Cursor<'_>) -> Result<Vec<PartitionSpec>> {
    let mut partitions = Vec::new();
    while partitions.is_empty() || cursor.at("PARTITION") {
        check_count(cursor, partitions.len())?;
        let mut partition = spec(cursor)?;
        if cursor.accept("LOCATION") {
            partition.location = Some(create_table::location(cursor)?);
        }
        partitions.push(partition);
    }
    Ok(partitions)
}

/// `PARTITION (…), PARTITION (…)`
pub(super) fn dropped(cursor: &mut Cursor<'_>) -> Result<Vec<PartitionFilter>> {
    let mut partitions = vec![filter(cursor)?];
    while cursor.accept_symbol(',') {
        check_count(cursor, partitions.len())?;
        partitions.push(filter(cursor)?);
    }
    for option in ["PURGE", "IGNORE PROTECTION"] {
        if cursor.at(option) {
            return Err(cursor.not_supported(&format!("DROP PARTITION … {option}")));
        }
    }
    Ok(partitions)
}

fn check_count(cursor: &Cursor<'_>, count: usize) -> Result<()> {
    if count < PARTITIONS_MAX {
        return Ok(());
    }
    Err(cursor.not_supported(&format!("more than {PARTITIONS_MAX} partitions in one statement")))
}

/// `PARTITION (key = value, …)`
pub(super) fn spec(cursor: &mut Cursor<'_>) -> Result<PartitionSpec> {
    cursor.expect("PARTITION")?;
    let mut keys: Vec<String> = Vec::new();
    let values = cursor.list(|cursor| {
        let token = cursor.peek();
        let key = cursor.name("a partition key")?;
        if keys.contains(&key) {
            return Err(cursor.syntax_at(token, format!("partition key '{key}' is given twice")));
        }
        keys.push(key.clone());
        if matches!(cursor.peek().kind, Kind::Symbol('<' | '>' | '!')) {
            return Err(cursor.not_supported("a comparison in this partition specification"));
        }
        cursor.expect_symbol('=')?;
        Ok((key, literal(cursor)?))
    })?;
    Ok(PartitionSpec { values, location: None })
}

/// `PARTITION (key < value, …)`
fn filter(cursor: &mut Cursor<'_>) -> Result<PartitionFilter> {
    cursor.expect("PARTITION")?;
    let conditions = cursor.list(|cursor| {
        let key = cursor.name("a partition key")?;
        let comparison = comparison(cursor)?;
        Ok(PartitionCondition { key, comparison, value: literal(cursor)? })
    })?;
    Ok(PartitionFilter { conditions })
}

fn comparison(cursor: &mut Cursor<'_>) -> Result<Comparison> {
    const TWO: [(char, char, Comparison); 4] = [
        ('<', '=', Comparison::LessOrEqual),
        ('>', '=', Comparison::GreaterOrEqual),
        ('<', '>', Comparison::NotEqual),
        ('!', '=', Comparison::NotEqual),
    ];
    const ONE: [(char, Comparison); 3] =
        [('=', Comparison::Equal), ('<', Comparison::Less), ('>', Comparison::Greater)];
    let first = cursor.peek().kind;
    let second = cursor.peek_at(1).kind;
    for (one, two, comparison) in TWO {
        if (first, second) == (Kind::Symbol(one), Kind::Symbol(two)) {
            cursor.advance();
            cursor.advance();
            return Ok(comparison);
        }
    }
    for (one, comparison) in ONE {
        if cursor.accept_symbol(one) {
            // Hive also takes the equals sign doubled.
            if one == '=' {
                cursor.accept_symbol('=');
            }
            return Ok(comparison);
        }
    }
    Err(cursor.mismatch("'=', '<>', '<', '<=', '>' or '>='"))
}

fn literal(cursor: &mut Cursor<'_>) -> Result<PartitionLiteral> {
    let expecting = "a string or a number";
    for word in ["TRUE", "FALSE"] {
        if cursor.accept(word) {
            return Ok(PartitionLiteral::Text(word.to_lowercase()));
        }
    }
    if (cursor.at("DATE") || cursor.at("TIMESTAMP")) && matches!(cursor.peek_at(1).kind, Kind::Quoted(_)) {
        cursor.advance();
        return cursor.string(expecting).map(PartitionLiteral::Text);
    }
    if let Some(number) = cursor.signed_number() {
        return Ok(PartitionLiteral::Number(number));
    }
    cursor.string(expecting).map(PartitionLiteral::Text)
}
