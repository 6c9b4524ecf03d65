//! A disk of a few MiB, to see what happens at its end.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::world::directory;

/// A small disk of memory, taken down when this is dropped, also by a kill.
pub struct SmallDisk {
    folder: TempDir,
    guard: Child,
}

impl SmallDisk {
    /// None where the system lets nobody mount here.
    pub fn mount(mib: u32) -> Option<Self> {
        let folder = directory();
        let options = format!("size={mib}m,mode=0777");
        let mount = ["-t", "tmpfs", "-o", &options, "hallpass-test"];
        let mounted = Command::new("mount").args(mount).arg(folder.path()).output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            return None;
        }
        let mut guard = Command::new("sh");
        guard.args(["-c", "read -r _; umount -l \"$0\"; rmdir \"$0\""]).arg(folder.path());
        Some(Self { guard: guard.stdin(Stdio::piped()).spawn().unwrap(), folder })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room that is left, until the file is removed.
    pub fn fill(&self) {
        let mut ballast = File::create(self.path().join("ballast")).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
    }

    /// Takes so many MiB.
    pub fn take(&self, mib: usize) {
        File::create(self.path().join("ballast")).unwrap().write_all(&vec![1; mib << 20]).unwrap();
    }

    /// Lets nobody write any more, or lets everybody again.
    pub fn set_read_only(&self, is_read_only: bool) {
        let options = if is_read_only { "remount,ro" } else { "remount,rw" };
        let remounted = Command::new("mount").args(["-o", options]).arg(self.path()).status().unwrap();
        assert!(remounted.success());
    }

    pub fn empty(&self) {
        fs::remove_file(self.path().join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        drop(self.guard.wait());
    }
}
