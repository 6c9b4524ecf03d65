//! The command line: one command each.

mod store_commands;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::RefCell;
use std::env;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};
use hallpass::clock::Clock;
use hallpass::config::scenario::MAX_VISITORS;
use hallpass::config::{self, Configuration};
use hallpass::console;
use hallpass::serve::handles;
use hallpass::server::{Ending, Server, ServerFault, Settings, Starting};
use hallpass::simulate::outcome::{End, Outcome};
use hallpass::simulate::outputs::Outputs;
use hallpass::simulate::progress::Progress;
use hallpass::simulate::run::{self, PartName, Told};
use hallpass::simulate::summary;
use hallpass::simulate::wishes::Wishes;
use hallpass::space::{self, MIN_FREE_MIB};
use store_commands::{ExportArgs, ImportArgs, VerifyArgs};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

/// An entry is made by one thread and freed by another; this allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long an end waits at most for what still runs.
const SHUTDOWN: Duration = Duration::from_secs(2);
/// What a run that was interrupted ends with, as shells have it: 128 and the number of the signal.
const INTERRUPTED: u8 = 130;
/// What a server ends with that a supervisor is to start again: `EX_TEMPFAIL` of sysexits.h.
const TEMPORARY_FAILURE: u8 = 75;
/// What the files of a server may not let others do: read, write, or anything else.
const UMASK: u32 = 0o077;

/// What `--version` says: the release, and that of the time zones inside.
static LONG_VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{}\ntime zones {}", env!("CARGO_PKG_VERSION"), chrono_tz::IANA_TZDB_VERSION));

/// The appointment engine for entry-exit halls. Without a command it serves.
#[derive(Debug, Parser)]
#[command(version, long_version = LONG_VERSION.as_str(), args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(ServeArgs),
    /// Check the configuration with its scenarios: print a summary, or every error
    Check(ConfigArgs),
    /// Count everything that is remembered again, and compare it with what is stored
    Verify(VerifyArgs),
    /// Write everything that is remembered, as lines of JSON
    Export(ExportArgs),
    /// Take over what `hallpass export` wrote
    Import(ImportArgs),
    /// Play a city's peak day against a server, and say what the city should change
    Simulate(SimulateArgs),
}

#[derive(Debug, Args)]
struct SimulateArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The scenario; scenarios/peak-day.toml of the configuration when left out
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// How many visitors come; what the scenario says when left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_VISITORS)))]
    visitors: Option<u32>,
    /// The seed of all chance
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The day that opens on a server of its own; that of the scenario when left out
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, conflicts_with = "url")]
    day: Option<NaiveDate>,
    /// The server to play against; one of its own on a free port when left out
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A file with the token of an administrator of that server, whose whole state is then audited too
    #[arg(long, value_name = "FILE", env = "HALLPASS_ADMIN_TOKEN_FILE")]
    admin_token_file: Option<PathBuf>,
    /// Halls that take the place of those of the configuration, played beside it; not with --url, whose server has its own
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    what_if: Option<PathBuf>,
    /// Where to write the report, a page of its own
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Where to write every number
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ConfigArgs {
    /// The directory with hallpass.toml, services.toml, calendar/, halls/ and scenarios/
    #[arg(long, value_name = "DIR", env = "HALLPASS_CONFIG", default_value = "./config")]
    config: PathBuf,
}

#[derive(Debug, Args)]
struct DataArgs {
    /// The directory in which everything is remembered
    #[arg(long, value_name = "DIR", env = "HALLPASS_DATA", default_value = "./data")]
    data: PathBuf,
}

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Where to listen
    #[arg(long, value_name = "ADDR", env = "HALLPASS_LISTEN", default_value = "127.0.0.1:8080", value_parser = address)]
    listen: SocketAddr,
    /// Start a simulated clock at this instant, which then runs on in real time
    #[arg(long, value_name = "RFC3339", env = "HALLPASS_NOW", value_parser = instant)]
    now: Option<DateTime<Utc>>,
    #[command(flatten)]
    starting: StartingArgs,
}

#[derive(Debug, Args)]
struct StartingArgs {
    /// Only read: everything is shown, and nothing can be changed. A full or read-only disk leads to the same by itself
    #[arg(long, env = "HALLPASS_READ_ONLY", value_parser = BoolishValueParser::new())]
    read_only: bool,
    /// Below how much free space on the disk of --data nothing is changed until there is twice as much; 0 for never
    #[arg(long, value_name = "MIB", env = "HALLPASS_MIN_FREE_MIB", default_value_t = MIN_FREE_MIB)]
    min_free_mib: u64,
    /// Go on although a part of what was remembered is gone, and leave a record of that
    #[arg(long, conflicts_with = "read_only")]
    accept_loss: bool,
    /// Go on although the last entry is from a time that is far ahead of the clock
    #[arg(long)]
    accept_clock: bool,
}

impl From<StartingArgs> for Starting {
    fn from(args: StartingArgs) -> Self {
        let StartingArgs { read_only, min_free_mib, accept_loss, accept_clock } = args;
        Self { accept_loss, accept_clock, read_only, min_free_mib, ..Self::default() }
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let mut found =
        text.to_socket_addrs().map_err(|error| format!("{error}; give HOST:PORT, such as 127.0.0.1:8080"))?;
    found.next().ok_or_else(|| "the host has no address".to_owned())
}

/// An instant of a year for which dates have four digits, also a window later.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let instant: DateTime<Utc> =
        text.parse().map_err(|error| format!("{error}; give an instant such as 2026-11-24T23:59:00+08:00"))?;
    if (1970..=9990).contains(&instant.year()) { Ok(instant) } else { Err("give a year from 1970 to 9990".to_owned()) }
}

/// A day of a year for which dates have four digits, also a window before or after.
fn day(text: &str) -> Result<NaiveDate, String> {
    let day: NaiveDate = text.parse().map_err(|error| format!("{error}; give a day such as 2026-12-19"))?;
    if (1971..=9989).contains(&day.year()) { Ok(day) } else { Err("give a year from 1971 to 9989".to_owned()) }
}

fn main() -> ExitCode {
    // What reports a bug must not wait for a pipe that nobody empties either.
    std::panic::set_hook(Box::new(|bug| {
        let (thread, trace) = (std::thread::current(), Backtrace::capture());
        let name = thread.name().unwrap_or("without a name");
        console::complain(&format_args!("hallpass: a bug in the thread {name}: {bug}"));
        if trace.status() == BacktraceStatus::Captured {
            console::complain(&trace);
        }
        console::settle();
    }));
    let code = run(Cli::parse());
    console::settle();
    code
}

fn run(cli: Cli) -> ExitCode {
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => serve(args),
        Command::Check(args) => check(&args),
        Command::Verify(args) => store_commands::verify(&args),
        Command::Export(args) => store_commands::export(&args),
        Command::Import(args) => store_commands::import(&args),
        Command::Simulate(args) => simulate(args),
    }
}

fn check(args: &ConfigArgs) -> ExitCode {
    match config::check(&args.config) {
        Ok((configuration, scenarios)) => {
            console::say(config::summary(&configuration, Clock::system().now().date_naive()));
            console::say(config::scenario_list(&scenarios));
            console::say(hints(&configuration));
            ExitCode::SUCCESS
        }
        Err(errors) => {
            console::say(format_args!("{errors}\n"));
            ExitCode::FAILURE
        }
    }
}

/// What works as it stands and may not be what was meant, a line each, below the release of the time zones inside.
fn hints(configuration: &Configuration) -> String {
    let now = Clock::system().now();
    let found =
        config::hints(configuration, now).into_iter().chain(config::calendar_hints(&configuration.snapshot, now));
    let lines = found.map(|hint| format!("hint: {hint}\n"));
    format!("\ntime zones: {}\n{}", chrono_tz::IANA_TZDB_VERSION, lines.collect::<String>())
}

/// Logs what `HALLPASS_LOG` wants to hear; where it says nothing, what is at least this grave.
fn log_to_stderr(usual: &str) {
    let wanted = env::var("HALLPASS_LOG").ok().filter(|wanted| !wanted.trim().is_empty());
    let read = wanted.as_deref().map(EnvFilter::try_new).transpose();
    let (filter, unread) = match read {
        Ok(filter) => (filter, None),
        Err(error) => (None, Some(error)),
    };
    let filter = filter.unwrap_or_else(|| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| console::Log);
    // What the log cannot write it would write to standard error by a macro that panics.
    log.log_internal_errors(false).init();
    if let Some(error) = unread {
        tracing::warn!(%error, "HALLPASS_LOG cannot be read, so the log is at `{usual}`; write a level such as `debug`");
    }
}

/// What this process makes from now on is for its owner alone.
fn keep_files_to_owner() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(UMASK));
}

/// What a server runs on.
fn runtime() -> Result<Runtime, Box<dyn std::error::Error>> {
    handles::judge_limit()?;
    Ok(Runtime::new()?)
}

fn serve(args: ServeArgs) -> ExitCode {
    log_to_stderr("info");
    keep_files_to_owner();
    let clock = args.now.map_or_else(Clock::system, |now| {
        tracing::warn!(%now, "the clock is simulated: what is booked now is booked for a made-up present");
        Clock::simulated(now)
    });
    let starting = args.starting.into();
    let settings = Settings { config: args.config.config, data: args.data.data, listen: args.listen, clock, starting };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return fail(error.as_ref()),
    };
    let outcome = runtime.block_on(serve_until_told(settings));
    // Whatever still waits for somebody who is away is not waited for.
    runtime.shutdown_timeout(SHUTDOWN);
    match outcome {
        Ok(Served::Stopped) => ExitCode::SUCCESS,
        Ok(Served::LedgerFailed) => {
            fail(&LedgerFailed);
            ExitCode::from(TEMPORARY_FAILURE)
        }
        Err(error) => fail(error.as_ref()),
    }
}

/// How a server that served has ended.
#[derive(Debug, PartialEq, Eq)]
enum Served {
    Stopped,
    LedgerFailed,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "the ledger has failed, and the log says why; everything acknowledged is durable. Start again: the start judges what is stored"
)]
struct LedgerFailed;

fn simulate(args: SimulateArgs) -> ExitCode {
    let SimulateArgs { config, scenario, visitors, seed, day, url, admin_token_file, what_if, report, json } = args;
    log_to_stderr("error");
    if admin_token_file.is_some() && url.is_none() {
        let unread =
            "hallpass: the admin token file is not read, since the run plays against a server of its own; add --url";
        console::complain(&unread);
    }
    let outputs = Outputs { report, json };
    // Nobody wants to hear after the run that its report cannot be written.
    if let Err(fault) = outputs.judge() {
        return fail(&fault);
    }
    let wishes = Wishes { config: config.config, scenario, visitors, seed, day, url, admin_token_file, what_if };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return fail(error.as_ref()),
    };
    let line = RefCell::new(None);
    let played = runtime.block_on(async {
        let (interruption, interrupted) = watch::channel(false);
        tokio::spawn(interrupt_when_told(interruption));
        let interrupted = || {
            let mut interrupted = interrupted.clone();
            async move { drop(interrupted.wait_for(|told| *told).await) }
        };
        run::run(&wishes, |told| show(&mut line.borrow_mut(), told), interrupted).await
    });
    drop(line);
    match played {
        Ok(outcome) => told(&outcome, &outputs),
        Err(fault) => fail(&fault),
    }
}

/// Listens from the beginning to the end, so that an interruption between two parts of a run ends it too.
async fn interrupt_when_told(interruption: watch::Sender<bool>) {
    let told = async || {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::select! {
            _ = interrupt.recv() => {},
            _ = terminate.recv() => {},
        }
        std::io::Result::Ok(())
    };
    match told().await {
        Ok(()) => drop(interruption.send(true)),
        Err(error) => tracing::error!(%error, "nobody can interrupt this run but by ending it"),
    }
    // Whoever waits for an interruption that does not come must not be told that nobody can interrupt any more.
    interruption.closed().await;
}

/// Shows how far a run is, on a line of its own for each part.
fn show(line: &mut Option<(PartName, Progress)>, told: &Told) {
    let begun = line.take().filter(|(part, _)| *part == told.part);
    let (part, mut progress) = begun.unwrap_or_else(|| (told.part, Progress::on_stderr(told.visitors)));
    progress.show(&told.standing);
    *line = Some((part, progress));
}

/// Shows what came of a run, and says whether it was as it must be.
fn told(outcome: &Outcome, outputs: &Outputs) -> ExitCode {
    // The files first: where nobody reads standard output any more, they are all that is left of the run.
    let written = outputs.write(outcome);
    console::say(summary::text(outcome));
    if let Err(fault) = written {
        return fail(&fault);
    }
    match (&outcome.end, outcome.is_clean()) {
        (End::Finished, true) => ExitCode::SUCCESS,
        (End::Interrupted, true) => ExitCode::from(INTERRUPTED),
        _ => ExitCode::FAILURE,
    }
}

async fn serve_until_told(mut settings: Settings) -> Result<Served, Box<dyn std::error::Error>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut is_first = true;
    loop {
        let server = tokio::select! {
            started = Server::start(settings.clone()) => started?,
            _ = terminate.recv() => return Ok(Served::Stopped),
            _ = interrupt.recv() => return Ok(Served::Stopped),
        };
        if is_first {
            console::announce(&format_args!("listening on http://{}", server.address()));
            // A port that was free is kept.
            settings.listen = server.address();
            is_first = false;
        }
        let ending = loop {
            tokio::select! {
                _ = hang_up.recv() => server.reload().await,
                _ = terminate.recv() => break None,
                _ = interrupt.recv() => break None,
                ending = server.ending() => break Some(ending),
            }
        };
        if let Some(served) = after(ending, server.stop().await)? {
            return Ok(served);
        }
        tracing::info!("the disk can be written to again: the server starts anew");
        settings.starting.reopens_after = space::next_pause(settings.starting.reopens_after);
    }
}

/// How the process ends after its server; `None` if another server is to be started. A ledger that failed comes before
/// whatever went wrong in stopping, since whoever starts the process again goes by that.
fn after(ending: Option<Ending>, stopped: Result<(), ServerFault>) -> Result<Option<Served>, ServerFault> {
    match (ending, stopped) {
        (Some(Ending::LedgerFailed), stopped) => {
            if let Err(fault) = stopped {
                let source = std::error::Error::source(&fault).map(ToString::to_string);
                tracing::error!(%fault, source, "the server, whose ledger has failed, did not stop as it should");
            }
            Ok(Some(Served::LedgerFailed))
        }
        (None, Ok(())) => Ok(Some(Served::Stopped)),
        (Some(Ending::CanWriteAgain), Ok(())) => Ok(None),
        (None | Some(Ending::CanWriteAgain), Err(fault)) => Err(fault),
    }
}

/// Says what failed, with everything that it came from, in one line.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(deeper) = source {
        line = format!("{line}: {deeper}");
        source = deeper.source();
    }
    console::complain(&format_args!("hallpass: {line}"));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_that_failed_is_told_however_the_server_stopped() {
        let faults: [fn() -> ServerFault; 2] = [|| ServerFault::LedgerStop, || ServerFault::Bug];
        for fault in faults {
            let served = after(Some(Ending::LedgerFailed), Err(fault())).unwrap();
            assert_eq!(served, Some(Served::LedgerFailed));
            for ending in [None, Some(Ending::CanWriteAgain)] {
                assert_eq!(after(ending, Err(fault())).unwrap_err().to_string(), fault().to_string(), "{ending:?}");
            }
        }
        assert_eq!(after(Some(Ending::LedgerFailed), Ok(())).unwrap(), Some(Served::LedgerFailed));
        assert_eq!(after(None, Ok(())).unwrap(), Some(Served::Stopped));
        assert_eq!(after(Some(Ending::CanWriteAgain), Ok(())).unwrap(), None, "another server is started");
    }
}
