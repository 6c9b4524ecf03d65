//! The command line: one command each.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, Datelike as _, Utc};
use clap::{Args, Parser, Subcommand};
use hallpass::clock::Clock;
use hallpass::config;
use hallpass::engine::opens;
use hallpass::ledger::data_dir::DataDir;
use hallpass::ledger::embedded::Embedded;
use hallpass::ledger::verify;
use hallpass::server::{Server, Settings};
use hallpass::vault::Vault;
use tokio::signal::unix::{SignalKind, signal};

/// An entry is made by one thread and freed by another; this allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The appointment engine for entry-exit halls. Without a command it serves.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
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
    /// Check the configuration: print a summary, or every error
    Check(ConfigArgs),
    /// Replay the whole ledger and compare it with what is stored
    Verify(DataArgs),
}

#[derive(Debug, Args)]
struct ConfigArgs {
    /// The directory with hallpass.toml, services.toml, calendar/ and halls/
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

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => serve(args),
        Command::Check(args) => check(&args),
        Command::Verify(args) => verify_data(&args),
    }
}

fn check(args: &ConfigArgs) -> ExitCode {
    match config::load(&args.config) {
        Ok(configuration) => {
            print!("{}", config::summary(&configuration, Clock::system().now().date_naive()));
            ExitCode::SUCCESS
        }
        Err(errors) => {
            println!("{errors}");
            ExitCode::FAILURE
        }
    }
}

fn verify_data(args: &DataArgs) -> ExitCode {
    let audit = || -> Result<verify::Report, Box<dyn std::error::Error>> {
        let dir = DataDir::open_existing(&args.data)?;
        let vault = Vault::open_existing(&dir.keys())?;
        Ok(verify::verify_with(&Embedded::open(&dir.store())?, &|id, sealed| opens(&vault, id, sealed))?)
    };
    match audit() {
        Ok(report) => {
            println!("{report}");
            if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => fail(fault.as_ref()),
    }
}

fn serve(args: ServeArgs) -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HALLPASS_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let clock = args.now.map_or_else(Clock::system, |now| {
        tracing::warn!(%now, "the clock is simulated: what is booked now is booked for a made-up present");
        Clock::simulated(now)
    });
    let settings = Settings { config: args.config.config, data: args.data.data, listen: args.listen, clock };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let outcome = runtime.block_on(run(settings));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref()),
    }
}

async fn run(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    let server = tokio::select! {
        started = Server::start(settings) => started?,
        _ = terminate.recv() => return Ok(()),
        _ = interrupt.recv() => return Ok(()),
    };
    println!("listening on http://{}", server.address());
    loop {
        tokio::select! {
            _ = hang_up.recv() => server.reload().await,
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    server.stop().await?;
    Ok(())
}

/// Says what failed, with everything that it came from, in one line.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(deeper) = source {
        line = format!("{line}: {deeper}");
        source = deeper.source();
    }
    eprintln!("hallpass: {line}");
    ExitCode::FAILURE
}
