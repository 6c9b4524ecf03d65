//! Reading one record while the ledger runs, beside the writing.
//!
//! Memory keeps no personal data, so what is sealed of an appointment is read when somebody needs it. What has been written
//! before the read begins is found: the engine knows an appointment only once its entry is durable, and a [`Reader`] gives
//! whatever is durable, however far the rows for a quick start are behind it.
//!
//! Invariant: at most [`MAX_READS`] are under way, also those that nobody waits for any more. A store that is slow or away
//! holds up those who read, for [`MAX_READ`], and nobody else.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::{Boxed, LedgerFault};
use crate::domain::appointment::AppointmentId;

/// How many reads may be under way; one more is refused.
pub const MAX_READS: usize = 64;
/// How long a read is waited for.
pub const MAX_READ: Duration = Duration::from_secs(2);

/// What is sealed of one appointment, oldest part first.
pub type SealedParts = Vec<Vec<u8>>;

/// Reads single records of a ledger.
pub trait Reader: std::fmt::Debug + Send + Sync + 'static {
    /// What is sealed of an appointment, with all that was durable before the call; nothing if there is no such one.
    fn sealed(&self, id: AppointmentId) -> Boxed<'_, Result<SealedParts, LedgerFault>>;
}

/// Why a record was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// [`MAX_READS`] are under way.
    #[error("{MAX_READS} records are being read already")]
    Busy,
    /// The store has not answered within [`MAX_READ`].
    #[error("the store has not answered within {} s", MAX_READ.as_secs())]
    Late,
    /// The store failed.
    #[error(transparent)]
    Failed(#[from] LedgerFault),
}

/// The bounded way to a reader.
#[derive(Debug)]
pub struct Reading {
    reader: Arc<dyn Reader>,
    places: Arc<Semaphore>,
}

impl Reading {
    /// The way to a reader.
    #[must_use]
    pub fn of(reader: Arc<dyn Reader>) -> Self {
        Self { reader, places: Arc::new(Semaphore::new(MAX_READS)) }
    }

    /// What is sealed of an appointment, oldest part first; nothing if there is no such one.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn sealed(&self, id: AppointmentId) -> Result<SealedParts, ReadFault> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| ReadFault::Busy)?;
        let reader = Arc::clone(&self.reader);
        // A task of its own: a read that is no longer waited for still comes to its end, and has its place until then.
        let read = tokio::spawn(async move {
            let read = reader.sealed(id).await;
            drop(place);
            read
        });
        match tokio::time::timeout(MAX_READ, read).await {
            Ok(Ok(read)) => Ok(read?),
            Ok(Err(ended)) => Err(LedgerFault::Store { step: "read a record", source: ended.into() }.into()),
            Err(_) => Err(ReadFault::Late),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;
    use uuid::Uuid;

    use super::*;

    /// Reads once it is told to.
    #[derive(Debug, Default)]
    struct Slow {
        told: Notify,
        /// How many reads have begun to wait.
        begun: AtomicUsize,
    }

    impl Reader for Slow {
        fn sealed(&self, id: AppointmentId) -> Boxed<'_, Result<SealedParts, LedgerFault>> {
            Box::pin(async move {
                let told = self.told.notified();
                self.begun.fetch_add(1, Ordering::Relaxed);
                told.await;
                match id.0.as_u128() {
                    0 => Err(LedgerFault::Store { step: "read", source: "it is away".into() }),
                    number => Ok(vec![number.to_be_bytes().to_vec()]),
                }
            })
        }
    }

    fn id(number: u128) -> AppointmentId {
        AppointmentId(Uuid::from_u128(number))
    }

    #[tokio::test(start_paused = true)]
    async fn one_read_more_than_may_be_under_way_is_refused_at_once() {
        let slow = Arc::new(Slow::default());
        let reading = Arc::new(Reading::of(Arc::clone(&slow) as Arc<dyn Reader>));
        let read = |number| {
            let reading = Arc::clone(&reading);
            tokio::spawn(async move { reading.sealed(id(number)).await })
        };
        let under_way: Vec<_> = (1..=MAX_READS as u128).map(read).collect();
        while slow.begun.load(Ordering::Relaxed) < MAX_READS {
            tokio::task::yield_now().await;
        }
        assert!(matches!(reading.sealed(id(1)).await, Err(ReadFault::Busy)));
        slow.told.notify_waiters();
        for (number, read) in (1_u128..).zip(under_way) {
            assert_eq!(read.await.unwrap().unwrap(), [number.to_be_bytes().to_vec()]);
        }
        assert_eq!(reading.places.available_permits(), MAX_READS);
        slow.told.notify_one();
        let failed = reading.sealed(id(0)).await.unwrap_err();
        assert!(matches!(failed, ReadFault::Failed(_)), "{failed}");
        assert_eq!(reading.places.available_permits(), MAX_READS, "a read that failed gives its place back");
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_takes_too_long_is_given_up_and_keeps_its_place_until_it_ends() {
        let slow = Arc::new(Slow::default());
        let reading = Reading::of(Arc::clone(&slow) as Arc<dyn Reader>);
        let began = tokio::time::Instant::now();
        for number in 1..=MAX_READS as u128 {
            assert!(matches!(reading.sealed(id(number)).await, Err(ReadFault::Late)));
        }
        assert_eq!(began.elapsed().as_secs(), MAX_READ.as_secs() * MAX_READS as u64);
        assert!(matches!(reading.sealed(id(1)).await, Err(ReadFault::Busy)), "what hangs still hangs");
        slow.told.notify_waiters();
        while reading.places.available_permits() < MAX_READS {
            tokio::task::yield_now().await;
        }
        slow.told.notify_one();
        assert_eq!(reading.sealed(id(7)).await.unwrap(), [7_u128.to_be_bytes().to_vec()]);
    }
}
