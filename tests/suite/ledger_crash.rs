//! What a crash leaves of the embedded ledger.

use hallpass::ledger::embedded::Embedded;

use crate::world::entries::{adopted, booked, commit, loaded, make};
use crate::world::fast_directory;

/// Behind a start that found much to do, the journal is longer than what one round takes into the rows.
#[test]
fn a_long_journal_that_no_row_has_seen_is_loaded() {
    let dir = fast_directory();
    let mut ledger = Embedded::open(dir.path()).unwrap();
    let batch = vec![adopted("again"); 1_000];
    (0..140).for_each(|_| commit(&mut ledger, &batch));
    commit(&mut ledger, &[make(vec![booked(1, 1, 0)], 1)]);
    drop(ledger);
    for _ in 0..2 {
        let mut ledger = Embedded::open(dir.path()).unwrap();
        assert_eq!(loaded(&mut ledger), [booked(1, 1, 0)]);
        assert_eq!(ledger.projected().unwrap(), 140_001);
    }
}
