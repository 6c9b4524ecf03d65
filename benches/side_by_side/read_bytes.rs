//! The least that a recovery could do: reads files from beginning to end and checksums them.
//!
//! Arguments: the files, and folders of which every file below is read. Prints how many bytes there were, how many milliseconds that took, and the checksum.

#![allow(clippy::print_stdout, reason = "a program of a measurement, which is read by the script that runs it")]

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use xxhash_rust::xxh3::Xxh3Default;

/// How much is read at once.
const BUFFER_BYTES: usize = 1024 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut files = Vec::new();
    for argument in std::env::args().skip(1) {
        list(Path::new(&argument), &mut files)?;
    }
    if files.is_empty() {
        return Err("give the files and folders".into());
    }
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

fn list(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            list(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_owned());
    }
    Ok(())
}
