//! The data folder that every cluster begins as: made once for a version of PostgreSQL, then copied.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::programs::{as_server_user, give_to_server_user, program, run, server_folder};

/// What `initdb` is told besides the folder. Only the template is not flushed: what its copies write is.
const INITDB: [&str; 6] = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];

/// Makes the data folder of a fresh cluster.
pub fn copy_to(data: &Path) {
    copy(&template(), data);
    give_to_server_user(data);
}

/// The template of this version, made by whoever comes first.
fn template() -> PathBuf {
    let version = run(program("postgres").arg("--version"));
    let mut hasher = DefaultHasher::new();
    (version, std::env::consts::ARCH, INITDB).hash(&mut hasher);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = kept.join(format!("postgres-{:016x}", hasher.finish()));
    if !template.exists() {
        let lock = File::create(template.with_extension("lock")).unwrap();
        lock.lock().unwrap();
        if !template.exists() {
            make(kept, &template);
        }
    }
    template
}

/// `initdb` works where the user of the servers may write, and only a whole template gets its name.
fn make(kept: &Path, template: &Path) {
    let folder = server_folder();
    let made = folder.path().join("data");
    let mut initdb = as_server_user(program("initdb"));
    run(initdb.args(INITDB).arg("-D").arg(&made).current_dir(&folder));
    let beside = tempfile::tempdir_in(kept).unwrap();
    let copied = beside.path().join("data");
    copy(&made, &copied);
    fs::rename(copied, template).unwrap();
}

fn copy(from: &Path, to: &Path) {
    run(Command::new("cp").args(["--archive", "--reflink=auto"]).arg(from).arg(to));
}
