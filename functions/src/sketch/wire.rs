//! Sketches as bytes: little endian, the first byte says which sketch.

use crate::Fault;

/// Which sketch the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    HyperLogLog = 0x11,
    QDigest = 0x12,
    TDigest = 0x13,
    SetDigest = 0x14,
}

impl Tag {
    /// The sketch that the bytes begin with.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self, Fault> {
        let tags = [Tag::HyperLogLog, Tag::QDigest, Tag::TDigest, Tag::SetDigest];
        let found = bytes.first().and_then(|first| tags.into_iter().find(|tag| *tag as u8 == *first));
        found.ok_or_else(damaged)
    }
}

/// The bytes are no sketch of ours.
pub(crate) fn damaged() -> Fault {
    Fault::invalid_argument("the bytes are not a sketch that was made here")
}

/// Reads numbers from the front of bytes.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// After the tag, which must be this.
    pub(crate) fn new(bytes: &'a [u8], tag: Tag) -> Result<Self, Fault> {
        match Tag::of(bytes)? == tag {
            true => Ok(Self(bytes.get(1..).unwrap_or_default())),
            false => Err(damaged()),
        }
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn eight(&mut self) -> Result<[u8; 8], Fault> {
        self.bytes(8)?.try_into().map_err(|_| damaged())
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Fault> {
        self.bytes(1)?.first().copied().ok_or_else(damaged)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Fault> {
        self.eight().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Fault> {
        self.eight().map(i64::from_le_bytes)
    }

    pub(crate) fn f64(&mut self) -> Result<f64, Fault> {
        self.eight().map(f64::from_le_bytes)
    }

    /// How many items of so many bytes follow: never more than there are bytes for.
    pub(crate) fn count(&mut self, item_bytes: usize) -> Result<usize, Fault> {
        let count = usize::try_from(self.u64()?).map_err(|_| damaged())?;
        let bytes = count.checked_mul(item_bytes).ok_or_else(damaged)?;
        if bytes > self.0.len() { Err(damaged()) } else { Ok(count) }
    }
}
