//! `sequence` of dates and timestamps.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, ListArray},
    buffer::{NullBuffer, OffsetBuffer},
    datatypes::{DurationMillisecondType, IntervalYearMonthType},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use super::{
    calendar::MILLIS_PER_DAY,
    moment::{Moment, Moments, MomentsBuilder},
    type_of,
    unit::{Unit, add_months_to, difference},
    zone::Zone,
};
use crate::{
    Call, Fault, Type,
    columns::{argument, on_arrays, primitive},
    types::item_field,
};

/// Longest sequence: Trino's limit.
const ITEMS_MAX: i64 = 10_000;

/// What lies between two items.
#[derive(Clone, Copy)]
enum Step {
    /// A day towards the end.
    Day,
    Millis(i64),
    Months(i64),
}

/// `(date, date)`, and `(date, date, interval)`, `(timestamp(p), timestamp(p), interval)` for both intervals.
/// The result's type is `call.returns`, an array of the first argument's type.
pub(crate) fn sequence(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let data_type = type_of(call, 0)?;
    on_arrays(arguments, rows, |arrays| {
        let start = Moments::read(argument(arrays, 0)?, data_type)?;
        let stop = Moments::read(argument(arrays, 1)?, data_type)?;
        let step = steps(call, arrays)?;
        let mut items = MomentsBuilder::new(data_type, start.len())?;
        let mut lengths = Vec::with_capacity(start.len());
        let mut valid = Vec::with_capacity(start.len());
        for row in 0..start.len() {
            let (Some(from), Some(to), Some(step)) = (start.get(row), stop.get(row), step(row)) else {
                lengths.push(0);
                valid.push(false);
                continue;
            };
            lengths.push(push_items(&mut items, from, to, step, *data_type == Type::Date)?);
            valid.push(true);
        }
        let offsets = OffsetBuffer::from_lengths(lengths);
        let nulls = NullBuffer::from(valid);
        let list = ListArray::try_new(item_field(data_type.arrow()), offsets, items.finish(), Some(nulls))?;
        Ok(Arc::new(list))
    })
}

type Steps<'a> = Box<dyn Fn(usize) -> Option<Step> + 'a>;

fn steps<'a>(call: &Call, arrays: &'a [ArrayRef]) -> EngineResult<Steps<'a>> {
    let Some(array) = arrays.get(2) else { return Ok(Box::new(|_| Some(Step::Day))) };
    Ok(match type_of(call, 2)? {
        Type::IntervalYearToMonth => {
            let months = primitive::<IntervalYearMonthType>(array)?;
            Box::new(|row| months.is_valid(row).then(|| Step::Months(months.value(row).into())))
        }
        _ => {
            let millis = primitive::<DurationMillisecondType>(array)?;
            Box::new(|row| millis.is_valid(row).then(|| Step::Millis(millis.value(row))))
        }
    })
}

fn push_items(
    items: &mut MomentsBuilder,
    from: Moment,
    to: Moment,
    step: Step,
    dates: bool,
) -> Result<usize, Fault> {
    let forward = (to.millis, to.nanos) >= (from.millis, from.nanos);
    let (size, in_months) = match step {
        Step::Day => (if forward { MILLIS_PER_DAY } else { -MILLIS_PER_DAY }, false),
        Step::Millis(millis) => (millis, false),
        Step::Months(months) => (months, true),
    };
    if dates && !in_months && size % MILLIS_PER_DAY != 0 {
        return Err(Fault::invalid_argument(
            "sequence step must be a day interval if start and end values are dates",
        ));
    }
    if size == 0 {
        return Err(Fault::invalid_argument("step must not be zero"));
    }
    let same = (to.millis, to.nanos) == (from.millis, from.nanos);
    if !same && forward != (size > 0) {
        return Err(Fault::invalid_argument(
            "sequence stop value should be greater than or equal to start value if step is greater than zero \
             otherwise stop should be less than or equal to start",
        ));
    }
    let length = length(from, to, size, in_months)?;
    for index in 0..length {
        let millis = match in_months {
            true => add_months_to(from.millis, size * index),
            false => size.checked_mul(index).and_then(|delta| from.millis.checked_add(delta)),
        };
        let millis = millis.ok_or_else(|| Fault::out_of_range("Timestamp out of range"))?;
        items.append(Some(Moment { millis, ..from }))?;
    }
    Ok(usize::try_from(length).unwrap_or(0))
}

fn length(from: Moment, to: Moment, size: i64, in_months: bool) -> Result<i64, Fault> {
    let steps = match in_months {
        true => difference(Unit::Month, from.millis, to.millis, Zone::UTC).map(|months| months / size),
        false => {
            let micros = |moment: Moment| moment.total_nanos().div_euclid(1_000);
            i64::try_from((micros(to) - micros(from)) / (i128::from(size) * 1_000)).ok()
        }
    };
    steps.filter(|steps| *steps < ITEMS_MAX).map(|steps| steps + 1).ok_or_else(|| {
        Fault::invalid_argument(format!(
            "result of sequence function must not have more than {ITEMS_MAX} entries"
        ))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow::array::AsArray;
    use datafusion::logical_expr::ColumnarValue;

    use crate::{Call, Type, testing::value};

    fn items(arguments: &[&str]) -> Result<Vec<String>, String> {
        let values: Vec<_> = arguments.iter().map(|text| value(text)).collect();
        let types: Vec<Type> = values.iter().map(|(data_type, _)| data_type.clone()).collect();
        let returns = Type::array(types[0].clone());
        let arrays: Vec<_> = values.into_iter().map(|(_, array)| ColumnarValue::Array(array)).collect();
        let result =
            super::sequence(&Call::new(types.clone(), returns), &arrays, 1).map_err(|e| e.to_string())?;
        let list = result.to_array(1).unwrap();
        let item = list.as_list::<i32>().value(0);
        let text = crate::datetime::cast(&item, &types[0], &Type::VARCHAR).unwrap();
        Ok(text.as_string_view().iter().flatten().map(str::to_owned).collect())
    }

    #[test]
    fn dates_and_timestamps_follow_each_other() {
        assert_eq!(
            items(&["date '2020-02-28'", "date '2020-03-01'"]).unwrap(),
            ["2020-02-28", "2020-02-29", "2020-03-01"]
        );
        assert_eq!(items(&["date '2020-01-02'", "date '2020-01-01'"]).unwrap(), ["2020-01-02", "2020-01-01"]);
        assert_eq!(
            items(&["date '2020-01-31'", "date '2020-03-31'", "interval year to month 1"]).unwrap(),
            ["2020-01-31", "2020-02-29", "2020-03-31"]
        );
        assert_eq!(
            items(&["date '2020-01-05'", "date '2020-01-01'", "interval day to second -172800000"]).unwrap(),
            ["2020-01-05", "2020-01-03", "2020-01-01"]
        );
        assert_eq!(
            items(&[
                "timestamp(3) '2020-01-01 00:00:00'",
                "timestamp(3) '2020-01-01 00:01:30'",
                "interval day to second 60000"
            ])
            .unwrap(),
            ["2020-01-01 00:00:00.000", "2020-01-01 00:01:00.000"]
        );
        for (arguments, part) in [
            (&["date '2020-01-01'", "date '2020-01-05'", "interval day to second 1"][..], "day interval"),
            (&["date '2020-01-01'", "date '2020-01-05'", "interval day to second 0"], "must not be zero"),
            (&["date '2020-01-01'", "date '2020-01-05'", "interval day to second -86400000"], "greater than"),
            (&["date '0001-01-01'", "date '2020-01-05'"], "more than 10000 entries"),
        ] {
            assert!(items(arguments).unwrap_err().contains(part), "{arguments:?}");
        }
    }
}
