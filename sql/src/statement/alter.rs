//! What `ALTER TABLE` does to a definition.

use super::{Column, Property};

/// One change of a table's definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableChange {
    /// `SET LOCATION`; the partitions that exist stay where they are.
    Location(String),
    /// `ADD COLUMNS`: behind the columns, in front of the partition keys.
    AddColumns(Vec<Column>),
    /// `REPLACE COLUMNS`: these instead of all columns; the partition keys stay.
    ReplaceColumns(Vec<Column>),
    /// `CHANGE [COLUMN]`
    ChangeColumn(ColumnChange),
    /// `DROP COLUMN`
    DropColumn(String),
    /// `SET TBLPROPERTIES`, in written order.
    SetProperties(Vec<Property>),
    /// `UNSET TBLPROPERTIES`
    UnsetProperties {
        keys: Vec<String>,
        /// A key that is not there is no error.
        if_exists: bool,
    },
}

/// `CHANGE [COLUMN] old new type [COMMENT '…'] [FIRST | AFTER column]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChange {
    pub old_name: String,
    /// A comment that is not written is the old one.
    pub column: Column,
    /// None: where it was.
    pub place: Option<ColumnPlace>,
}

/// Where a changed column goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnPlace {
    First,
    After(String),
}
