//! Offsets as lines and columns.

use protocol::Position;

/// Line and column, both from 1 and in characters, of a byte offset in `text`, whose first character is at
/// `start`.
pub(crate) fn of_offset(text: &str, offset: usize, start: Position) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let in_line = before.get(line_start..).unwrap_or_default().chars().count() as u64;
    let lines = before.bytes().filter(|byte| *byte == b'\n').count() as u64;
    let column = if lines == 0 { start.column + in_line } else { in_line + 1 };
    Position { line: start.line + lines, column }
}
