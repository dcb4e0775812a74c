//! Checksums and hashes.

use arrow::datatypes::Int64Type;
use datafusion::{common::Result as EngineResult, logical_expr::ColumnarValue};
use hmac::{Hmac, KeyInit, Mac, digest::Digest};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use twox_hash::XxHash64;

use super::{murmur, spooky};
use crate::{
    Call, Fault, Function, Kernel,
    columns::{binary_rows, primitive_rows},
    string::arguments::{Arguments, given},
};

pub(super) fn functions() -> Vec<Function> {
    let hash = |name, kernel: Kernel, description| {
        Function::scalar(name, &["(varbinary) -> varbinary"], kernel, description)
    };
    let keyed = |name, kernel: Kernel, description| {
        Function::scalar(name, &["(varbinary, varbinary) -> varbinary"], kernel, description)
    };
    vec![
        hash("md5", digest::<Md5>, "Compute md5 hash"),
        hash("sha1", digest::<Sha1>, "Compute sha1 hash"),
        hash("sha256", digest::<Sha256>, "Compute sha256 hash"),
        hash("sha512", digest::<Sha512>, "Compute sha512 hash"),
        hash("xxhash64", xxhash64, "Compute xxhash64 hash"),
        hash("murmur3", murmur3, "Compute murmur3 hash"),
        hash("spooky_hash_v2_32", spooky_32, "Compute SpookyHashV2 32-bit hash"),
        hash("spooky_hash_v2_64", spooky_64, "Compute SpookyHashV2 64-bit hash"),
        keyed("hmac_md5", hmac_md5, "Compute HMAC with MD5"),
        keyed("hmac_sha1", hmac_sha1, "Compute HMAC with SHA1"),
        keyed("hmac_sha256", hmac_sha256, "Compute HMAC with SHA256"),
        keyed("hmac_sha512", hmac_sha512, "Compute HMAC with SHA512"),
        Function::scalar("crc32", &["(varbinary) -> bigint"], crc32, "Compute CRC-32"),
    ]
}

fn hashed(arguments: Arguments<'_>, hash: impl Fn(&[u8], &mut Vec<u8>)) -> EngineResult<ColumnarValue> {
    let values = arguments.bytes(0)?;
    let result = binary_rows(arguments.rows, |row, result| {
        hash(given!(values.get(row)), result);
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn digest<D: Digest>(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    hashed(Arguments::new(call, arguments, rows), |bytes, result| {
        result.extend_from_slice(&D::digest(bytes));
    })
}

fn xxhash64(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    hashed(Arguments::new(call, arguments, rows), |bytes, result| {
        result.extend(XxHash64::oneshot(0, bytes).to_be_bytes());
    })
}

fn murmur3(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    hashed(Arguments::new(call, arguments, rows), |bytes, result| {
        let (first, second) = murmur::hash128(bytes);
        result.extend(first.to_le_bytes());
        result.extend(second.to_le_bytes());
    })
}

fn spooky_32(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    hashed(Arguments::new(call, arguments, rows), |bytes, result| {
        let [.., a, b, c, d] = spooky::hash64(bytes).to_be_bytes();
        result.extend([a, b, c, d]);
    })
}

fn spooky_64(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    hashed(Arguments::new(call, arguments, rows), |bytes, result| {
        result.extend(spooky::hash64(bytes).to_be_bytes());
    })
}

fn hmac_md5(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    authenticated::<Hmac<Md5>>(Arguments::new(call, arguments, rows))
}

fn hmac_sha1(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    authenticated::<Hmac<Sha1>>(Arguments::new(call, arguments, rows))
}

fn hmac_sha256(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    authenticated::<Hmac<Sha256>>(Arguments::new(call, arguments, rows))
}

fn hmac_sha512(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    authenticated::<Hmac<Sha512>>(Arguments::new(call, arguments, rows))
}

fn authenticated<M: Mac + KeyInit + Clone>(arguments: Arguments<'_>) -> EngineResult<ColumnarValue> {
    let (values, keys) = (arguments.bytes(0)?, arguments.bytes(1)?);
    let prepare = |key: &[u8]| match key.is_empty() {
        true => Err(Fault::invalid_argument("Empty key")),
        false => <M as KeyInit>::new_from_slice(key).map_err(|_| Fault::invalid_argument("Invalid key")),
    };
    let constant = keys.constant().map(prepare).transpose()?;
    let result = binary_rows(arguments.rows, |row, result| {
        let (bytes, key) = (given!(values.get(row)), given!(keys.get(row)));
        let mut code = match &constant {
            Some(prepared) => prepared.clone(),
            None => prepare(key)?,
        };
        code.update(bytes);
        result.extend_from_slice(&code.finalize().into_bytes());
        Ok(Some(()))
    })?;
    arguments.finish(result)
}

fn crc32(call: &Call, arguments: &[ColumnarValue], rows: usize) -> EngineResult<ColumnarValue> {
    let arguments = Arguments::new(call, arguments, rows);
    let values = arguments.bytes(0)?;
    let result = primitive_rows::<Int64Type>(arguments.rows, |row| {
        Ok(values.get(row).map(|bytes| i64::from(crc32fast::hash(bytes))))
    })?;
    arguments.finish(result)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    const EMPTY: &str = "varbinary ''";
    /// "hashme"
    const HASHME: &str = "varbinary '686173686d65'";
    /// "hello"
    const HELLO: &str = "varbinary '68656c6c6f'";

    #[test]
    fn digests() {
        for (name, empty, hashme) in [
            ("md5", "d41d8cd98f00b204e9800998ecf8427e", "533f6357e0210e67d91f651bc49e1278"),
            ("sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "fb78992e561929a6967d5328f49413fa99048d06"),
            (
                "sha256",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "02208b9403a87df9f4ed6b2ee2657efaa589026b4cce9accc8e8a5bf3d693c86",
            ),
            (
                "sha512",
                "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
                "8a4b59fb9188d09b989ff596ac9cefbf2ed91ded8dcd9498e8bf2236814a92b23be6867e7fc340880e514f8fdf97e1f147ea4b0fd6c2da3557d0cf1c0b58a204",
            ),
        ] {
            check(
                name,
                &[
                    (&[EMPTY], &format!("varbinary '{empty}'")),
                    (&[HASHME], &format!("varbinary '{hashme}'")),
                    (&["varbinary NULL"], "varbinary NULL"),
                ],
            );
        }
    }

    #[test]
    fn hashes() {
        check(
            "xxhash64",
            &[(&[EMPTY], "varbinary 'ef46db3751d8e999'"), (&[HELLO], "varbinary '26c7827d889f6da3'")],
        );
        check(
            "murmur3",
            &[
                (&[EMPTY], "varbinary '00000000000000000000000000000000'"),
                (&[HELLO], "varbinary '029bbd41b3a7d8cb191dae486a901e5b'"),
            ],
        );
        check("spooky_hash_v2_32", &[(&[EMPTY], "varbinary '6bf50919'"), (&[HELLO], "varbinary 'd382e6ca'")]);
        check(
            "spooky_hash_v2_64",
            &[(&[EMPTY], "varbinary '232706fc6bf50919'"), (&[HELLO], "varbinary '3768826ad382e6ca'")],
        );
        check(
            "crc32",
            &[
                (&[EMPTY], "bigint 0"),
                (&["varbinary '313233343536373839'"], "bigint 3421780262"),
                (&["varbinary NULL"], "bigint NULL"),
            ],
        );
    }

    /// RFC 2202 and RFC 4231, test case 2: key "Jefe".
    #[test]
    fn keyed_digests() {
        let text = "varbinary '7768617420646f2079612077616e7420666f72206e6f7468696e673f'";
        let key = "varbinary '4a656665'";
        for (name, code) in [
            ("hmac_md5", "750c783e6ab0b503eaa86e310a5db738"),
            ("hmac_sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            ("hmac_sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                "hmac_sha512",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            check(
                name,
                &[
                    (&[text, key], &format!("varbinary '{code}'")),
                    (&[text, "varbinary NULL"], "varbinary NULL"),
                    (&[text, EMPTY], "error Empty key"),
                ],
            );
        }
    }
}
