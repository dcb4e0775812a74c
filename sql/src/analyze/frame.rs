//! Frames of windows.
//!
//! The engine adds RANGE's distances to the sort key. Keys that it cannot add to, or whose type is not that
//! of the distances, are sorted by what it can: numbers of the common type, instants in UTC, milliseconds.

use datafusion::{
    common::ScalarValue,
    logical_expr::{SortExpr, WindowFrame, WindowFrameBound, WindowFrameUnits},
};
use functions::{Type, common_type};

use super::{Analyzer, AtPlace, Done, expr::Context, mismatch, not_supported, syntax, typed::Typed};
use crate::ast::{At, Expr, Frame, FrameBound, FrameUnit, WindowSpec};

const MILLIS_PER_DAY: i64 = 86_400_000;

/// What RANGE computes bounds from.
struct RangeKey {
    /// As it was written.
    written: Type,
    /// As it is sorted.
    sorted: Type,
}

impl Analyzer<'_> {
    /// Trino's default: with ORDER BY all rows up to the peers of the current one, else all rows.
    pub(super) fn frame(
        &mut self,
        spec: &WindowSpec,
        order_by: &mut [SortExpr],
        context: &mut Context<'_>,
    ) -> Done<WindowFrame> {
        let at = spec.at;
        let Some(frame) = &spec.frame else {
            return Ok(WindowFrame::new((!spec.order_by.is_empty()).then_some(false)));
        };
        check_bounds(frame, at)?;
        let has_distance = distance_of(&frame.start).or(frame.end.as_ref().and_then(distance_of)).is_some();
        if spec.order_by.is_empty() && frame.unit != FrameUnit::Rows {
            // All rows are peers.
            return match has_distance {
                false => Ok(WindowFrame::new(None)),
                true => Err(syntax(
                    format!("Window frame of type {} PRECEDING or FOLLOWING requires ORDER BY", unit(frame)),
                    at,
                )),
            };
        }
        let key = match frame.unit == FrameUnit::Range && has_distance {
            true => Some(self.range_key(frame, spec, order_by, context)?),
            false => None,
        };
        let start = self.bound(&frame.start, (frame, "start"), key.as_ref(), at, context)?;
        let end = match &frame.end {
            Some(end) => self.bound(end, (frame, "end"), key.as_ref(), at, context)?,
            None => WindowFrameBound::CurrentRow,
        };
        let units = match frame.unit {
            FrameUnit::Rows => WindowFrameUnits::Rows,
            FrameUnit::Range => WindowFrameUnits::Range,
            FrameUnit::Groups => WindowFrameUnits::Groups,
        };
        Ok(WindowFrame::new_bounds(units, start, end))
    }

    /// The one sort key, which is replaced by what the engine can add distances to.
    fn range_key(
        &mut self,
        frame: &Frame,
        spec: &WindowSpec,
        order_by: &mut [SortExpr],
        context: &mut Context<'_>,
    ) -> Done<RangeKey> {
        let at = spec.at;
        let ([item], [sort]) = (spec.order_by.as_slice(), order_by) else {
            let message = format!(
                "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: {})",
                spec.order_by.len()
            );
            return Err(syntax(message, at));
        };
        let key = self.expr(&item.expr, context)?;
        let written = key.data_type.clone();
        let sortable = match &written {
            numeric if numeric.is_numeric() => {
                let mut wanted = written.clone();
                for distance in [Some(&frame.start), frame.end.as_ref()].into_iter().flatten() {
                    let Some(distance) = distance_of(distance) else { continue };
                    let given = self.expr(distance, context)?.data_type;
                    let common = common_type(&wanted, &given).filter(Type::is_numeric);
                    wanted = common.ok_or_else(|| incompatible(&given, &written, at))?;
                }
                key.coerce(&wanted, at)?
            }
            Type::Date | Type::Timestamp(_) => key,
            Type::TimestampTz(precision) => {
                let wanted = Type::Timestamp(*precision);
                self.call_bound("at_timezone", vec![key, Typed::text("UTC")], at)?.cast(&wanted, at)?
            }
            Type::IntervalDayToSecond => self.call_bound("to_milliseconds", vec![key], at)?,
            Type::Time(_) | Type::TimeTz(_) | Type::IntervalYearToMonth => {
                return Err(not_supported(format!("RANGE of a sort key of type {written}"), at));
            }
            _ => {
                let message = format!(
                    "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be numeric, datetime or interval (actual: {written})"
                );
                return Err(mismatch(message, item.expr.at));
            }
        };
        sort.expr = sortable.expr;
        Ok(RangeKey { written, sorted: sortable.data_type })
    }

    fn bound(
        &mut self,
        bound: &FrameBound,
        side: (&Frame, &str),
        key: Option<&RangeKey>,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<WindowFrameBound> {
        Ok(match bound {
            FrameBound::UnboundedPreceding => WindowFrameBound::Preceding(ScalarValue::Null),
            FrameBound::UnboundedFollowing => WindowFrameBound::Following(ScalarValue::Null),
            FrameBound::CurrentRow => WindowFrameBound::CurrentRow,
            FrameBound::Preceding(distance) => {
                WindowFrameBound::Preceding(self.distance(distance, side, key, at, context)?)
            }
            FrameBound::Following(distance) => {
                WindowFrameBound::Following(self.distance(distance, side, key, at, context)?)
            }
        })
    }

    fn distance(
        &mut self,
        distance: &Expr,
        (frame, side): (&Frame, &str),
        key: Option<&RangeKey>,
        at: At,
        context: &mut Context<'_>,
    ) -> Done<ScalarValue> {
        let distance = self.expr(distance, context)?;
        if let Some(key) = key {
            return range_distance(distance, key, at);
        }
        let given = distance.data_type.clone();
        if !given.is_integer() && !matches!(given, Type::Decimal(_, 0)) {
            let message = format!(
                "Window frame {} {side} value type must be exact numeric type with scale 0 (actual {given})",
                unit(frame)
            );
            return Err(mismatch(message, at));
        }
        match distance.cast(&Type::BigInt, at)?.as_literal() {
            Some(ScalarValue::Int64(Some(rows))) if *rows >= 0 => {
                Ok(ScalarValue::UInt64(Some(rows.unsigned_abs())))
            }
            Some(_) => Err(negative(at)),
            None => Err(not_constant(at)),
        }
    }
}

/// A distance as the engine adds it to the sorted key.
fn range_distance(distance: Typed, key: &RangeKey, at: At) -> Done<ScalarValue> {
    let Some(value) = distance.as_literal().cloned() else {
        return Err(not_constant(at));
    };
    let given = distance.data_type.clone();
    match (&given, value, &key.written) {
        (given, _, written) if given.is_numeric() && written.is_numeric() => {
            let value = distance.coerce(&key.sorted, at)?;
            let value = value.as_literal().cloned().ok_or_else(|| not_constant(at))?;
            let zero = ScalarValue::new_zero(&value.data_type()).at(at)?;
            match !value.is_null() && value >= zero {
                true => Ok(value),
                false => Err(negative(at)),
            }
        }
        (Type::IntervalDayToSecond, ScalarValue::DurationMillisecond(millis), written) => {
            let millis = millis.filter(|millis| *millis >= 0).ok_or_else(|| negative(at))?;
            match written {
                Type::IntervalDayToSecond => Ok(ScalarValue::Int64(Some(millis))),
                Type::Date if millis % MILLIS_PER_DAY != 0 => {
                    Err(mismatch("Cannot add hour, minutes or seconds to a date", at))
                }
                Type::Date | Type::Timestamp(_) | Type::TimestampTz(_) => {
                    Ok(ScalarValue::new_interval_mdn(0, 0, millis.saturating_mul(1_000_000)))
                }
                written => Err(incompatible(&given, written, at)),
            }
        }
        (Type::IntervalYearToMonth, ScalarValue::IntervalYearMonth(months), written) => {
            let months = months.filter(|months| *months >= 0).ok_or_else(|| negative(at))?;
            match written {
                Type::Date | Type::Timestamp(_) => Ok(ScalarValue::new_interval_mdn(months, 0, 0)),
                // Months are those of each value's zone, and the key is in UTC.
                Type::TimestampTz(_) => {
                    Err(not_supported("RANGE of months over timestamps with time zone", at))
                }
                written => Err(incompatible(&given, written, at)),
            }
        }
        (given, _, written) => Err(incompatible(given, written, at)),
    }
}

fn distance_of(bound: &FrameBound) -> Option<&Expr> {
    match bound {
        FrameBound::Preceding(distance) | FrameBound::Following(distance) => Some(distance),
        FrameBound::UnboundedPreceding | FrameBound::CurrentRow | FrameBound::UnboundedFollowing => None,
    }
}

fn unit(frame: &Frame) -> &'static str {
    match frame.unit {
        FrameUnit::Rows => "ROWS",
        FrameUnit::Range => "RANGE",
        FrameUnit::Groups => "GROUPS",
    }
}

fn incompatible(given: &Type, key: &Type, at: At) -> super::Problem {
    mismatch(
        format!("Window frame RANGE value type ({given}) not compatible with sort item type ({key})"),
        at,
    )
}

fn negative(at: At) -> super::Problem {
    syntax("Window frame offset value must not be negative or null", at)
}

fn not_constant(at: At) -> super::Problem {
    not_supported("a window frame whose bound is not a constant", at)
}

fn check_bounds(frame: &Frame, at: At) -> Done<()> {
    const NAMES: [&str; 5] =
        ["UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"];
    let rank = |bound: &FrameBound| match bound {
        FrameBound::UnboundedPreceding => 0,
        FrameBound::Preceding(_) => 1,
        FrameBound::CurrentRow => 2,
        FrameBound::Following(_) => 3,
        FrameBound::UnboundedFollowing => 4,
    };
    let (start, end) = (rank(&frame.start), frame.end.as_ref().map_or(2, rank));
    let name = |rank: usize| NAMES.get(rank).copied().unwrap_or_default();
    match () {
        () if start == 4 => Err(syntax("Window frame start cannot be UNBOUNDED FOLLOWING", at)),
        () if end == 0 => Err(syntax("Window frame end cannot be UNBOUNDED PRECEDING", at)),
        () if start > end => Err(syntax(
            format!("Window frame starting from {} cannot end with {}", name(start), name(end)),
            at,
        )),
        () => Ok(()),
    }
}
