//! Casts of addresses, UUIDs, binary data and sketches.

use std::{
    fmt::Write,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use arrow::array::{Array, ArrayRef, AsArray, FixedSizeBinaryArray, FixedSizeBinaryBuilder};
use datafusion::common::Result as EngineResult;

use crate::{
    Fault, Type,
    cast::{characters::padded, engine_cast, missing},
    columns::{binary_rows, bytes, text, text_rows},
};

/// Bytes of an address and of a UUID.
const BYTES: usize = 16;
/// Characters of a UUID's text.
const UUID_LENGTH: usize = 36;

pub(super) fn cast(array: &ArrayRef, from: &Type, to: &Type) -> EngineResult<ArrayRef> {
    match (from, to) {
        (Type::Varchar(_), Type::Varbinary) => engine_cast(array, &to.arrow()),
        (Type::Char(length), Type::Varbinary) => engine_cast(&padded(array, *length)?, &to.arrow()),
        (Type::Varchar(_), Type::Uuid) => from_text(array, read_uuid),
        (Type::Varchar(_), Type::IpAddress) => from_text(array, read_address),
        (Type::Varbinary, Type::Uuid) => from_bytes(array, "UUID", |given| given.try_into().ok()),
        (Type::Varbinary, Type::IpAddress) => from_bytes(array, "IP address", address_bytes),
        (Type::Uuid | Type::IpAddress, Type::Varbinary) => {
            let given = fixed(array)?;
            binary_rows(given.len(), |row, written| {
                if given.is_null(row) {
                    return Ok(None);
                }
                written.extend_from_slice(given.value(row));
                Ok(Some(()))
            })
        }
        // Sketches are carried by the bytes that they are stored as.
        _ if from.arrow() == to.arrow() => Ok(ArrayRef::clone(array)),
        _ => Err(missing(from, to)),
    }
}

/// The text of an address or UUID, of at most so many characters.
pub(super) fn to_varchar(array: &ArrayRef, from: &Type, length: Option<u32>) -> EngineResult<ArrayRef> {
    let given = fixed(array)?;
    text_rows(given.len(), |row, written| {
        if given.is_null(row) {
            return Ok(None);
        }
        let value: [u8; BYTES] =
            given.value(row).try_into().map_err(|_| Fault::internal("not 16 bytes in an identifier"))?;
        match from {
            Type::Uuid => write_uuid(value, written),
            _ => write_address(value, written),
        }
        match length.filter(|length| written.len() > *length as usize) {
            None => Ok(Some(())),
            Some(length) => Err(Fault::invalid_cast(format!("Cannot cast '{written}' to varchar({length})"))),
        }
    })
}

fn fixed(array: &ArrayRef) -> EngineResult<&FixedSizeBinaryArray> {
    array.as_fixed_size_binary_opt().ok_or_else(|| Fault::internal("not an identifier").into())
}

fn from_text(array: &ArrayRef, read: impl Fn(&str) -> Result<[u8; BYTES], Fault>) -> EngineResult<ArrayRef> {
    let given = text(array)?;
    build(given.len(), |row| if given.is_null(row) { Ok(None) } else { read(given.value(row)).map(Some) })
}

fn from_bytes(
    array: &ArrayRef,
    kind: &str,
    read: impl Fn(&[u8]) -> Option<[u8; BYTES]>,
) -> EngineResult<ArrayRef> {
    let given = bytes(array)?;
    build(given.len(), |row| {
        if given.is_null(row) {
            return Ok(None);
        }
        let value = given.value(row);
        read(value)
            .map(Some)
            .ok_or_else(|| Fault::invalid_cast(format!("Invalid {kind} binary length: {}", value.len())))
    })
}

fn build(rows: usize, value: impl Fn(usize) -> Result<Option<[u8; BYTES]>, Fault>) -> EngineResult<ArrayRef> {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(rows, BYTES as i32);
    for row in 0..rows {
        match value(row)? {
            Some(value) => builder.append_value(value)?,
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// Hyphens where they belong and hexadecimal digits in any case.
fn read_uuid(text: &str) -> Result<[u8; BYTES], Fault> {
    let fault = || Fault::invalid_cast(format!("Cannot cast value to UUID: {text}"));
    if text.len() != UUID_LENGTH {
        return Err(match text.split('-').count() == 5 && text.is_ascii() {
            true => Fault::invalid_cast(format!("Invalid UUID string length: {}", text.len())),
            false => fault(),
        });
    }
    let mut value = [0_u8; BYTES];
    let mut digits = 0;
    for (at, byte) in text.bytes().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return Err(fault());
            }
            continue;
        }
        let digit = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let place = value.get_mut(digits / 2).ok_or_else(fault)?;
        *place = *place << 4 | digit.ok_or_else(fault)?;
        digits += 1;
    }
    Ok(value)
}

fn write_uuid(value: [u8; BYTES], written: &mut String) {
    for (at, byte) in value.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            written.push('-');
        }
        let result = write!(written, "{byte:02x}");
        debug_assert!(result.is_ok(), "writing to a string");
    }
}

/// An address. The zone behind one of IPv6 is read over.
pub(crate) fn address_of(text: &str) -> Option<IpAddr> {
    match text.split_once('%') {
        Some((address, _)) if !address.contains('.') => address.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        _ => text.parse().ok(),
    }
}

fn read_address(text: &str) -> Result<[u8; BYTES], Fault> {
    match address_of(text) {
        Some(IpAddr::V4(address)) => Ok(address.to_ipv6_mapped().octets()),
        Some(IpAddr::V6(address)) => Ok(address.octets()),
        None => Err(Fault::invalid_cast(format!("Cannot cast value to IPADDRESS: {text}"))),
    }
}

fn address_bytes(given: &[u8]) -> Option<[u8; BYTES]> {
    match <[u8; 4]>::try_from(given) {
        Ok(octets) => Some(std::net::Ipv4Addr::from(octets).to_ipv6_mapped().octets()),
        Err(_) => given.try_into().ok(),
    }
}

/// The shortest form; an address mapped from IPv4 in dots.
fn write_address(value: [u8; BYTES], written: &mut String) {
    let address = Ipv6Addr::from(value);
    let result = match address.to_ipv4_mapped() {
        Some(address) => write!(written, "{address}"),
        None => write!(written, "{address}"),
    };
    debug_assert!(result.is_ok(), "writing to a string");
}
