//! Colours for terminals (<https://trino.io/docs/current/functions/color.html>).
//!
//! A colour is red, green and blue in 24 bits; one of the eight named ones is `-1 - index`.

use arrow::{
    array::{Array, AsArray},
    datatypes::{Float64Type, Int32Type, Int64Type},
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function, Type,
    columns::{argument, booleans, on_arrays, primitive, primitive_rows, text, text_rows},
    format::java_double,
};

const NAMES: [&str; 8] = ["BLACK", "RED", "GREEN", "YELLOW", "BLUE", "MAGENTA", "CYAN", "WHITE"];
const RESET: &str = "\u{1b}[0m";
const RED: i32 = -2;
const GREEN: i32 = -3;
/// Characters that the codes around a text may take.
const CODES_LENGTH: u32 = 15;
/// Characters of a bar, at most. Trino's limit is its memory.
const BAR_WIDTH_MAX: i64 = 100_000;

pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::scalar(
            "color",
            &[
                "(varchar(x)) -> color",
                "(double, color, color) -> color",
                "(double, double, double, color, color) -> color",
            ],
            color,
            "A colour by name, as #rgb, or between two others",
        ),
        Function::scalar("rgb", &["(bigint, bigint, bigint) -> color"], rgb, "A colour of its three parts"),
        Function::scalar(
            "render",
            &[
                "(boolean) -> varchar(16)",
                "(bigint, color) -> varchar(35)",
                "(double, color) -> varchar(41)",
                "(varchar(x), color) -> varchar",
            ],
            render,
            "A value in a colour",
        )
        .returning(render_type),
        Function::scalar(
            "bar",
            &["(double, bigint) -> varchar", "(double, bigint, color, color) -> varchar"],
            bar,
            "A horizontal bar",
        ),
    ]
}

fn render_type(types: &[Type]) -> Result<Type, Fault> {
    Ok(match types.first() {
        Some(Type::Boolean) => Type::Varchar(Some(16)),
        Some(Type::BigInt) => Type::Varchar(Some(35)),
        Some(Type::Double) => Type::Varchar(Some(41)),
        Some(Type::Varchar(Some(length))) => {
            let longest = u32::try_from(i32::MAX - 1).unwrap_or(u32::MAX);
            Type::Varchar(Some(length.saturating_add(CODES_LENGTH)).filter(|length| *length < longest))
        }
        _ => Type::VARCHAR,
    })
}

fn color(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        if call.arguments.len() == 1 {
            let names = text(argument(arrays, 0)?)?;
            return primitive_rows::<Int32Type>(names.len(), |row| {
                if names.is_null(row) { Ok(None) } else { named(names.value(row)).map(Some) }
            });
        }
        let first = argument(arrays, 0)?;
        let number = |index: usize, row: usize| {
            arrays.get(index).and_then(|array| array.as_primitive_opt::<Float64Type>()).map(|a| a.value(row))
        };
        let low = primitive::<Int32Type>(argument(arrays, arrays.len().saturating_sub(2))?)?;
        let high = primitive::<Int32Type>(argument(arrays, arrays.len().saturating_sub(1))?)?;
        primitive_rows::<Int32Type>(first.len(), |row| {
            if arrays.iter().any(|array| array.is_null(row)) {
                return Ok(None);
            }
            let value = number(0, row).unwrap_or(f64::NAN);
            let fraction = match number(1, row).zip(number(2, row)) {
                Some((start, end)) => (value - start) * 1.0 / (end - start),
                None => value,
            };
            between(fraction, low.value(row), high.value(row)).map(Some)
        })
    })
}

fn named(name: &str) -> Result<i32, Fault> {
    if let Some(rgb) = parse_rgb(name) {
        return Ok(rgb);
    }
    let upper = name.to_uppercase();
    let index = NAMES.iter().position(|known| *known == upper).and_then(|index| i32::try_from(index).ok());
    index.map(|index| -1 - index).ok_or_else(|| Fault::invalid_argument(format!("Invalid color: '{name}'")))
}

/// Reads `#rgb`, one hexadecimal digit each.
fn parse_rgb(name: &str) -> Option<i32> {
    let digits = name.strip_prefix('#').filter(|digits| digits.len() == 3)?;
    digits.chars().try_fold(0, |rgb, digit| {
        let nibble = digit.to_digit(16)?.cast_signed();
        Some(rgb << 8 | nibble << 4 | nibble)
    })
}

fn rgb(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let red = primitive::<Int64Type>(argument(arrays, 0)?)?;
        let green = primitive::<Int64Type>(argument(arrays, 1)?)?;
        let blue = primitive::<Int64Type>(argument(arrays, 2)?)?;
        let part = |name: &str, value: i64| {
            let part = u8::try_from(value).map(i32::from);
            part.map_err(|_| Fault::invalid_argument(format!("{name} must be between 0 and 255")))
        };
        primitive_rows::<Int32Type>(red.len(), |row| {
            if arrays.iter().any(|array| array.is_null(row)) {
                return Ok(None);
            }
            let red = part("red", red.value(row))?;
            let green = part("green", green.value(row))?;
            Ok(Some(red << 16 | green << 8 | part("blue", blue.value(row))?))
        })
    })
}

/// The colour at a fraction of the way; outside of it, one of the ends.
fn between(fraction: f64, low: i32, high: i32) -> Result<i32, Fault> {
    let valid = |color: i32, name: &str| match color >= 0 {
        true => Ok(()),
        false => Err(Fault::invalid_argument(format!("{name} not a valid RGB color"))),
    };
    valid(low, "lowColor")?;
    valid(high, "highColor")?;
    let fraction = if fraction.is_nan() { fraction } else { fraction.clamp(0.0, 1.0) };
    interpolate(fraction as f32, low, high)
}

/// On the way between hues, saturations and brightnesses.
fn interpolate(fraction: f32, low: i32, high: i32) -> Result<i32, Fault> {
    if low < 0 || high < 0 {
        return Err(Fault::invalid_argument("color is not a valid rgb value"));
    }
    let (low, high) = (to_hsb(low), to_hsb(high));
    let at = |index: usize| {
        let (low, high) = (low.get(index).copied(), high.get(index).copied());
        low.zip(high).map_or(0.0, |(low, high)| fraction * (high - low) + low)
    };
    Ok(from_hsb(at(0), at(1), at(2)))
}

fn parts(color: i32) -> [i32; 3] {
    [color >> 16 & 0xff, color >> 8 & 0xff, color & 0xff]
}

/// Hue, saturation and brightness from 0 to 1, as `java.awt.Color` computes them.
fn to_hsb(color: i32) -> [f32; 3] {
    let [red, green, blue] = parts(color);
    let (largest, smallest) = (red.max(green).max(blue), red.min(green).min(blue));
    let brightness = largest as f32 / 255.0;
    if largest == smallest {
        return [0.0, 0.0, brightness];
    }
    let span = (largest - smallest) as f32;
    let far = |part: i32| (largest - part) as f32 / span;
    let hue = if red == largest {
        far(blue) - far(green)
    } else if green == largest {
        2.0 + far(red) - far(blue)
    } else {
        4.0 + far(green) - far(red)
    } / 6.0;
    [if hue < 0.0 { hue + 1.0 } else { hue }, span / largest as f32, brightness]
}

fn from_hsb(hue: f32, saturation: f32, brightness: f32) -> i32 {
    let byte = |part: f32| (part * 255.0 + 0.5) as i32;
    let joined = |red: f32, green: f32, blue: f32| byte(red) << 16 | byte(green) << 8 | byte(blue);
    if saturation == 0.0 {
        return joined(brightness, brightness, brightness) & 0xff_ffff;
    }
    let sixths = (hue - hue.floor()) * 6.0;
    let rest = sixths - sixths.floor();
    let low = brightness * (1.0 - saturation);
    let falling = brightness * (1.0 - saturation * rest);
    let rising = brightness * (1.0 - saturation * (1.0 - rest));
    0xff_ffff
        & match sixths as i32 {
            0 => joined(brightness, rising, low),
            1 => joined(falling, brightness, low),
            2 => joined(low, brightness, rising),
            3 => joined(low, falling, brightness),
            4 => joined(rising, low, brightness),
            5 => joined(brightness, low, falling),
            _ => 0,
        }
}

/// The code that begins a colour: one of 256.
fn push_code(color: i32, out: &mut String) {
    let index = match color {
        0.. => {
            let [red, green, blue] = parts(color).map(|part| part * 6 / 256);
            16 + red * 36 + green * 6 + blue
        }
        _ => -1 - color,
    };
    out.push_str("\u{1b}[38;5;");
    out.push_str(&index.to_string());
    out.push('m');
}

fn render(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let values = argument(arrays, 0)?;
        if let [Type::Boolean] = call.arguments.as_slice() {
            let values = booleans(values)?;
            return text_rows(values.len(), |row, out| {
                let (color, mark) = if values.value(row) { (GREEN, "✓") } else { (RED, "✗") };
                push_code(color, out);
                out.push_str(mark);
                out.push_str(RESET);
                Ok(values.is_valid(row).then_some(()))
            });
        }
        let colors = primitive::<Int32Type>(argument(arrays, 1)?)?;
        text_rows(values.len(), |row, out| {
            if values.is_null(row) || colors.is_null(row) {
                return Ok(None);
            }
            push_code(colors.value(row), out);
            if let Some(texts) = values.as_string_view_opt() {
                out.push_str(texts.value(row));
            } else if let Some(numbers) = values.as_primitive_opt::<Int64Type>() {
                out.push_str(&numbers.value(row).to_string());
            } else if let Some(numbers) = values.as_primitive_opt::<Float64Type>() {
                java_double(numbers.value(row), out);
            }
            out.push_str(RESET);
            Ok(Some(()))
        })
    })
}

fn bar(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    on_arrays(arguments, rows, |arrays| {
        let fractions = primitive::<Float64Type>(argument(arrays, 0)?)?;
        let widths = primitive::<Int64Type>(argument(arrays, 1)?)?;
        let low = arrays.get(2).map(primitive::<Int32Type>).transpose()?;
        let high = arrays.get(3).map(primitive::<Int32Type>).transpose()?;
        text_rows(fractions.len(), |row, out| {
            if arrays.iter().any(|array| array.is_null(row)) {
                return Ok(None);
            }
            let low = low.map_or(0xff_0000, |low| low.value(row));
            let high = high.map_or(0x00_ff00, |high| high.value(row));
            push_bar(fractions.value(row), widths.value(row), [low, high], out).map(Some)
        })
    })
}

fn push_bar(fraction: f64, width: i64, [low, high]: [i32; 2], out: &mut String) -> Result<(), Fault> {
    if width > BAR_WIDTH_MAX {
        return Err(Fault::not_supported(format!("a bar of more than {BAR_WIDTH_MAX} characters")));
    }
    let count = i64::from((fraction * width as f64) as i32).min(width).max(0);
    for at in 0..count {
        let fraction = (at as f64 * 1.0 / (width - 1) as f64) as f32;
        push_code(interpolate(fraction, low, high)?, out);
        out.push('█');
    }
    out.push_str(RESET);
    out.extend((count..width).map(|_| ' '));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn color() {
        check(
            "color",
            &[
                (&["varchar 'black'"], "color -1"),
                (&["varchar 'White'"], "color -8"),
                (&["varchar '#f0a'"], "color 16711850"),
                (&["varchar '#000'"], "color 0"),
                (&["varchar '#00'"], "error Invalid color: '#00'"),
                (&["varchar 'pink'"], "error Invalid color: 'pink'"),
                (&["varchar NULL"], "color NULL"),
                (&["double 0.5", "color 0", "color 16777215"], "color 8421504"),
                (&["double 2", "color 0", "color 16777215"], "color 16777215"),
                (&["double 75", "double 0", "double 100", "color 0", "color 16777215"], "color 12566463"),
                (&["double 0.5", "color -1", "color 0"], "error lowColor not a valid RGB color"),
                (&["double 0.5", "color 0", "color -1"], "error highColor not a valid RGB color"),
            ],
        );
        check(
            "rgb",
            &[
                (&["bigint 255", "bigint 0", "bigint 10"], "color 16711690"),
                (&["bigint 256", "bigint 0", "bigint 10"], "error red must be between 0 and 255"),
                (&["bigint 0", "bigint -1", "bigint 10"], "error green must be between 0 and 255"),
                (&["bigint NULL", "bigint 0", "bigint 10"], "color NULL"),
            ],
        );
    }

    #[test]
    fn render() {
        check(
            "render",
            &[
                (&["boolean true"], "varchar(16) '\u{1b}[38;5;2m✓\u{1b}[0m'"),
                (&["boolean false"], "varchar(16) '\u{1b}[38;5;1m✗\u{1b}[0m'"),
                (&["bigint 12", "color -2"], "varchar(35) '\u{1b}[38;5;1m12\u{1b}[0m'"),
                (&["double 12.5", "color -5"], "varchar(41) '\u{1b}[38;5;4m12.5\u{1b}[0m'"),
                (&["varchar(5) 'hello'", "color 16711680"], "varchar(20) '\u{1b}[38;5;196mhello\u{1b}[0m'"),
                (&["varchar NULL", "color 0"], "varchar NULL"),
            ],
        );
    }

    #[test]
    fn bar() {
        check(
            "bar",
            &[
                (&["double 0", "bigint 2"], "varchar '\u{1b}[0m  '"),
                (&["double 1", "bigint 2"], "varchar '\u{1b}[38;5;196m█\u{1b}[38;5;46m█\u{1b}[0m'"),
                (&["double 0.5", "bigint 2"], "varchar '\u{1b}[38;5;196m█\u{1b}[0m '"),
                (&["double 0.5", "bigint 100000000000"], "error more than 100000 characters"),
                (&["double 1", "bigint -5"], "varchar '\u{1b}[0m'"),
            ],
        );
    }
}
