//! The least that a recovery could do: reads every file below a folder from beginning to end and checksums it.
//!
//! Argument: the folder. Prints how many bytes there were, how many milliseconds that took, and the checksum.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use xxhash_rust::xxh3::Xxh3Default;

/// How much is read at once.
const BUFFER_BYTES: usize = 1024 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder")?;
    let start = Instant::now();
    let mut files = Vec::new();
    list(Path::new(&folder), &mut files)?;
    files.sort();
    let (mut bytes, mut checksum, mut buffer) = (0, Xxh3Default::new(), vec![0; BUFFER_BYTES]);
    for path in files {
        let mut file = File::open(path)?;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            checksum.update(&buffer[..read]);
            bytes += read;
        }
    }
    println!("{bytes} {:.3} {:016x}", start.elapsed().as_secs_f64() * 1000.0, checksum.digest());
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}
