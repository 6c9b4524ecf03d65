//! Fills a data directory with active appointments, through the engine and its real ledger, and stops cleanly.
//!
//! Arguments: the directory of the configuration, the data directory, how many appointments, and the first date. Each is
//! for another person, who books for itself; they are spread over 15 halls, 28 dates and 14 bands, like the bookings of
//! `requests.lua`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::NaiveDate;
use hallpass::clock::Clock;
use hallpass::config;
use hallpass::domain::applicant::{Applicant, IdNumber};
use hallpass::domain::wall::{WallTime, days_after};
use hallpass::engine::{Call, Caller, Collection, Contact, Engine, Form, Parts, Wish};
use hallpass::ledger::embedded::data_dir::DataDir;
use hallpass::ledger::embedded::{Access, Embedded, Opening};
use hallpass::simulate::rush::identity::Identity;
use hallpass::vault::Vault;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// How many bookings are under way at once: enough to fill the batches of the ledger, and fewer than it lets wait.
const UNDER_WAY: u32 = 4096;
const HALLS: u32 = 15;
const DATES: u32 = 28;
const BANDS: u32 = 14;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [config, data, count, first] = arguments.as_slice() else {
        return Err("give the configuration, the data directory, how many appointments, and the first date".into());
    };
    let (count, first): (u32, NaiveDate) = (count.parse()?, first.parse()?);
    let data = DataDir::open(Path::new(data))?;
    let (vault, clock) = (Arc::new(Vault::open(&data.keys())?), Clock::system());
    let snapshot = config::load(Path::new(config)).map_err(|errors| errors.to_string())?.snapshot;
    let ledger = Embedded::open_in(&data, Opening::to(Access::Write))?;
    let parts = Parts { clock: clock.clone(), vault: Arc::clone(&vault), snapshot, ledger };
    let (engine, thread) = Engine::start(parts)?;
    let next = Arc::new(AtomicU32::new(0));
    let workers: Vec<_> = (0..UNDER_WAY)
        .map(|_| {
            let (engine, vault, clock, next) = (engine.clone(), Arc::clone(&vault), clock.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return Ok::<(), Fault>(());
                    }
                    let wish = wish(number, first)?;
                    let person = vault.person_key(&wish.applicants[0].id_number);
                    let call = Call { caller: Caller::Person(person), now: clock.now(), repeat: None };
                    let booked = engine.book(call, wish).await;
                    booked.map_err(|refusal| format!("booking {number} was refused: {refusal:?}"))?;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    // The thread of the ledger ends when the last engine is gone.
    drop(engine);
    thread.join().map_err(|_| "the ledger ended by a bug")?;
    Ok(())
}

fn wish(number: u32, first: NaiveDate) -> Result<Wish, Fault> {
    let (hall, rest) = (number % HALLS, number / HALLS);
    let (ahead, band) = (rest % DATES, rest / DATES % BANDS);
    // A person that came twice, or one that does not exist, would be refused: the fill would fail, not lie.
    let Identity { name, id_number, phone } = Identity::nth(number);
    let id_number = IdNumber::parse(&id_number, first)?;
    Ok(Wish {
        hall: format!("bench-{hall}"),
        service: "passport.renewal".into(),
        date: days_after(first, ahead),
        start: WallTime::hm(8, 30).plus(30 * u16::try_from(band)?).ok_or("a band after midnight")?,
        hold: false,
        applicants: vec![Applicant { name, id_number, phone }],
        form: Form {
            residence: Some("330106".into()),
            emergency_contact: Some(Contact { name: "样本".into(), phone: "19900000003".into() }),
            collection: Some(Collection::Counter),
        },
    })
}
