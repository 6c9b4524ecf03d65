//! Day sheets: for each hall and date a cell for every band of every lane.
//!
//! The bands of a sheet are what `domain::schedule` says of the snapshot in force. A reload builds new sheets that share
//! the cell of every band which keeps its lane, start and end; a band that is gone keeps its cell, closed, as long as
//! somebody has a place in it. So no count is ever copied, and a claim under way always points at a cell that counts.
//! Invariant: every sheet in the table was built from the snapshot in force; whoever builds one holds that snapshot fast.

use std::sync::Arc;

use chrono::NaiveDate;

use super::places::Cell;
use crate::domain::appointment::Slot;
use crate::domain::hall::Hall;
use crate::domain::name::{HallId, LaneId};
use crate::domain::schedule::{self, Band};
use crate::domain::snapshot::Snapshot;
use crate::domain::wall::WallTime;
use crate::engine::Map;

/// The bands of one lane on one date, with their cells.
#[derive(Debug, Default, Clone)]
pub struct LaneSheet {
    /// The bands, in order.
    pub bands: Vec<Band>,
    /// The cell of each band.
    pub cells: Vec<Arc<Cell>>,
}

/// A cell without a band: the band is gone, but somebody had a place in it.
#[derive(Debug, Clone)]
struct Retired {
    lane: LaneId,
    start: WallTime,
    end: WallTime,
    cell: Arc<Cell>,
}

/// One hall on one date. A clone has the same cells.
#[derive(Debug, Default, Clone)]
pub struct Sheet {
    lanes: Vec<(LaneId, LaneSheet)>,
    retired: Vec<Retired>,
}

impl Sheet {
    /// The sheet of a hall and a date, sharing the cells of an earlier one.
    #[must_use]
    pub fn build(snapshot: &Snapshot, hall: Option<&Hall>, date: NaiveDate, earlier: Option<&Self>) -> Self {
        let shared = |lane: LaneId, band: &Band| {
            let cell = earlier.and_then(|sheet| sheet.find(lane, band.start, band.end));
            let cell = cell.unwrap_or_else(|| Arc::new(Cell::new(band.capacity)));
            cell.set_capacity(band.capacity);
            cell
        };
        let lanes = hall.map_or_else(Vec::new, |hall| {
            let of_lane = |lane: &crate::domain::hall::Lane| {
                let bands = schedule::bands(hall, &snapshot.calendar, lane, date);
                let cells = bands.iter().map(|band| shared(lane.id, band)).collect();
                (lane.id, LaneSheet { bands, cells })
            };
            hall.lanes.iter().map(of_lane).collect()
        });
        let mut sheet = Self { lanes, retired: Vec::new() };
        if let Some(earlier) = earlier {
            sheet.retire_missing(earlier);
        }
        sheet
    }

    /// The bands of a lane; none where the hall has no such lane.
    #[must_use]
    pub fn lane(&self, id: LaneId) -> Option<&LaneSheet> {
        self.lanes.iter().find(|(lane, _)| *lane == id).map(|(_, sheet)| sheet)
    }

    /// Every lane with its bands.
    #[must_use]
    pub fn lanes(&self) -> &[(LaneId, LaneSheet)] {
        &self.lanes
    }

    /// Whether a band is still offered.
    #[must_use]
    pub fn offers(&self, slot: &Slot) -> bool {
        self.lane(slot.lane)
            .is_some_and(|lane| lane.bands.iter().any(|band| (band.start, band.end) == (slot.start, slot.end)))
    }

    /// Whether more places of a band are taken than it has.
    #[must_use]
    pub fn is_overfull(&self, slot: &Slot) -> bool {
        self.find(slot.lane, slot.start, slot.end).is_some_and(|cell| {
            let (taken, capacity) = cell.counts();
            taken > capacity
        })
    }

    fn find(&self, lane: LaneId, start: WallTime, end: WallTime) -> Option<Arc<Cell>> {
        let offered = self.lane(lane).and_then(|sheet| {
            let at = sheet.bands.iter().position(|band| (band.start, band.end) == (start, end))?;
            Some(Arc::clone(&sheet.cells[at]))
        });
        let same = |retired: &&Retired| (retired.lane, retired.start, retired.end) == (lane, start, end);
        offered.or_else(|| self.retired.iter().find(same).map(|retired| Arc::clone(&retired.cell)))
    }

    fn cells(&self) -> impl Iterator<Item = (LaneId, WallTime, WallTime, &Arc<Cell>)> {
        let offered = self.lanes.iter().flat_map(|(lane, sheet)| {
            sheet.bands.iter().zip(&sheet.cells).map(|(band, cell)| (*lane, band.start, band.end, cell))
        });
        offered.chain(self.retired.iter().map(|retired| (retired.lane, retired.start, retired.end, &retired.cell)))
    }

    fn retire_missing(&mut self, earlier: &Self) {
        for (lane, start, end, cell) in earlier.cells() {
            if cell.counts().0 > 0 && self.find(lane, start, end).is_none() {
                cell.set_capacity(0);
                self.retired.push(Retired { lane, start, end, cell: Arc::clone(cell) });
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.cells().all(|(_, _, _, cell)| cell.counts().0 == 0)
    }
}

/// All day sheets that are in use.
#[derive(Debug, Default)]
pub struct Sheets(Map<(HallId, NaiveDate), Arc<Sheet>>);

impl Sheets {
    /// The sheet of a hall and a date, built and kept where it is missing. The caller holds `snapshot` fast.
    #[must_use]
    pub fn get_or_build(&self, snapshot: &Snapshot, hall: &Hall, date: NaiveDate) -> Arc<Sheet> {
        if let Some(sheet) = self.get(hall.id, date) {
            return sheet;
        }
        let build = || Arc::new(Sheet::build(snapshot, Some(hall), date, None));
        Arc::clone(&self.0.entry((hall.id, date)).or_insert_with(build))
    }

    /// The sheet of a hall and a date, where there is one.
    #[must_use]
    pub fn get(&self, hall: HallId, date: NaiveDate) -> Option<Arc<Sheet>> {
        self.0.get(&(hall, date)).map(|sheet| Arc::clone(&sheet))
    }

    /// The cell of a slot in which somebody has a place.
    ///
    /// # Panics
    /// Where there is none: a cell with a place in it is never thrown away.
    #[must_use]
    pub fn cell(&self, slot: &Slot) -> Arc<Cell> {
        let sheet = self.get(slot.hall, slot.date);
        sheet.and_then(|sheet| sheet.find(slot.lane, slot.start, slot.end)).expect("a cell with a place in it is kept")
    }

    /// Counts a place that the ledger says is taken. The band need not be offered any more. The caller holds `snapshot` fast.
    pub fn restore(&self, snapshot: &Snapshot, slot: &Slot) {
        let build = || Arc::new(Sheet::build(snapshot, snapshot.hall(slot.hall.as_str()).ok(), slot.date, None));
        let mut entry = self.0.entry((slot.hall, slot.date)).or_insert_with(build);
        if let Some(cell) = entry.find(slot.lane, slot.start, slot.end) {
            cell.restore();
            return;
        }
        let cell = Arc::new(Cell::new(0));
        cell.restore();
        let retired = Retired { lane: slot.lane, start: slot.start, end: slot.end, cell };
        Arc::make_mut(&mut entry).retired.push(retired);
    }

    /// The capacity of every slot.
    #[must_use]
    pub fn capacities(&self) -> Vec<(Slot, u32)> {
        let of_sheet = |entry: dashmap::mapref::multiple::RefMulti<'_, (HallId, NaiveDate), Arc<Sheet>>| {
            let (hall, date) = *entry.key();
            let of_cell = |(lane, start, end, cell): (LaneId, WallTime, WallTime, &Arc<Cell>)| {
                (Slot { hall, date, lane, start, end }, cell.counts().1)
            };
            entry.value().cells().map(of_cell).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of_sheet).collect()
    }

    /// Builds every sheet anew from another snapshot. The caller lets nobody take a place meanwhile.
    pub fn rebuild(&self, snapshot: &Snapshot) {
        for mut entry in self.0.iter_mut() {
            let (hall, date) = *entry.key();
            let hall = snapshot.hall(hall.as_str()).ok();
            *entry = Arc::new(Sheet::build(snapshot, hall, date, Some(entry.value())));
        }
    }

    /// Throws away the sheets of dates before `date` in which nobody has a place.
    pub fn drop_empty_before(&self, date: NaiveDate) {
        self.0.retain(|(_, of), sheet| *of >= date || !sheet.is_empty());
    }

    /// How many sheets are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
