//! Binary data as text: hexadecimal, base64 and base32.

use base64::{
    Engine, alphabet,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig,
        general_purpose::{STANDARD, URL_SAFE},
    },
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function, Kernel, Type,
    columns::{binary_rows, text_rows},
    string::arguments::{Arguments, given},
};

pub(super) fn functions() -> Vec<Function> {
    let to = |name, kernel: Kernel, description| {
        Function::scalar(name, &["(varbinary) -> varchar"], kernel, description)
    };
    let from = |name, kernel: Kernel, description| {
        Function::scalar(
            name,
            &["(varchar(x)) -> varbinary", "(varbinary) -> varbinary"],
            kernel,
            description,
        )
    };
    vec![
        to("to_hex", to_hex, "Encode binary data as hex"),
        from("from_hex", from_hex, "Decode hex encoded binary data"),
        to("to_base64", to_base64, "Encode binary data as base64"),
        from("from_base64", from_base64, "Decode base64 encoded binary data"),
        to("to_base64url", to_base64url, "Encode binary data as base64 using the URL safe alphabet"),
        from("from_base64url", from_base64url, "Decode URL safe base64 encoded binary data"),
        to("to_base32", to_base32, "Encode binary data as base32"),
        from("from_base32", from_base32, "Decode base32 encoded binary data"),
    ]
}

fn encoded(arguments: Arguments<'_>, encode: impl Fn(&[u8], &mut String)) -> EngineResult<ColumnarValue> {
    let values = arguments.bytes(0)?;
    let result = text_rows(arguments.rows, |row, result| {
        encode(given!(values.get(row)), result);
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn decoded(
    arguments: Arguments<'_>,
    decode: impl Fn(&[u8], &mut Vec<u8>) -> Result<(), Fault>,
) -> EngineResult<ColumnarValue> {
    let result = match arguments.type_of(0) {
        Some(Type::Varbinary) => {
            let values = arguments.bytes(0)?;
            binary_rows(arguments.rows, |row, result| decode(given!(values.get(row)), result).map(Some))?
        }
        _ => {
            let texts = arguments.texts(0)?;
            binary_rows(arguments.rows, |row, result| {
                decode(given!(texts.get(row)).as_bytes(), result).map(Some)
            })?
        }
    };
    arguments.finish(result)
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn to_hex(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let values = arguments.bytes(0)?;
    let mut digits = Vec::new();
    let result = text_rows(arguments.rows, |row, text| {
        let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or_default();
        digits.clear();
        digits.extend(given!(values.get(row)).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)]));
        // All of it is ASCII; checking that is cheaper than pushing characters.
        text.push_str(std::str::from_utf8(&digits).unwrap_or_default());
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn from_hex(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    decoded(Arguments::new(call, arguments, rows), |text, bytes| {
        let (pairs, rest) = text.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(Fault::invalid_argument(format!("invalid input length {}", text.len())));
        }
        for [high, low] in pairs {
            bytes.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
        }
        Ok(())
    })
}

fn hex_digit(digit: u8) -> Result<u8, Fault> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(Fault::invalid_argument(format!(
            "not a hexadecimal digit: \"{}\" = {digit}",
            char::from(digit)
        ))),
    }
}

fn to_base64(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    encoded(arguments, |bytes, text| STANDARD.encode_string(bytes, text))
}

fn to_base64url(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    encoded(arguments, |bytes, text| URL_SAFE.encode_string(bytes, text))
}

/// Java looks neither for padding nor at bits behind the last byte.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::RequireNone);
const FROM_BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const FROM_BASE64_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

fn from_base64(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    decoded(arguments, |text, bytes| decode_base64(&FROM_BASE64, text, bytes))
}

fn from_base64url(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    decoded(arguments, |text, bytes| decode_base64(&FROM_BASE64_URL, text, bytes))
}

fn decode_base64(engine: &GeneralPurpose, text: &[u8], bytes: &mut Vec<u8>) -> Result<(), Fault> {
    let wrong_end = || Fault::invalid_argument("Input byte array has wrong 4-byte ending unit");
    let letters = text.len() - text.iter().rev().take_while(|letter| **letter == b'=').count();
    // Padding may be missing, but not be wrong.
    let padding = text.len() - letters;
    if padding > 0 && (padding > 2 || text.len() % 4 != 0) {
        return Err(wrong_end());
    }
    let written = text.get(..letters).unwrap_or_default();
    engine.decode_vec(written, bytes).map_err(|error| match error {
        base64::DecodeError::InvalidByte(_, letter) => {
            Fault::invalid_argument(format!("Illegal base64 character {letter:x}"))
        }
        _ => Fault::invalid_argument("Last unit does not have enough valid bits"),
    })
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn to_base32(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    encoded(Arguments::new(call, arguments, rows), |bytes, text| {
        for chunk in bytes.chunks(5) {
            // 40 bits, the first byte in the highest.
            let bits = (0..5).fold(0, |bits, at| bits << 8 | u64::from(chunk.get(at).copied().unwrap_or(0)));
            let letters = (chunk.len() * 8).div_ceil(5);
            let letter =
                |at: usize| BASE32.get((bits >> (35 - 5 * at) & 31) as usize).copied().unwrap_or(b'=');
            text.extend((0..8).map(|at| char::from(if at < letters { letter(at) } else { b'=' })));
        }
    })
}

fn from_base32(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    decoded(Arguments::new(call, arguments, rows), |text, bytes| {
        let letters = text.len() - text.iter().rev().take_while(|letter| **letter == b'=').count();
        if matches!(letters % 8, 1 | 3 | 6) {
            return Err(Fault::invalid_argument(format!("Invalid input length {letters}")));
        }
        for chunk in text.get(..letters).unwrap_or_default().chunks(8) {
            let mut bits: u64 = 0;
            for letter in chunk {
                bits = bits << 5 | base32_value(*letter)?;
            }
            let whole = chunk.len() * 5 / 8;
            let bits = bits << (40 - 5 * chunk.len());
            bytes.extend(bits.to_be_bytes().into_iter().skip(3).take(whole));
        }
        Ok(())
    })
}

fn base32_value(letter: u8) -> Result<u64, Fault> {
    match letter {
        b'A'..=b'Z' => Ok(u64::from(letter - b'A')),
        b'2'..=b'7' => Ok(u64::from(letter - b'2' + 26)),
        _ => Err(Fault::invalid_argument(format!("Unrecognized character: {}", char::from(letter)))),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn hex() {
        check(
            "to_hex",
            &[
                (&["varbinary ''"], "varchar ''"),
                (&["varbinary '00ff68a9'"], "varchar '00FF68A9'"),
                (&["varbinary NULL"], "varchar NULL"),
            ],
        );
        check(
            "from_hex",
            &[
                (&["varchar ''"], "varbinary ''"),
                (&["varchar '617a6F'"], "varbinary '617a6f'"),
                (&["varbinary '363137413646'"], "varbinary '617a6f'"),
                (&["varchar NULL"], "varbinary NULL"),
                (&["varchar 'fff'"], "error invalid input length 3"),
                (&["varchar 'f/'"], "error not a hexadecimal digit"),
                (&["varchar 'f:'"], "error not a hexadecimal digit"),
                (&["varchar 'f@'"], "error not a hexadecimal digit"),
                (&["varchar 'Gf'"], "error not a hexadecimal digit"),
                (&["varchar 'é'"], "error not a hexadecimal digit"),
            ],
        );
    }

    #[test]
    fn base64() {
        check(
            "to_base64",
            &[
                (&["varbinary ''"], "varchar ''"),
                (&["varbinary '61'"], "varchar 'YQ=='"),
                (&["varbinary '68656c6c6f20776f726c64'"], "varchar 'aGVsbG8gd29ybGQ='"),
                (&["varbinary 'fbff'"], "varchar '+/8='"),
            ],
        );
        check("to_base64url", &[(&["varbinary 'fbff'"], "varchar '-_8='")]);
        check(
            "from_base64",
            &[
                (&["varchar ''"], "varbinary ''"),
                (&["varchar 'YQ=='"], "varbinary '61'"),
                (&["varchar 'YQ'"], "varbinary '61'"),
                (&["varchar 'YR=='"], "varbinary '61'"),
                (&["varchar '+/8'"], "varbinary 'fbff'"),
                (&["varbinary '59513d3d'"], "varbinary '61'"),
                (&["varchar NULL"], "varbinary NULL"),
                (&["varchar 'YQ='"], "error wrong 4-byte ending unit"),
                (&["varchar '===='"], "error wrong 4-byte ending unit"),
                (&["varchar '='"], "error wrong 4-byte ending unit"),
                (&["varchar 'Y'"], "error Last unit does not have enough valid bits"),
                (&["varchar '-_8='"], "error Illegal base64 character 2d"),
                (&["varchar 'YQ==YQ=='"], "error Illegal base64 character 3d"),
                (&["varchar 'Y Q='"], "error Illegal base64 character 20"),
            ],
        );
        check("from_base64url", &[(&["varchar '-_8='"], "varbinary 'fbff'")]);
    }

    #[test]
    fn base32() {
        for (bytes, text) in [
            ("", ""),
            ("66", "MY======"),
            ("666f", "MZXQ===="),
            ("666f6f", "MZXW6==="),
            ("666f6f62", "MZXW6YQ="),
            ("666f6f6261", "MZXW6YTB"),
            ("666f6f626172", "MZXW6YTBOI======"),
        ] {
            let (bytes, text) = (format!("varbinary '{bytes}'"), format!("varchar '{text}'"));
            check("to_base32", &[(&[&bytes], &text)]);
            check("from_base32", &[(&[&text], &bytes)]);
        }
        check(
            "from_base32",
            &[
                (&["varchar 'MY'"], "varbinary '66'"),
                (&["varbinary '4d59'"], "varbinary '66'"),
                (&["varchar '1='"], "error Invalid input length 1"),
                (&["varchar 'M1======'"], "error Unrecognized character: 1"),
                (&["varchar 'my======'"], "error Unrecognized character: m"),
            ],
        );
    }
}
