//! The line after the rows: how many, what was read, how long it took, what it costs.

use protocol::{QueryRecord, QueryState};

/// One line, without a line end. Stable in its words; programs should read `system.queries`.
pub(crate) fn closing_line(record: &QueryRecord, price_per_tib: f64) -> String {
    let scanned = record.usage.scanned_bytes();
    let charged = if record.state == QueryState::Failed { 0 } else { scanned };
    let cached = match record.usage.cached_bytes {
        0 => String::new(),
        bytes => format!(" + {} cached", human_bytes(bytes)),
    };
    format!(
        "{} row{} · {} scanned ({scanned} bytes{cached}) · {}/{} files · {}/{} partitions · {} requests · \
         queued {} · ran {} · ${:.6} · query {}",
        record.rows,
        if record.rows == 1 { "" } else { "s" },
        human_bytes(scanned),
        record.files,
        record.files_total,
        record.partitions,
        record.partitions_total,
        record.usage.requests,
        seconds(record.queue_ms),
        seconds(record.plan_ms + record.run_ms),
        price(charged, price_per_tib),
        record.query_id,
    )
}

/// Dollars for `bytes`.
fn price(bytes: u64, price_per_tib: f64) -> f64 {
    const TIB: f64 = (1_u64 << 40) as f64;
    bytes as f64 / TIB * price_per_tib
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03} s", ms / 1000, ms % 1000)
}

/// Powers of 1000, as storage is sold.
pub(crate) fn human_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in UNITS {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    format!("{value:.2} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_readable() {
        for (bytes, text) in
            [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (1_500_000, "1.50 MB"), (u64::MAX, "18.45 EB")]
        {
            assert_eq!(human_bytes(bytes), text);
        }
    }
}
