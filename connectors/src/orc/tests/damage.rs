//! Damaged files end in an error or in rows, in time, and never in a panic.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use protocol::ErrorCode;

use super::Case;

/// Time one damaged file may take.
const PATIENCE: Duration = Duration::from_secs(2);

const FILES: [&str; 10] = [
    "types",
    "types_v1",
    "types_dictionary",
    "nested",
    "union",
    "groups",
    "times",
    "zone_kolkata",
    "codec_snappy",
    "codec_lz4",
];

/// Reads `bytes` as a table of the undamaged file's types.
async fn survives(folder: &Path, original: &Case, bytes: &[u8], what: &str) {
    let path = folder.join("damaged.orc");
    std::fs::write(&path, bytes).unwrap();
    let case = Case { schema: original.schema.clone(), ..Case::at(path) };
    let started = Instant::now();
    let result = tokio::time::timeout(PATIENCE * 5, case.read()).await;
    let took = started.elapsed();
    let result = result.unwrap_or_else(|_| panic!("{what}: never ends"));
    assert!(took < PATIENCE, "{what}: took {took:?}");
    if let Err(error) = result {
        let expected = [
            ErrorCode::CorruptFile,
            ErrorCode::NotSupported,
            ErrorCode::SchemaMismatch,
            ErrorCode::MemoryLimitExceeded,
        ];
        assert!(expected.contains(&error.code), "{what}: {error}");
    }
}

async fn original(file: &str) -> (Case, Vec<u8>) {
    let mut case = Case::new(file);
    case.schema = Some(super::table_schema(&case.tail().await.unwrap()));
    let bytes = std::fs::read(&case.path).unwrap();
    (case, bytes)
}

#[tokio::test]
async fn truncated_files_are_errors() {
    quietly();
    let folder = tempfile::tempdir().unwrap();
    for file in FILES {
        let (case, bytes) = original(file).await;
        let step = (bytes.len() / 60).max(1);
        for length in (1..bytes.len()).step_by(step).chain(bytes.len().saturating_sub(40)..bytes.len()) {
            let what = format!("{file} cut to {length} bytes");
            survives(folder.path(), &case, &bytes[..length], &what).await;
        }
    }
}

#[tokio::test]
async fn flipped_bytes_are_errors_or_rows() {
    quietly();
    let folder = tempfile::tempdir().unwrap();
    for file in FILES {
        let (case, bytes) = original(file).await;
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64);
        for round in 0..FLIPS_PER_FILE {
            let mut damaged = bytes.clone();
            // Half of the flips hit the metadata at the end, which decides over all the rest.
            let tail = bytes.len().saturating_sub(1500);
            let from = if round % 2 == 0 { 0 } else { tail };
            for _ in 0..=round % 3 {
                let at = from + usize::try_from(dice.roll()).unwrap() % (bytes.len() - from);
                damaged[at] = if round % 5 == 0 { 0xff } else { damaged[at] ^ (1 << (dice.roll() % 8)) };
            }
            let what = format!("{file}, damage {round}");
            survives(folder.path(), &case, &damaged, &what).await;
        }
    }
}

/// Files with every kind of damage there is: 10 of them.
const FLIPS_PER_FILE: usize = 60;

/// A xorshift generator: the same damage in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 1
    }
}

/// Panics inside the decoder library are caught and expected here: they need not be printed.
fn quietly() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let inside = info.location().is_some_and(|at| at.file().contains("orc-rust"));
            if !inside && std::env::var_os("ORC_PANICS").is_none() {
                print(info);
            }
        }));
    });
}
