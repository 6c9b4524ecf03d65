//! The rows of appointments and of their sealed personal data, read side by side.
//!
//! Both keyspaces are in the order of ids, so one pass over each brings together what belongs together, without a look-up
//! for each appointment. A start cuts the ids into ranges and lets every processor read its own: where the cuts are changes
//! who reads what, and never what is read.

use std::ops::Bound;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use fjall::{Keyspace, UserValue};
use smallvec::SmallVec;

use super::{failed, read};
use crate::domain::appointment::{Appointment, AppointmentId};
use crate::ledger::LedgerFault;

/// What is told of each appointment: its last state, and its sealed personal data, oldest part first. It may say stop.
pub type Told<'a, E> = dyn FnMut(Appointment, &[&[u8]]) -> Result<(), E> + 'a;

/// From which id on, and up to which, which must not be included.
pub type Range = (Bound<AppointmentId>, Bound<AppointmentId>);

/// The two keyspaces.
pub struct AppointmentRows<'a> {
    /// Id → appointment.
    pub appointments: &'a Keyspace,
    /// Id and part → sealed personal data.
    pub sealed: &'a Keyspace,
}

impl AppointmentRows<'_> {
    /// Tells of every appointment, in the order of ids.
    pub fn read(&self, tell: &mut dyn FnMut(Appointment, &[&[u8]])) -> Result<(), LedgerFault> {
        let mut tell = told_all(tell);
        self.read_range((Bound::Unbounded, Bound::Unbounded), &mut tell)
    }

    /// Tells of every appointment, on all processors: of those between two cuts in the order of ids and by one thread.
    /// Gives how many there are.
    pub fn read_in_ranges(
        &self,
        cuts: &[AppointmentId],
        tell: &(dyn Fn(Appointment, &[&[u8]]) + Sync),
    ) -> Result<u64, LedgerFault> {
        let ranges = ranges_between(cuts);
        let next = AtomicUsize::new(0);
        let work = || {
            let mut told = 0;
            while let Some(range) = ranges.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut tell = told_all(|appointment, sealed: &[&[u8]]| {
                    told += 1;
                    tell(appointment, sealed);
                });
                self.read_range(*range, &mut tell).inspect_err(|_| {
                    // What the others would still find is thrown away.
                    next.store(ranges.len(), Ordering::Relaxed);
                })?;
            }
            Ok(told)
        };
        let others = processors().min(ranges.len()) - 1;
        thread::scope(|scope| {
            let start = |_| thread::Builder::new().name("reader".into()).spawn_scoped(scope, work);
            let others: Vec<_> = (0..others).map(start).collect::<Result<_, _>>().map_err(failed("start a thread"))?;
            let own = work();
            let joined = others.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            joined.fold(own, |sum, told| Ok(sum? + told?))
        })
    }

    /// Tells of the appointments of a range, in the order of ids, until it is told to stop.
    pub fn read_range<E: From<LedgerFault>>(&self, range: Range, tell: &mut Told<'_, E>) -> Result<(), E> {
        let keys = (range.0.map(|id| id.0.into_bytes()), range.1.map(|id| id.0.into_bytes()));
        // The key of a part begins with the id, so the same bounds hold the parts of the same appointments.
        let mut sealed = self.sealed.range::<[u8; 16], _>(keys).map(fjall::Guard::into_inner).peekable();
        for guard in self.appointments.range::<[u8; 16], _>(keys) {
            let (key, value) = guard.into_inner().map_err(failed("read an appointment"))?;
            let appointment: Appointment = read("an appointment", &value)?;
            let mut parts = SmallVec::<[UserValue; 2]>::new();
            let up_to_here = |part: &fjall::Result<fjall::KvPair>| {
                part.as_ref().map_or(true, |(part, _)| part.get(..key.len()).unwrap_or(part) <= &*key)
            };
            while let Some(part) = sealed.next_if(up_to_here) {
                let (part, value) = part.map_err(failed("read sealed data"))?;
                if part.starts_with(&key) {
                    parts.push(value);
                }
            }
            let parts: SmallVec<[&[u8]; 2]> = parts.iter().map(|part| &**part).collect();
            tell(appointment, &parts)?;
        }
        Ok(())
    }
}

/// Tells all, and never says stop.
fn told_all(
    mut tell: impl FnMut(Appointment, &[&[u8]]),
) -> impl FnMut(Appointment, &[&[u8]]) -> Result<(), LedgerFault> {
    move |appointment, sealed| {
        tell(appointment, sealed);
        Ok(())
    }
}

/// How many threads can read at a time.
pub fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The ranges between cuts, in any order and more than once.
fn ranges_between(cuts: &[AppointmentId]) -> Vec<Range> {
    let mut cuts = cuts.to_vec();
    cuts.sort_unstable();
    cuts.dedup();
    let from = std::iter::once(Bound::Unbounded).chain(cuts.iter().copied().map(Bound::Included));
    let to = cuts.iter().copied().map(Bound::Excluded).chain([Bound::Unbounded]);
    from.zip(to).collect()
}
