//! The store's own log, looked at before the store opens it.
//!
//! A power cut may leave any part of what was being written: the pages of one write reach a disk in any order, so its
//! end may be there and its middle not. The store then refuses to open. And where a damaged byte in the middle of the
//! log looks like its end, the store cuts off everything behind it, acknowledged or not, and says nothing. So the log is
//! judged here first. What is unfinished at its end is cut off; damage to anything that was acknowledged is a fault, and
//! nothing is touched.
//!
//! The log is the files `N.jnl`, one batch behind the other: `1, items: u32, number: u64`, each item `2, type: u8,
//! compression: u8, keyspace: u64, key: u16, length: u32, stored: u32` and the bytes of key and value (or `4, keyspace:
//! u64`), then `3`, XXH3-64 of the items, `FJL` and 3; numbers are little-endian (fjall 3). Zeros follow until the file is
//! opened again. Only the last file is written to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use super::journal_row::{entries_of, sequence_of};
use super::whole::log_files;
use crate::ledger::{LedgerFault, Sequence};

const HEAD_BYTES: usize = 13;
const ITEM_HEAD_BYTES: usize = 21;
const CLEAR_BYTES: usize = 9;
/// How much of a file is read at once: as much as many batches, and little to keep in memory.
const PIECE_BYTES: usize = 1 << 20;
/// Zeros are looked at so many at once.
const PAGE_BYTES: usize = 4_096;
const LAST_BYTES: &[u8] = b"FJL\x03";
/// How far apart the numbers of two batches can be. The checksum does not cover them, so a wild one is all that shows.
const MAX_NUMBER_STEP: u64 = 1 << 32;

/// One whole batch of the log.
struct Batch {
    number: u64,
    end: usize,
    /// The first and the last entry of the journal row that it writes, where it writes one.
    row: Option<(Sequence, Sequence)>,
}

/// How far a log is sound.
#[derive(Default)]
struct Judged {
    /// Where in the file the first part begins that is no batch.
    sound_to: usize,
    /// The last entry of the journal before it.
    last: Option<Sequence>,
    /// The number of the last batch before it.
    number: Option<u64>,
    /// Whether it is a whole batch after all, only with a number that cannot be: no unfinished write looks like that.
    misnumbered: bool,
}

/// What is known to be durable in a store, from its head.
#[derive(Debug, Clone, Copy, Default)]
pub struct Durable {
    /// The last entry that is.
    pub last: Sequence,
    /// Whether everything is: no write was under way when the store was closed.
    pub all: bool,
}

/// Cuts an unfinished write off the log of a store, if there is one. What is known to be durable is never cut off.
///
/// # Errors
/// [`LedgerFault::Unreadable`] if something is damaged that was acknowledged, [`LedgerFault::Directory`] if a file cannot be
/// read or written.
pub fn mend(store: &Path, durable: Durable) -> Result<(), LedgerFault> {
    let fault = |source| LedgerFault::Directory { path: store.to_owned(), source };
    if !store.is_dir() || is_open(store).map_err(fault)? {
        return Ok(());
    }
    let files = log_files(store).map_err(fault)?;
    let mut judged = Judged::default();
    for file in &files {
        let (now_judged, rest) = judge(file, &judged).map_err(fault)?;
        judged = now_judged;
        let rest = without_zeros_behind(&rest);
        if rest.is_empty() {
            continue;
        }
        let is_written_to = files.last() == Some(file);
        let kept = behind_the_damage(&judged, rest).filter(|_| is_written_to);
        // The log has the newest rows, so a row that is behind its last one was nowhere else.
        let was_durable =
            durable.all || judged.last.is_some_and(|last| last < durable.last && kept.is_none_or(<[u8]>::is_empty));
        let kept = kept.filter(|_| !was_durable).ok_or_else(|| damaged(file, judged.sound_to))?;
        tracing::warn!(file = %file.display(), at = judged.sound_to, "an unfinished write is cut off the store's log");
        rewrite(file, judged.sound_to, kept).map_err(fault)?;
    }
    Ok(())
}

/// Whether somebody has the store open; the store itself says so then, and its log is not to be touched.
fn is_open(store: &Path) -> io::Result<bool> {
    match File::open(store.join("lock")) {
        Ok(lock) => Ok(matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Judges a file that follows what has been judged before, and gives what of it is not sound. A log may have hundreds of
/// megabytes, so it is read piece by piece, and a piece is forgotten when it is found sound.
fn judge(file: &Path, before: &Judged) -> io::Result<(Judged, Vec<u8>)> {
    let mut judged = Judged { sound_to: 0, ..*before };
    let (mut file, mut unjudged) = (File::open(file)?, Vec::with_capacity(2 * PIECE_BYTES));
    loop {
        // What is no whole batch may be one with more behind it. Twice as much each time, or a long one would be looked
        // at too often.
        let wanted = PIECE_BYTES.max(unjudged.len());
        let read = (&mut file).take(wanted as u64).read_to_end(&mut unjudged)?;
        let sound = judge_piece(&unjudged, &mut judged);
        unjudged.drain(..sound);
        if read < wanted {
            return Ok((judged, unjudged));
        }
    }
}

/// Judges what follows, and says how much of it is sound.
fn judge_piece(piece: &[u8], judged: &mut Judged) -> usize {
    let mut sound = 0;
    while let Some(batch) = batch_at(piece, sound) {
        judged.misnumbered = judged.number.is_some_and(|number| !follows(number, batch.number));
        if judged.misnumbered {
            break;
        }
        judged.number = Some(batch.number);
        judged.last = batch.row.map(|(_, last)| last).or(judged.last);
        sound = batch.end;
    }
    judged.sound_to += sound;
    sound
}

fn follows(number: u64, next: u64) -> bool {
    next > number && next - number < MAX_NUMBER_STEP
}

/// The file without the zeros that it is made with. No batch ends in a zero.
fn without_zeros_behind(content: &[u8]) -> &[u8] {
    let page = |at: usize| &content[at * PAGE_BYTES..content.len().min((at + 1) * PAGE_BYTES)];
    let pages = (0..content.len().div_ceil(PAGE_BYTES)).rev();
    let last = pages.map(|at| (at, page(at))).find(|(_, page)| **page != [0; PAGE_BYTES][..page.len()]);
    let end = last.and_then(|(at, page)| Some(at * PAGE_BYTES + page.iter().rposition(|byte| *byte != 0)? + 1));
    &content[..end.unwrap_or(0)]
}

/// What must be kept of the bytes from the damage on; none where something acknowledged is damaged.
///
/// Before a row of the journal is acknowledged everything in front of it is on the disk. So what a crash leaves damaged
/// is the last row of the journal, with nothing behind it, or the rows that the projecting thread wrote before it, which
/// can be made again; then the row may be whole, and is kept.
fn behind_the_damage<'a>(judged: &Judged, rest: &'a [u8]) -> Option<&'a [u8]> {
    if judged.misnumbered {
        return None;
    }
    let Some((at, batch)) = (1..rest.len()).find_map(|at| Some((at, batch_at(rest, at)?))) else { return Some(&[]) };
    let is_next = batch.row.is_some_and(|(first, _)| judged.last.is_some_and(|last| first == last + 1))
        && judged.number.is_some_and(|number| follows(number, batch.number));
    (is_next && batch.end == rest.len()).then(|| &rest[at..])
}

fn damaged(file: &Path, at: usize) -> LedgerFault {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    LedgerFault::Unreadable { what: format!("the store's log {name}, damaged at byte {at} where it was finished,") }
}

/// Replaces the file by a new one of its first `sound` bytes and what is kept, so that a crash leaves the one or the other.
fn rewrite(file: &Path, sound: usize, kept: &[u8]) -> io::Result<()> {
    let fresh = file.with_extension("mended");
    let mut written = OpenOptions::new().write(true).create(true).truncate(true).open(&fresh)?;
    io::copy(&mut File::open(file)?.take(sound as u64), &mut written)?;
    written.write_all(kept)?;
    written.sync_all()?;
    fs::rename(&fresh, file)?;
    file.parent().map_or(Ok(()), |store| File::open(store)?.sync_all())
}

/// The batch that begins at `at`; none where what begins there is no whole batch.
fn batch_at(content: &[u8], at: usize) -> Option<Batch> {
    let head = content.get(at..at + HEAD_BYTES)?;
    let (1, count, number) = (head[0], number_32(&head[1..]), number_64(&head[5..])) else { return None };
    let mut end = at + HEAD_BYTES;
    let mut row = None;
    for _ in 0..count {
        let (item_end, found) = item_at(content, end)?;
        row = row.or(found);
        end = item_end;
    }
    let (checksum, last) = (content.get(end + 1..end + 9)?, content.get(end + 9..end + 13)?);
    let sound =
        content[end] == 3 && last == LAST_BYTES && number_64(checksum) == xxh3_64(&content[at + HEAD_BYTES..end]);
    sound.then_some(Batch { number, end: end + 13, row })
}

/// Where the item that begins at `at` ends, and the entries of the journal row that it is.
fn item_at(content: &[u8], at: usize) -> Option<(usize, Option<(Sequence, Sequence)>)> {
    if *content.get(at)? == 4 {
        return Some((at + CLEAR_BYTES, None));
    }
    let head = content.get(at..at + ITEM_HEAD_BYTES)?;
    let (key_bytes, value_bytes) = (usize::from(u16::from_le_bytes([head[11], head[12]])), number_32(&head[17..]));
    let key_at = at + ITEM_HEAD_BYTES;
    let key = content.get(key_at..key_at + key_bytes)?;
    let value = content.get(key_at + key_bytes..key_at + key_bytes + value_bytes as usize)?;
    // Only the journal has keys of eight bytes.
    let row = sequence_of(key).ok().zip(entries_of(value).ok());
    let row = row.map(|(first, entries)| (first, first + entries.len() as u64 - 1));
    (head[0] == 2).then_some((key_at + key_bytes + value_bytes as usize, row))
}

fn number_32(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn number_64(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
