//! A small city for the benches: halls that open every day, thirty days ahead, with room for everybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use hallpass::clock::Clock;
use hallpass::domain::applicant::{Applicant, IdNumber};
use hallpass::domain::appointment::{AppointmentId, PersonKey};
use hallpass::domain::calendar::Calendar;
use hallpass::domain::geo::Location;
use hallpass::domain::hall::{Hall, Lane, MAX_CAPACITY, Period, WeeklyHours};
use hallpass::domain::localized::Localized;
use hallpass::domain::name::{DocumentId, HallId, LaneId, ServiceId};
use hallpass::domain::policy::Policy;
use hallpass::domain::service::Service;
use hallpass::domain::snapshot::Snapshot;
use hallpass::domain::wall::{WallTime, days_after};
use hallpass::engine::{Engine, Form, Parts, Wish};
use hallpass::ledger::reading::{Reader, SealedParts};
use hallpass::ledger::{BatchNumber, Boxed, CommitFault, Draft, Ledger, LedgerFault, Restored, Verdicts};
use hallpass::vault::Vault;

/// How many halls the city has.
pub const HALLS: usize = 15;
/// How many bands a day has, from 08:30 every half hour.
pub const BANDS: u16 = 14;
/// How many days can be booked.
pub const DAYS: u32 = 30;

/// The instant at which the benches take place.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_305_600, 0).expect("a valid instant")
}

/// A ledger that forgets everything at once, to measure what comes before it.
#[derive(Debug)]
pub struct Forgetful;

impl Reader for Forgetful {
    fn sealed(&self, _: AppointmentId) -> Boxed<'_, Result<SealedParts, LedgerFault>> {
        Box::pin(async { Ok(SealedParts::new()) })
    }
}

impl Ledger for Forgetful {
    fn commit(&mut self, _: BatchNumber, _: &[Draft<'_>]) -> Result<Verdicts, CommitFault> {
        Ok(Verdicts::AllWritten)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(Self)
    }

    fn load(&mut self, _: &(dyn Fn(Restored<'_>) + Sync)) -> Result<(), LedgerFault> {
        Ok(())
    }
}

/// An engine of the city that remembers nothing. Its runtime stays for as long as the bench runs.
pub fn engine() -> Engine {
    let runtime = tokio::runtime::Runtime::new().expect("the operating system gives threads");
    let _inside = runtime.enter();
    let parts = Parts {
        clock: Clock::manual(now()),
        vault: Arc::new(Vault::from_secret(&[7; 32])),
        snapshot: Arc::new(snapshot()),
        ledger: Forgetful,
    };
    let (engine, _) = Engine::start(parts).expect("a ledger that forgets cannot fail");
    std::mem::forget(runtime);
    engine
}

/// The wish for the `number`th slot of the city, counted through bands, days and halls.
pub fn wish(number: usize) -> Wish {
    let (band, rest) = (number % BANDS as usize, number / BANDS as usize);
    let (day, hall) = (rest % DAYS as usize, rest / DAYS as usize % HALLS);
    let today = now().date_naive();
    Wish {
        hall: hall_id(hall),
        service: "passport.renewal".into(),
        date: days_after(today, u32::try_from(day).expect("below 30") + 1),
        start: WallTime::hm(8, 30).plus(30 * u16::try_from(band).expect("below 14")).expect("before midnight"),
        hold: false,
        applicants: vec![applicant()],
        form: Form::default(),
    }
}

/// A made-up person.
pub fn applicant() -> Applicant {
    let today = now().date_naive();
    let id_number = IdNumber::parse("330102199001010004", today).expect("a valid made-up number");
    Applicant { name: "样本".into(), id_number, phone: "19900000004".into() }
}

/// The key of the `number`th person.
pub fn person(number: u64) -> PersonKey {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
    key[8..].copy_from_slice(&number.to_le_bytes());
    PersonKey(key)
}

fn hall_id(number: usize) -> String {
    format!("hall-{number}")
}

fn snapshot() -> Snapshot {
    let counter = LaneId::intern("counter").expect("a valid name");
    let service = Service {
        id: ServiceId::intern("passport.renewal").expect("a valid name"),
        document: DocumentId::intern("passport").expect("a valid name"),
        action: "renewal".into(),
        lane: counter,
        name: Localized::default(),
    };
    let halls = (0..HALLS).map(|number| hall(number, counter)).collect();
    Snapshot::new("bench".into(), Policy::default(), Calendar::default(), halls, vec![service])
}

fn hall(number: usize, counter: LaneId) -> Hall {
    let period = Period { start: WallTime::hm(8, 30), end: WallTime::hm(15, 30) };
    Hall {
        id: HallId::intern(&hall_id(number)).expect("a valid name"),
        name: Localized::default(),
        city: "杭州".into(),
        city_name: None,
        municipal: false,
        address_verified: true,
        district: None,
        address: None,
        phone: None,
        location: Location { lat: 30.2, lon: 120.2 },
        zone: chrono_tz::Asia::Shanghai,
        services: Vec::new(),
        hours: WeeklyHours::new(std::array::from_fn(|_| vec![period])),
        lanes: vec![Lane { id: counter, band_minutes: 30, capacity: MAX_CAPACITY, single_bands: BTreeMap::new() }],
        exceptions: BTreeMap::new(),
    }
}
