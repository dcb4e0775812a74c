//! IP addresses and UUIDs.

use std::net::IpAddr;

use arrow::{
    array::{Array, ArrayRef, AsArray, FixedSizeBinaryArray},
    buffer::Buffer,
};
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};

use crate::{
    Call, Fault, Function,
    cast::address_of,
    columns::{argument, boolean_rows, on_arrays, text},
    math::Random,
};

/// Bytes of a UUID and of an address.
const WIDTH: i32 = 16;
/// Characters of a UUID.
const UUID_LENGTH: usize = 36;
/// Bits of an IPv4 address.
const V4_BITS: u32 = 32;

pub(crate) fn functions() -> Vec<Function> {
    vec![Function::scalar("uuid", &["() -> uuid"], uuid, "A random UUID").volatile()]
}

fn uuid(_: &Call, _: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let mut random = Random::new();
    let mut bytes = Vec::with_capacity(rows * 16);
    for _ in 0..rows {
        // Version 4, variant 2.
        let high = random.next() & 0xffff_ffff_ffff_0fff | 0x4000;
        let low = random.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
        bytes.extend_from_slice(&high.to_be_bytes());
        bytes.extend_from_slice(&low.to_be_bytes());
    }
    let uuids = FixedSizeBinaryArray::try_new(WIDTH, Buffer::from_vec(bytes), None)?;
    Ok(ColumnarValue::Array(std::sync::Arc::new(uuids)))
}

/// Reads a UUID: 36 characters in the usual groups.
pub fn uuid_literal(text: &str) -> Result<[u8; 16], Fault> {
    let invalid = || Fault::invalid_cast(format!("Cannot cast value to UUID: {text}"));
    // Java also reads groups with fewer digits, but then the length is not right.
    if text.len() != UUID_LENGTH {
        let groups = text.split('-').count() == 5;
        return Err(match groups && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) {
            true => Fault::invalid_cast(format!("Invalid UUID string length: {}", text.len())),
            false => invalid(),
        });
    }
    let mut digits = String::with_capacity(32);
    for (at, letter) in text.chars().enumerate() {
        match (at, letter) {
            (8 | 13 | 18 | 23, '-') => {}
            (8 | 13 | 18 | 23, _) => return Err(invalid()),
            (_, letter) if letter.is_ascii_hexdigit() => digits.push(letter),
            _ => return Err(invalid()),
        }
    }
    u128::from_str_radix(&digits, 16).map(u128::to_be_bytes).map_err(|_| invalid())
}

/// `contains(network, address)`: whether the network, such as `10.0.0.0/8`, holds the address.
pub(crate) fn contains_ip(_: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let constant = match arguments.first() {
        Some(ColumnarValue::Scalar(scalar)) if !scalar.is_null() => {
            let array = scalar.to_array()?;
            Some(Network::parse(text(&array)?.value(0))?)
        }
        _ => None,
    };
    on_arrays(arguments, rows, |arrays| {
        let networks = text(argument(arrays, 0)?)?;
        let addresses = fixed(argument(arrays, 1)?)?;
        boolean_rows(networks.len(), |row| {
            if networks.is_null(row) || addresses.is_null(row) {
                return Ok(None);
            }
            let network = match constant {
                Some(network) => network,
                None => Network::parse(networks.value(row))?,
            };
            network.holds(addresses.value(row)).map(Some)
        })
    })
}

fn fixed(array: &ArrayRef) -> EngineResult<&FixedSizeBinaryArray> {
    array.as_fixed_size_binary_opt().ok_or_else(|| Fault::internal("an address was promised").into())
}

/// A range of addresses with a common prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    base: u128,
    prefix_bits: u32,
    is_v4: bool,
}

/// What an IPv4 address is mapped to in IPv6: `::ffff:0:0`.
const V4_MAPPED: u128 = 0xffff_0000_0000;

impl Network {
    fn parse(text: &str) -> Result<Self, Fault> {
        let invalid = Fault::invalid_argument;
        let (base, prefix) = text.split_once('/').ok_or_else(|| invalid("Invalid CIDR"))?;
        let base = address_of(base).ok_or_else(|| invalid("Invalid network IP address"))?;
        let base = match base {
            IpAddr::V6(address) => address.to_ipv4_mapped().map_or(base, IpAddr::V4),
            IpAddr::V4(_) => base,
        };
        let prefix: i32 = prefix.parse().map_err(|_| invalid("Invalid prefix length"))?;
        let prefix = u32::try_from(prefix).map_err(|_| invalid("Invalid prefix length"))?;
        let (base, is_v4) = match base {
            IpAddr::V4(address) => (u128::from(address.to_bits()) | V4_MAPPED, true),
            IpAddr::V6(address) => (address.to_bits(), false),
        };
        if prefix > if is_v4 { V4_BITS } else { u128::BITS } {
            return Err(invalid("Prefix length exceeds address length"));
        }
        let host_bits = u128::from(u32::MAX.checked_shr(prefix).unwrap_or(0));
        if is_v4 && base & host_bits != 0 {
            return Err(invalid("Invalid CIDR"));
        }
        let prefix_bits = if is_v4 { prefix + u128::BITS - V4_BITS } else { prefix };
        Ok(Self { base, prefix_bits, is_v4 })
    }

    fn holds(self, address: &[u8]) -> Result<bool, Fault> {
        let address = <[u8; 16]>::try_from(address).map(u128::from_be_bytes);
        let address = address.map_err(|_| Fault::internal("an address has 16 bytes"))?;
        let is_v4 = address >> V4_BITS == V4_MAPPED >> V4_BITS;
        if is_v4 != self.is_v4 {
            return Err(Fault::invalid_argument("IP address version should be the same"));
        }
        let differ = self.base ^ address;
        Ok(differ.checked_shr(u128::BITS - self.prefix_bits).unwrap_or(0) == 0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.255.255.255", Ok(true)),
            ("10.0.0.0/8", "11.255.255.255", Ok(false)),
            ("1.2.3.4/32", "1.2.3.4", Ok(true)),
            ("1.2.3.4/32", "1.2.3.5", Ok(false)),
            ("0.0.0.0/0", "255.1.1.1", Ok(true)),
            ("0.0.0.0/0", "2001:db8::1", Err("IP address version should be the same")),
            ("2001:db8::/32", "2001:db8:ffff::1", Ok(true)),
            ("2001:db8::/32", "2001:db9::1", Ok(false)),
            ("::/0", "2001:db9::1", Ok(true)),
            ("::/0", "1.2.3.4", Err("IP address version should be the same")),
            ("fe80::1%eth0/64", "fe80::2", Ok(true)),
            ("::ffff:1.2.3.0/24", "1.2.3.77", Ok(true)),
            ("2001:db8:0:0:1::/128", "2001:db8:0:0:1::", Ok(true)),
            ("10.0.0.1/8", "10.0.0.1", Err("Invalid CIDR")),
            ("10.0.0.1", "10.0.0.1", Err("Invalid CIDR")),
            ("10.0.0/8", "10.0.0.1", Err("Invalid network IP address")),
            ("10.0.0.0/33", "10.0.0.1", Err("Prefix length exceeds address length")),
            ("10.0.0.0/-1", "10.0.0.1", Err("Invalid prefix length")),
            ("::/129", "::1", Err("Prefix length exceeds address length")),
        ] {
            let bytes = match address.parse::<IpAddr>().unwrap() {
                IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
                IpAddr::V6(address) => address.octets(),
            };
            let held = Network::parse(network).and_then(|network| network.holds(&bytes));
            assert_eq!(held.map_err(|fault| fault.message), expected.map_err(str::to_owned), "{network}");
        }
    }

    #[test]
    fn uuids() {
        let bytes = uuid_literal("12151fd2-7586-11e9-8f9e-2a86e4085a59").unwrap();
        assert_eq!(bytes.first().zip(bytes.last()), Some((&0x12, &0x59)));
        for (text, message) in [
            ("", "Cannot cast value to UUID: "),
            ("a-b-c-d-e", "Invalid UUID string length: 9"),
            ("12151fd2x7586-11e9-8f9e-2a86e4085a59", "Cannot cast value to UUID"),
            ("12151fd2-7586-11e9-8f9e-2a86e4085a5g", "Cannot cast value to UUID"),
        ] {
            assert!(uuid_literal(text).unwrap_err().message.starts_with(message), "{text}");
        }
        let ColumnarValue::Array(made) = uuid(&Call::new(vec![], crate::Type::Uuid), &[], 3).unwrap() else {
            panic!("an array")
        };
        let made = fixed(&made).unwrap();
        assert_ne!(made.value(0), made.value(1));
        assert!((0..3).all(|row| made.value(row)[6] >> 4 == 4 && made.value(row)[8] >> 6 == 2));
    }
}
