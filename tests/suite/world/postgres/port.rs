//! Ports for servers that stop and start again.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process;

/// Below those that the system gives to outgoing connections, so that none of them takes the port of a server that is
/// down for a moment.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;
/// How often something else may take a port between the look and the start.
const ATTEMPTS: usize = 5;

/// A port of loopback that no other test has, in this process or another, until this value is dropped.
pub struct Port {
    pub number: u16,
    /// Locked as long as it is open.
    _lock: File,
}

impl Port {
    /// Starts what listens on a free port, on another one where something else took it meanwhile.
    pub fn listening<T>(mut start: impl FnMut(u16) -> Result<T, String>) -> (Self, T) {
        for _ in 0..ATTEMPTS {
            let port = Self::free();
            match start(port.number) {
                Ok(started) => return (port, started),
                Err(said) => assert!(!is_free(port.number), "{said}"),
            }
        }
        panic!("{ATTEMPTS} ports were taken one after the other");
    }

    fn free() -> Self {
        let locks = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ports");
        fs::create_dir_all(&locks).unwrap();
        // Tests that start together begin at different places.
        let begin = process::id();
        let mut numbers = (0..COUNT).map(|step| u16::try_from(FIRST + (begin + step) % COUNT).unwrap());
        numbers.find_map(|number| Self::take(&locks, number)).expect("a port is free")
    }

    fn take(locks: &Path, number: u16) -> Option<Self> {
        let lock = File::create(locks.join(number.to_string())).ok()?;
        lock.try_lock().ok()?;
        is_free(number).then_some(Self { number, _lock: lock })
    }
}

/// Whether nobody listens on a port.
pub fn is_free(number: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok()
}
