//! Rows that stay where they are put, and an index that finds them: what tens of millions of records are kept in.
//!
//! A [`Slab`] grows by whole pages, so a growing one copies nothing and wastes at most a page. An [`Index`] keeps 32 bits of
//! each row's hash beside the row's number: eight bytes a row, and a growing index never has to look at the rows
//! themselves. Both are cut into [`SHARDS`] parts by whoever owns them, each under a lock of its own, so that a part which
//! grows stops few callers.

use std::hash::{BuildHasher as _, Hash};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// How many parts rows are kept in.
pub const SHARDS: usize = 256;

/// How many bytes a page has at most: the allocator rounds sizes up, and hardly rounds this one.
const PAGE_BYTES: usize = 8_192;

/// Rows, known by their numbers from 0.
#[derive(Debug)]
pub struct Slab<T>(Vec<Vec<T>>);

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Slab<T> {
    /// How many rows a page has.
    const PAGE_ROWS: usize = PAGE_BYTES / size_of::<T>();

    /// Puts a row at the end, and gives its number.
    ///
    /// # Panics
    /// Where there would be more rows than numbers of 32 bits.
    pub fn push(&mut self, row: T) -> u32 {
        if self.0.last().is_none_or(|page| page.len() == Self::PAGE_ROWS) {
            self.0.push(Vec::with_capacity(Self::PAGE_ROWS));
        }
        let before = (self.0.len() - 1) * Self::PAGE_ROWS;
        let page = self.0.last_mut().expect("a page with room has just been made");
        page.push(row);
        u32::try_from(before + page.len() - 1).expect("a slab has at most 2^32 rows")
    }

    /// The row with this number.
    pub fn get(&self, number: u32) -> &T {
        let (page, row) = Self::place(number);
        &self.0[page][row]
    }

    /// The row with this number.
    pub fn get_mut(&mut self, number: u32) -> &mut T {
        let (page, row) = Self::place(number);
        &mut self.0[page][row]
    }

    /// Every row, in the order of the numbers.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }

    const fn place(number: u32) -> (usize, usize) {
        (number as usize / Self::PAGE_ROWS, number as usize % Self::PAGE_ROWS)
    }
}

/// Where to look for a key: the part, and 32 bits of its hash.
pub fn whereabouts(state: &RandomState, key: &impl Hash) -> (usize, u32) {
    let hash = state.hash_one(key);
    #[allow(clippy::cast_possible_truncation, reason = "the hash is cut apart here")]
    (hash as usize % SHARDS, (hash >> 32) as u32)
}

/// From hashes to the numbers of rows.
#[derive(Debug, Default)]
pub struct Index(HashTable<(u32, u32)>);

impl Index {
    /// An index with room for the share of one of [`SHARDS`] parts in so many rows.
    pub fn with_room_for_a_share_of(rows: usize) -> Self {
        Self(HashTable::with_capacity(share_of(rows)))
    }

    /// The number of the row with this hash that `is_it` knows.
    pub fn find(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.0.find(spread(hash), |entry| entry.0 == hash && is_it(entry.1)).map(|entry| entry.1)
    }

    /// Enters a row that is not in the index yet.
    pub fn insert(&mut self, hash: u32, number: u32) {
        self.0.insert_unique(spread(hash), (hash, number), |entry| spread(entry.0));
    }

    /// Takes a row out.
    pub fn remove(&mut self, hash: u32, number: u32) {
        let entry = self.0.find_entry(spread(hash), |entry| *entry == (hash, number));
        let Ok(entry) = entry else { panic!("a row that is taken out was in the index") };
        entry.remove();
    }
}

/// How many of so many rows one of [`SHARDS`] parts gets, and some more: hashes spread them nearly evenly.
const fn share_of(rows: usize) -> usize {
    rows.div_ceil(SHARDS) * 17 / 16
}

/// The table takes its place from the lowest bits of a hash and a mark from the highest.
const fn spread(hash: u32) -> u64 {
    (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_numbers() {
        let mut slab = Slab::default();
        for number in 0..5_000 {
            assert_eq!(slab.push(u64::from(number)), number);
        }
        *slab.get_mut(777) = 0;
        assert_eq!((*slab.get(776), *slab.get(777), *slab.get(999)), (776, 0, 999));
    }

    #[test]
    fn rows_of_one_hash_are_told_apart() {
        let mut index = Index::default();
        for number in 0..1_000 {
            index.insert(number % 10, number);
        }
        assert_eq!(index.find(7, |number| number == 507), Some(507));
        assert_eq!(index.find(7, |number| number == 508), None, "that row has another hash");
        index.remove(7, 507);
        assert_eq!(index.find(7, |number| number == 507), None);
        assert_eq!(index.find(7, |number| number == 517), Some(517));
    }
}
