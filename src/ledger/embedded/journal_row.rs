//! The row that a batch is in the journal: its key is the number of the first entry, its value all of the entries.

use crate::ledger::{LedgerFault, Sequence};

/// The first byte of a row.
const ROW_VERSION: u8 = 1;

/// The number that a key is.
///
/// # Errors
/// [`LedgerFault::Unreadable`] where it is none.
pub fn sequence_of(key: &[u8]) -> Result<Sequence, LedgerFault> {
    let bytes = key.try_into().map_err(|_| LedgerFault::Unreadable { what: "a number of the journal".into() })?;
    Ok(Sequence::from_be_bytes(bytes))
}

/// The value of a batch: a version, and each entry behind its length.
///
/// # Panics
/// Never: an entry is bounded by the body of one request.
pub fn journal_row(batch: &[&[u8]]) -> Vec<u8> {
    let bytes: usize = batch.iter().map(|entry| entry.len() + 4).sum();
    let mut row = Vec::with_capacity(bytes + 1);
    row.push(ROW_VERSION);
    for entry in batch {
        let length = u32::try_from(entry.len()).expect("an entry is bounded by the body of one request");
        row.extend_from_slice(&length.to_le_bytes());
        row.extend_from_slice(entry);
    }
    row
}

/// The entries of a value, at least one.
///
/// # Errors
/// [`LedgerFault::Unreadable`] where the value is not whole.
pub fn entries_of(row: &[u8]) -> Result<Vec<&[u8]>, LedgerFault> {
    let torn = || LedgerFault::Unreadable { what: "a row of the journal".into() };
    let Some((&ROW_VERSION, mut rest)) = row.split_first() else { return Err(torn()) };
    let mut entries = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let (entry, tail) = tail.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(torn)?;
        entries.push(entry);
        rest = tail;
    }
    if rest.is_empty() && !entries.is_empty() { Ok(entries) } else { Err(torn()) }
}
