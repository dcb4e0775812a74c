//! The stored bytes that one split needs, as a lazy stream.

use std::{iter, ops::Range};

use futures::{StreamExt, stream};
use protocol::ByteClass;
use storage::{ByteStream, ObjectReader};

/// What is asked for behind a split's end together with the split: enough to end its last line
/// almost always, so that most splits cost one request.
pub(super) const LOOKAHEAD_BYTES: u64 = 4 << 10;
/// What is asked for next, while a line is still not over; doubled each time.
const TAIL_BYTES: u64 = 64 << 10;
const TAIL_BYTES_MAX: u64 = 1 << 20;

/// The bytes from the one before `range` to the end of the object. Whoever reads them stops once the
/// last line of the split is over; nothing is fetched, or billed, much before it is polled for.
pub(super) fn of_split(reader: ObjectReader, range: &Range<u64>) -> ByteStream {
    let size = reader.object().size;
    let end = range.end.saturating_add(LOOKAHEAD_BYTES).min(size);
    let body = range.start.saturating_sub(1)..end;
    let requests = iter::once(body).chain(tails(end, size));
    stream::iter(requests).flat_map(move |wanted| reader.stream(ByteClass::Text, wanted)).boxed()
}

/// All bytes of the object.
pub(super) fn of_object(reader: &ObjectReader) -> ByteStream {
    reader.stream(ByteClass::Text, 0..reader.object().size)
}

fn tails(mut from: u64, size: u64) -> impl Iterator<Item = Range<u64>> + Send {
    let mut bytes = TAIL_BYTES;
    iter::from_fn(move || {
        let tail = from..from.saturating_add(bytes).min(size);
        from = tail.end;
        bytes = (bytes * 2).min(TAIL_BYTES_MAX);
        (!tail.is_empty()).then_some(tail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_grow_and_reach_the_end() {
        let found: Vec<_> = tails(10, 200_000).collect();
        assert_eq!(found, [10..65_546, 65_546..196_618, 196_618..200_000]);
        assert_eq!(tails(5, 5).count(), 0);
    }
}
