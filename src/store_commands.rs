//! The commands about what is remembered: `verify`, `export`, `import`.
//!
//! With a configuration they work on the store that it names, with its keys, as `serve` does; without one on the embedded
//! store of the data directory.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::SubsecRound as _;
use clap::Args;
use hallpass::clock::Clock;
use hallpass::config::{self, Store, StoreKind};
use hallpass::console;
use hallpass::domain::appointment::AppointmentId;
use hallpass::engine::{in_clear, opens};
use hallpass::ledger::audit::{Report, verify_with};
use hallpass::ledger::embedded::data_dir::DataDir;
use hallpass::ledger::embedded::{Access, Embedded, Opening};
use hallpass::ledger::postgres::transfer::{Exporting, Importing as PostgresImporting};
use hallpass::ledger::postgres::{Addresses, verify as postgres_verify};
use hallpass::ledger::transfer::export::{Reveal, Wishes, count, export as export_from};
use hallpass::ledger::transfer::import::{CHUNK_ITEMS, import as import_into, judge};
use hallpass::ledger::transfer::output::{Beside, Output, Passing, output_at};
use hallpass::ledger::transfer::progress::{Progress, Standing};
use hallpass::ledger::transfer::reader::Reader;
use hallpass::ledger::transfer::totals::Totals;
use hallpass::ledger::transfer::{Importing, Sink, Source, TransferFault};
use hallpass::server::{ServerFault, addresses_of};
use hallpass::vault::Vault;
use tokio::runtime::Runtime;

use crate::{DataArgs, fail, keep_files_to_owner, log_to_stderr};

type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Debug, Args)]
struct StoreArgs {
    /// The configuration whose store and keys are meant, as `serve` takes them; the embedded store of --data when left out
    #[arg(long, value_name = "DIR", env = "HALLPASS_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
}

/// What `hallpass verify` is told.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// The file of the keys; the one that the configuration names when left out, else that of the data directory
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

/// What `hallpass export` is told.
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Where to write; standard output when left out, or for `-`. A file has its name when it is whole; a link is followed,
    /// and a pipe or a device written to as it is
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Go on with the file that an interrupted export has left
    #[arg(long, requires = "output")]
    resume: bool,
    /// Only appointments with a greater id, which were made later, and no answers
    #[arg(long, value_name = "ID", value_parser = appointment_id)]
    after: Option<AppointmentId>,
    /// Add each applicant's name, number, telephone and form in clear
    #[arg(long)]
    reveal: bool,
}

/// What `hallpass import` is told.
#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// What `hallpass export` wrote
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
}

fn appointment_id(text: &str) -> Result<AppointmentId, String> {
    text.parse().map(AppointmentId).map_err(|error: uuid::Error| format!("{error}; give the id of an appointment"))
}

/// A store and its keys, as they are configured.
struct Place {
    /// None: the embedded store of the data directory.
    database: Option<Addresses>,
    data: PathBuf,
    keys: PathBuf,
}

impl StoreArgs {
    fn place(&self) -> Outcome<Place> {
        let data = self.data.data.clone();
        let configured = match &self.config {
            Some(dir) => config::load(dir).map_err(ServerFault::Configuration)?.store,
            None => Store::default(),
        };
        let database = match configured.kind {
            StoreKind::Embedded => None,
            StoreKind::Postgres(store) => Some(addresses_of(*store)),
        };
        let keys = configured.keys.unwrap_or_else(|| DataDir::keys_in(&data));
        Ok(Place { database, data, keys })
    }
}

/// Audits the store, and says whether everything fits.
pub fn verify(args: &VerifyArgs) -> ExitCode {
    log_to_stderr("warn");
    let audited = || -> Outcome<Report> {
        let place = args.store.place()?;
        let keys = args.keys.as_ref().unwrap_or(&place.keys);
        if let Some(addresses) = &place.database {
            let (vault, runtime) = (Vault::open_existing(keys)?, Runtime::new()?);
            let mut store = Exporting::open(runtime.handle(), addresses, &vault.fingerprint())?;
            return Ok(postgres_verify::verify(&mut store, &|id, sealed| opens(&vault, id, sealed))?);
        }
        let dir = DataDir::open_existing(&place.data)?;
        let vault = Vault::open_existing(keys)?;
        Ok(verify_with(&Embedded::open_in(&dir, Opening::to(Access::Look))?, &|id, sealed| opens(&vault, id, sealed))?)
    };
    match audited() {
        Ok(report) => {
            console::say(format_args!("{report}\n"));
            if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => fail(fault.as_ref()),
    }
}

/// Writes everything in the store.
pub fn export(args: &ExportArgs) -> ExitCode {
    log_to_stderr("warn");
    let exported = || -> Outcome<Totals> {
        let place = args.store.place()?;
        if let Some(addresses) = &place.database {
            let (vault, runtime) = (Vault::open_existing(&place.keys)?, Runtime::new()?);
            let mut source = Exporting::open(runtime.handle(), addresses, &vault.fingerprint())?;
            return Ok(write_lines(&mut source, &vault, args)?);
        }
        let dir = DataDir::open_existing(&place.data)?;
        let vault = Vault::open_existing(&place.keys)?;
        Ok(write_lines(&mut Embedded::open_in(&dir, Opening::to(Access::Look))?, &vault, args)?)
    };
    match exported() {
        Ok(totals) => {
            console::complain(&format_args!("exported: {totals}"));
            ExitCode::SUCCESS
        }
        Err(fault) => fail(fault.as_ref()),
    }
}

fn write_lines(source: &mut dyn Source, vault: &Vault, args: &ExportArgs) -> Result<Totals, TransferFault> {
    let in_clear = |id, sealed: &[&[u8]]| in_clear(vault, id, sealed);
    let reveal = args.reveal.then_some(&in_clear as &Reveal);
    let made_at = Clock::system().now().trunc_subsecs(0);
    let mut wishes = Wishes { made_at, keys: vault.fingerprint(), after: args.after, reveal };
    let mut progress = Progress::on_stderr();
    let mut told = |done: &Totals| progress.show(Standing::Exporting(done.appointments + done.answers));
    let output = match &args.output {
        Some(path) if path != Path::new("-") => output_at(path)?,
        _ => Output::Standard,
    };
    let path = match output {
        Output::File(path) => path,
        Output::Standard | Output::Open(_) if args.resume => return Err(TransferFault::NothingToResume),
        Output::Standard => {
            let lines = Passing::new(BufWriter::new(console::standard_output()), "standard output");
            return export_from(source, &wishes, lines, &mut told);
        }
        Output::Open(file) => {
            let lines = Passing::new(BufWriter::new(file), "what --output names");
            return export_from(source, &wishes, lines, &mut told);
        }
    };
    let (lines, begun) = if args.resume { Beside::go_on(&path)? } else { (Beside::begin(&path)?, None) };
    // The header says when the first of all attempts began.
    wishes.made_at = begun.map_or(made_at, |header| header.made_at);
    export_from(source, &wishes, lines, &mut told)
}

/// Takes over what a file has, and says whether the store has the same.
pub fn import(args: &ImportArgs) -> ExitCode {
    log_to_stderr("warn");
    keep_files_to_owner();
    let imported = || -> Outcome<(Totals, Totals)> {
        let place = args.store.place()?;
        let keys = judged_keys(&place.keys, &args.input)?;
        if let Some(addresses) = &place.database {
            let runtime = Runtime::new()?;
            let mut sink = PostgresImporting::open(runtime.handle(), addresses, keys)?;
            return Ok(take_over(&mut sink, &args.input)?);
        }
        let dir = DataDir::open(&place.data)?;
        Ok(take_over(&mut Importing::open(&dir)?, &args.input)?)
    };
    match imported() {
        Ok((file, store)) => {
            console::say(format_args!("the file has {file}\nthe store has {store}\n"));
            if file == store { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => fail(fault.as_ref()),
    }
}

/// The fingerprint of the keys, which must be those of the file.
fn judged_keys(keys: &Path, input: &Path) -> Outcome<[u8; 16]> {
    let sealed_with = open(input)?.header().keys;
    if !keys.exists() {
        return Err(TransferFault::NoKeys { path: keys.to_owned() }.into());
    }
    let fingerprint = Vault::open_existing(keys)?.fingerprint();
    if fingerprint != sealed_with {
        return Err(TransferFault::OtherKeys { path: keys.to_owned() }.into());
    }
    Ok(fingerprint)
}

fn open(input: &Path) -> Result<Reader<BufReader<File>>, TransferFault> {
    let fault = |source| TransferFault::Input { path: input.to_owned(), source };
    Reader::open(BufReader::new(File::open(input).map_err(fault)?), input)
}

/// Takes over what a file has, and counts both.
fn take_over(sink: &mut dyn Sink, input: &Path) -> Result<(Totals, Totals), TransferFault> {
    let fault = |source| TransferFault::Input { path: input.to_owned(), source };
    let of = std::fs::metadata(input).map_err(fault)?.len();
    let after = open(input)?.header().after;
    let mut progress = Progress::on_stderr();
    let file = judge(open(input)?, sink, &mut |bytes| progress.show(Standing::Judging(bytes, of)))?;
    import_into(open(input)?, sink, CHUNK_ITEMS, &mut |bytes| progress.show(Standing::Importing(bytes, of)))?;
    let mut told = |done: &Totals| progress.show(Standing::Counting(done.appointments + done.answers));
    let store = count(sink, after, &mut told)?;
    Ok((file, store))
}
