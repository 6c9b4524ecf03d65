//! A server that a test has started, and that never outlives the test.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use super::programs::run;
use super::{LOOK_AGAIN, PATIENCE, until};

/// Reads until its test is gone. A test that is killed drops nothing, so then this stops the server and removes the
/// folder.
const GUARD: &str = r#"
    read -r _
    kill -s QUIT "$1"
    for _ in $(seq 100); do kill -s 0 "$1" || break; sleep 0.1; done
    kill -s KILL "$1"
    rm -rf -- "$2"
"#;
/// How much of its log a server leaves behind when its test panics.
const LAST_LINES: usize = 40;

/// A server that runs, or has ended.
pub struct Server {
    child: Child,
    guard: Child,
    log: PathBuf,
}

impl Server {
    /// Starts a server that stays in the foreground. What it says goes to a log in its folder.
    pub fn start(mut command: Command, folder: &Path) -> Self {
        let log = folder.join("log");
        let said = File::options().create(true).append(true).open(&log).unwrap();
        command.current_dir(folder).process_group(0).stdin(Stdio::null());
        let child = command.stdout(said.try_clone().unwrap()).stderr(said).spawn().unwrap();
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard", &child.id().to_string()]).arg(folder).process_group(0);
        let guard = guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, guard, log }
    }

    /// The process that was started.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said so far, also in earlier runs in the same folder.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until a server answers; its log where it ends instead.
    pub fn await_ready(&mut self, is_ready: impl Fn() -> bool) -> Result<(), String> {
        let mut has_ended = false;
        until("a server is ready", || {
            has_ended = self.has_ended();
            has_ended || is_ready()
        });
        if has_ended { Err(self.log()) } else { Ok(()) }
    }

    /// Sends a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        signal(name, &[self.id()]);
    }

    /// Waits until the server has ended.
    pub fn await_end(&mut self) {
        until("a server ends", || self.has_ended());
    }

    /// Kills the server and its children at one moment, and waits until none of them is left.
    pub fn kill(mut self) {
        let server = self.id();
        // One that is stopped starts no more children, and does nothing about those that die.
        signal("STOP", &[server]);
        until("a server is stopped", || process(server).is_none_or(|process| "TZ".contains(process.state)));
        let children = children_of(server);
        signal("KILL", &[vec![server], children.clone()].concat());
        self.await_end();
        until("children die", || children.iter().all(|child| process(*child).is_none_or(|child| child.state == 'Z')));
    }

    fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            eprintln!("{}:\n{}", self.log.display(), lines[lines.len().saturating_sub(LAST_LINES)..].join("\n"));
        }
        if !self.has_ended() {
            self.signal("QUIT");
            let begun = Instant::now();
            while !self.has_ended() && begun.elapsed() < PATIENCE {
                thread::sleep(LOOK_AGAIN);
            }
            drop(self.child.kill());
            drop(self.child.wait());
        }
        drop(self.guard.kill());
        drop(self.guard.wait());
    }
}

/// Sends a signal to processes, some of which may be gone.
fn signal(name: &str, to: &[u32]) {
    let ids = to.iter().map(u32::to_string);
    run(Command::new("sh").args(["-c", "kill -s \"$@\" 2>/dev/null || true", "kill", name]).args(ids));
}

/// What the system knows of a process.
struct Process {
    state: char,
    parent: u32,
}

fn process(id: u32) -> Option<Process> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before is in brackets, and may itself have some.
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    Some(Process { state: fields.next()?.chars().next()?, parent: fields.next()?.parse().ok()? })
}

fn children_of(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| process(*id).is_some_and(|process| process.parent == parent)).collect()
}
