//! Debian's PostgreSQL, and the user that its servers run as.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::{env, fs};

use tempfile::TempDir;

/// Where Debian keeps the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The user that Debian's package makes.
const USER: &str = "postgres";

static PROGRAMS: LazyLock<PathBuf> = LazyLock::new(newest);
static SERVER_USER: LazyLock<Option<(u32, u32)>> = LazyLock::new(server_user);

/// A program of the newest PostgreSQL here, without whatever the environment of the tests says to it.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(PROGRAMS.join(name));
    for (variable, _) in env::vars_os().filter(|(variable, _)| variable.as_encoded_bytes().starts_with(b"PG")) {
        command.env_remove(variable);
    }
    command.env("LC_ALL", "C").stdin(Stdio::null());
    command
}

/// Lets a program run as the user of the servers: they refuse to run as root.
pub fn as_server_user(mut command: Command) -> Command {
    if let Some((user, group)) = *SERVER_USER {
        command.uid(user).gid(group);
    }
    command
}

/// Gives a file or a folder with all in it to the user of the servers.
pub fn give_to_server_user(path: &Path) {
    if let Some((user, group)) = *SERVER_USER {
        run(Command::new("chown").arg("-R").arg(format!("{user}:{group}")).arg(path));
    }
}

/// A temporary folder of the user of the servers. Whoever that is must be able to reach the folder of temporary files.
pub fn server_folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("hallpass-postgres-").tempdir().unwrap();
    give_to_server_user(folder.path());
    folder
}

/// Runs a program that must end well, and gives what it said on standard output.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn newest() -> PathBuf {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let with_number =
        versions.filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path())));
    let programs = with_number.map(|(number, path): (u32, _)| (number, path.join("bin")));
    let servers = programs.filter(|(_, bin)| bin.join("initdb").exists());
    servers.max().expect("PostgreSQL is there: tests/run.sh installs it").1
}

/// The user and the group of the servers where the tests run as root, none where they are the user of the tests.
fn server_user() -> Option<(u32, u32)> {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let number = |of| run(Command::new("id").args([of, USER])).trim().parse().unwrap();
    is_root.then(|| (number("--user"), number("--group")))
}
