//! What names mean in one place.

use std::{cell::RefCell, sync::Arc};

use datafusion::{common::Column, logical_expr::Expr};
use functions::Type;
use protocol::ErrorCode;

use super::{Done, problem, typed::Typed};
use crate::{
    ast::{At, Ident},
    nearest,
};

/// A column that can be named.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// `[table]` or `[database, table]`, lower case; an alias hides the database.
    pub(super) qualifier: Vec<String>,
    /// As the user wrote it; None: cannot be named.
    pub(super) name: Option<String>,
    pub(super) data_type: Type,
    /// Where it is in the plan.
    pub(super) column: Column,
    /// Left out of `*`.
    pub(super) hidden: bool,
    /// The column is the only field, of this name, of a row that Athena would have kept whole: `alias.field`
    /// means it too.
    pub(super) only_field: Option<String>,
}

impl Field {
    pub(super) fn typed(&self) -> Typed {
        Typed::new(Expr::Column(self.column.clone()), self.data_type.clone())
    }

    pub(super) fn output_name(&self) -> String {
        self.name.clone().unwrap_or_default()
    }

    fn is_named(&self, name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| same_name(own, name))
    }

    /// True if `qualifier` (folded) is the end of this field's.
    fn is_qualified(&self, qualifier: &[String]) -> bool {
        self.qualifier.ends_with(qualifier)
    }
}

/// Names are compared without regard to case.
pub(super) fn same_name(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right) || left.to_lowercase() == right.to_lowercase()
}

/// The fields of a relation, and the query around it.
pub(crate) struct Scope<'a> {
    pub(super) fields: &'a [Field],
    pub(super) outer: Option<&'a Scope<'a>>,
    /// Columns of outer queries that were used here.
    pub(super) used_outer: RefCell<Vec<Expr>>,
}

/// Where a name was found.
pub(super) struct Found {
    pub(super) typed: Typed,
    /// How many of the parts were taken; what is left are fields of a row.
    pub(super) parts: usize,
}

impl<'a> Scope<'a> {
    pub(super) fn new(fields: &'a [Field], outer: Option<&'a Scope<'a>>) -> Self {
        Self { fields, outer, used_outer: RefCell::default() }
    }

    /// The column that the first parts of `a.b.c` name.
    pub(super) fn resolve(&self, parts: &[&Ident], at: At) -> Done<Found> {
        if let Some(found) = self.resolve_here(parts, at)? {
            return Ok(found);
        }
        if let Some(outer) = self.outer
            && let Some(found) = outer.resolve_outer(parts, at)?
        {
            if !matches!(found.typed.expr, Expr::Literal(..)) {
                self.note_outer(&found.typed.expr);
            }
            return Ok(found);
        }
        Err(self.unresolved(parts, at))
    }

    fn note_outer(&self, expr: &Expr) {
        let mut used = self.used_outer.borrow_mut();
        if !used.contains(expr) {
            used.push(expr.clone());
        }
    }

    fn resolve_outer(&self, parts: &[&Ident], at: At) -> Done<Option<Found>> {
        if let Some(found) = self.resolve_here(parts, at)? {
            let Found { typed, parts } = found;
            let expr = match typed.expr {
                Expr::Column(column) => {
                    let field = Arc::new(typed.data_type.field(&column.name));
                    Expr::OuterReferenceColumn(field, column)
                }
                other => other,
            };
            return Ok(Some(Found { typed: Typed::new(expr, typed.data_type), parts }));
        }
        let found = match self.outer {
            Some(outer) => outer.resolve_outer(parts, at)?,
            None => None,
        };
        if let Some(found) = &found {
            self.note_outer(&found.typed.expr);
        }
        Ok(found)
    }

    /// The longest qualifier wins: `db.table.column`, `table.column`, `column`.
    fn resolve_here(&self, parts: &[&Ident], at: At) -> Done<Option<Found>> {
        let folded: Vec<String> = parts.iter().map(|part| part.folded()).collect();
        let folded = match folded.split_first() {
            Some((catalog, rest)) if catalog == super::CATALOG && rest.len() >= 3 => rest.to_vec(),
            _ => folded,
        };
        let skipped = parts.len() - folded.len();
        for qualifier_parts in (0..folded.len().min(3)).rev() {
            let (qualifier, rest) = folded.split_at(qualifier_parts);
            let Some(name) = rest.first() else { continue };
            let mut found =
                self.fields.iter().filter(|field| field.is_qualified(qualifier) && field.is_named(name));
            let Some(first) = found.next() else { continue };
            if found.next().is_some() {
                return Err(problem(
                    ErrorCode::InvalidQuery,
                    format!("Column '{}' is ambiguous", folded.join(".")),
                    at,
                ));
            }
            let of_row = match (&first.only_field, rest.get(1)) {
                (Some(field), Some(next)) => same_name(field, next),
                _ => false,
            };
            let parts = skipped + qualifier_parts + 1 + usize::from(of_row);
            return Ok(Some(Found { typed: first.typed(), parts }));
        }
        Ok(None)
    }

    fn unresolved(&self, parts: &[&Ident], at: At) -> super::Problem {
        let written: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        let name = written.join(".");
        let mut unresolved =
            problem(ErrorCode::ColumnNotFound, format!("Column '{name}' cannot be resolved"), at);
        let last = written.last().copied().unwrap_or_default();
        let names = self.fields.iter().filter_map(|field| field.name.as_deref());
        if let Some(meant) = nearest(&last.to_lowercase(), names) {
            unresolved.error = unresolved.error.with_hint(format!("did you mean '{meant}'?"));
        }
        unresolved
    }
}
