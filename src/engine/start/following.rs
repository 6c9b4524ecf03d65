//! What others write into the same ledger becomes part of this memory.
//!
//! Memory is a filter in front of a ledger that others write into too: the ledger has the last word on every entry, and
//! memory follows. Entries of others are taken over in an order in which nothing comes before what it depends on; behind
//! an own batch only once that batch has been settled here. A caller who needs to know what was written before waits for
//! a *round* of reading that begins after that; whoever asks meanwhile shares the round.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::answers::answer_of;
use crate::domain::appointment::Appointment;
use crate::engine::deeds::Done;
use crate::engine::{Engine, Inner, personal};
use crate::ledger::commit::Settled;
use crate::ledger::entry::{Deed, Entry, Event, Remembered};
use crate::ledger::{News, Tail};

/// How long a caller waits at most to learn what others wrote; then memory answers as it is.
const REFRESH_PATIENCE: Duration = Duration::from_secs(1);
/// From when on memory counts as old, and says so.
const MAX_FRESH_AGE: Duration = Duration::from_secs(1);
/// How long a tail that failed is left alone.
const TAIL_REST: Duration = Duration::from_millis(100);

/// How far this memory follows what others write.
#[derive(Debug)]
pub struct Following {
    /// None where nobody else writes.
    others: Option<Others>,
}

#[derive(Debug)]
struct Others {
    /// How many rounds have been asked for.
    asked: AtomicU64,
    wake: Notify,
    /// How many had been asked for when the last round that is done began.
    done: watch::Sender<u64>,
    /// When the last round that is done began.
    heard: Mutex<Instant>,
    /// The version of the configuration that another has put in force last.
    adopted: watch::Sender<Option<String>>,
}

impl Following {
    /// Follows others, where there are any. Memory is fresh now.
    pub fn new(has_others: bool) -> Self {
        let others = || Others {
            asked: AtomicU64::new(0),
            wake: Notify::new(),
            done: watch::Sender::new(0),
            heard: Mutex::new(Instant::now()),
            adopted: watch::Sender::new(None),
        };
        Self { others: has_others.then(others) }
    }

    /// Whether nobody else writes.
    pub const fn is_alone(&self) -> bool {
        self.others.is_none()
    }

    /// Waits until everything is known here that others had written before the call. False where that cannot be learnt
    /// at the moment.
    pub async fn refresh(&self) -> bool {
        let Some(others) = &self.others else { return true };
        if self.age().is_some() {
            // Nothing has been heard for a while, and nobody waits for what does not come.
            return false;
        }
        let mut done = others.done.subscribe();
        let ticket = others.asked.fetch_add(1, Ordering::AcqRel) + 1;
        others.wake.notify_one();
        let round = done.wait_for(|done| *done >= ticket);
        matches!(tokio::time::timeout(REFRESH_PATIENCE, round).await, Ok(Ok(_)))
    }

    /// How old memory is; none where it is as good as new.
    pub fn age(&self) -> Option<Duration> {
        let age = self.others.as_ref()?.heard.lock().elapsed();
        (age > MAX_FRESH_AGE).then_some(age)
    }

    /// The version of the configuration that another has put in force, whenever one does.
    pub fn adopted(&self) -> Option<watch::Receiver<Option<String>>> {
        Some(self.others.as_ref()?.adopted.subscribe())
    }
}

impl Engine {
    /// Waits until everything is known here that others had written into the same ledger before the call. False where
    /// that cannot be learnt at the moment: then memory is as old as [`Engine::age`] says.
    pub async fn refresh(&self) -> bool {
        self.0.following.refresh().await
    }

    /// How old what is known here is; none where it is as good as new.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.0.following.age()
    }

    /// The version of the configuration that another instance has put in force, whenever one does; none where there are
    /// no others.
    #[must_use]
    pub fn adopted_by_others(&self) -> Option<watch::Receiver<Option<String>>> {
        self.0.following.adopted()
    }
}

/// Ends all writing if a bug ends the following: memory would be behind for ever, and the process has to start anew.
struct EndsWriting(Weak<Inner>);

impl Drop for EndsWriting {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(inner) = self.0.upgrade()
        {
            inner.queue.fail();
        }
    }
}

/// Follows others until the engine is gone.
pub(crate) async fn follow(engine: Weak<Inner>, mut tail: Box<dyn Tail>, settled: Settled) {
    let _ends = EndsWriting(Weak::clone(&engine));
    loop {
        let Some(inner) = engine.upgrade() else { return };
        let Some(others) = &inner.following.others else { return };
        let (begun, began) = (others.asked.load(Ordering::Acquire), Instant::now());
        match take_over_news(&inner, tail.as_mut(), &settled).await {
            Ok(()) => {
                *others.heard.lock() = began;
                others.done.send_replace(begun);
            }
            Err(Behind::Fault(fault)) => {
                tracing::warn!(%fault, source = std::error::Error::source(&fault).map(ToString::to_string),
                    "what others write cannot be read at the moment");
                tokio::time::sleep(TAIL_REST).await;
                continue;
            }
            Err(Behind::Ended) => return,
        }
        if others.asked.load(Ordering::Acquire) > begun {
            continue;
        }
        // Nothing of the engine is held while nothing happens, so that it can end.
        let woken = Waker(Arc::downgrade(&inner));
        drop(inner);
        tokio::select! {
            () = tail.wait() => {}
            () = woken.wait() => {}
        }
    }
}

/// Wakes when somebody asks for a round.
struct Waker(Weak<Inner>);

impl Waker {
    /// How long one look takes: so long may an engine outlive its last clone.
    const LOOK: Duration = Duration::from_millis(200);

    async fn wait(&self) {
        let Some(inner) = self.0.upgrade() else { return };
        let Some(others) = &inner.following.others else { return };
        let _ = tokio::time::timeout(Self::LOOK, others.wake.notified()).await;
    }
}

enum Behind {
    Fault(crate::ledger::LedgerFault),
    /// The ledger has failed for good.
    Ended,
}

async fn take_over_news(inner: &Arc<Inner>, tail: &mut dyn Tail, settled: &Settled) -> Result<(), Behind> {
    while let Some(news) = tail.next().await.map_err(Behind::Fault)? {
        match news {
            News::Own(number) if settled.wait_for(number).await => {}
            News::Own(_) => return Err(Behind::Ended),
            News::Entries(entries) => entries.iter().for_each(|entry| inner.take_over(entry)),
        }
    }
    Ok(())
}

impl Inner {
    /// Makes an entry that another has written part of this memory.
    fn take_over(&self, entry: &Entry) {
        self.clock.has_followed(entry.at);
        match &entry.event {
            Event::Appointments { deed, after, sealed, .. } => {
                if *deed == Deed::Make
                    && let Some(first) = after.first()
                {
                    self.book.put_party(first.party, after.iter().map(|appointment| appointment.id));
                }
                if let Deed::Change(action) = deed {
                    self.note_deed(*action, &Done { by: entry.by.clone(), at: entry.at }, after);
                }
                for (at, appointment) in after.iter().enumerate() {
                    self.take_over_appointment(appointment, sealed.get(at).map(|sealed| sealed.as_slice()));
                }
            }
            Event::Adopted { version } => {
                if let Some(membership) = &self.membership {
                    *membership.in_force.lock() = Some(version.clone());
                }
                if let Some(others) = &self.following.others {
                    others.adopted.send_replace(Some(version.clone()));
                }
            }
            // Nobody imports into a store that instances serve from.
            Event::Answered { .. } | Event::Unchanged { .. } | Event::Imported { .. } => {}
        }
        if let Some(remembered) = Remembered::of(entry) {
            // One from the future is kept as long as one of now, as after a start.
            let at = remembered.at.min(self.clock.now());
            let (fingerprint, answer) = answer_of(&self.book, remembered);
            self.idempotency.follow(fingerprint, at, answer);
        }
    }

    fn take_over_appointment(&self, appointment: &Appointment, sealed: Option<&[u8]>) {
        let mut after = *appointment;
        let _becoming = self.becoming.lock();
        let known = self.book.get(after.id);
        if known.is_some_and(|known| known.revision >= after.revision) {
            return;
        }
        let opened = sealed.and_then(|sealed| personal::mask(&self.vault, after.id, &[sealed]));
        after.mask = opened.or(known.map(|known| known.mask)).unwrap_or_default();
        let snapshot = self.snapshot.read();
        let takes_another = known.is_none_or(|known| known.slot != after.slot || !known.status.takes_place());
        if after.status.takes_place() && takes_another {
            self.sheets.restore(&snapshot, &after.slot);
        }
        if let Some(before) = &known {
            if !before.status.is_active() && after.status.is_active() {
                self.persons.take_again(&after);
            }
            self.book.put(&after);
            self.give_back(before, &after);
        } else {
            let handle = self.book.add(&after);
            self.book.name(after.code, handle);
            self.persons.restore(&after, handle);
        }
        self.holds.follow(known.as_ref(), &after);
    }
}
