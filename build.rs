//! Prepares the static files of the pages in the forms that browsers ask for, so that serving them costs nothing.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Where the files are, and which.
const DIRECTORY: &str = "src/pages/static";
const FILES: [&str; 3] = ["style.css", "page.js", "icon.svg"];
/// How hard brotli tries, and how far it looks back: the most, as it is done once.
const QUALITY: i32 = 11;
const WINDOW_BITS: i32 = 22;

fn main() -> io::Result<()> {
    let out =
        PathBuf::from(std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo says where to put files"))?);
    println!("cargo:rerun-if-changed=build.rs");
    for name in FILES {
        let file = Path::new(DIRECTORY).join(name);
        println!("cargo:rerun-if-changed={}", file.display());
        let content = fs::read(file)?;
        fs::write(out.join(format!("{name}.br")), brotli(&content)?)?;
        fs::write(out.join(format!("{name}.gz")), gzip(&content)?)?;
    }
    Ok(())
}

fn brotli(mut content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: QUALITY, lgwin: WINDOW_BITS, ..Default::default() };
    brotli::BrotliCompress(&mut content, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}
