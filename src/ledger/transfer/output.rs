//! Where the lines of an export go: as they come, or into a file that has its name only when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::fault::TransferFault;
use super::format::Header;
use super::reader::{Found, header_of, next_whole_line};

/// How many links are followed one after the other, as by the system.
const MAX_LINKS: usize = 40;

/// Takes the lines of an export, in order.
pub trait Lines {
    /// Takes a line, which has no end yet.
    ///
    /// # Errors
    /// Where it cannot be written, or is not the one that was written before.
    fn take(&mut self, line: &[u8]) -> Result<(), TransferFault>;

    /// Takes no more: everything is written.
    ///
    /// # Errors
    /// As [`Lines::take`].
    fn finish(self) -> Result<(), TransferFault>;
}

/// Where an export goes.
pub enum Output {
    /// Standard output.
    Standard,
    /// A file of its own in this place, or none yet.
    File(PathBuf),
    /// Something that is no file of its own, such as a named pipe: it is written to, and stays what it is.
    Open(File),
}

/// What there is at a place that an export is to go to. A link is followed: what it leads to is replaced, and the link stays.
///
/// # Errors
/// If a link leads nowhere that can be told, what is no ordinary file cannot be opened, or a handle of this process is meant
/// that is not standard output.
pub fn output_at(path: &Path) -> Result<Output, TransferFault> {
    let fault = fault_of(path);
    match own_handle(path) {
        Some(1) => return Ok(Output::Standard),
        Some(_) => {
            return Err(fault(io::Error::other("it is a handle of this process; name a file, or - and redirect that")));
        }
        None => {}
    }
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    match fs::metadata(path) {
        Ok(found) if found.is_file() || found.is_dir() => {
            Ok(Output::File(if is_link { fs::canonicalize(path).map_err(fault)? } else { path.to_owned() }))
        }
        // To open a pipe waits for who reads it.
        Ok(_) => Ok(Output::Open(OpenOptions::new().write(true).open(path).map_err(fault)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_link => {
            Ok(Output::File(end_of_links(path).map_err(fault)?))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Output::File(path.to_owned())),
        Err(error) => Err(fault(error)),
    }
}

/// The number of the handle of this process that a path names, as `/dev/stdout` does; `None` if it names something else. What
/// a handle leads to is open already, perhaps to be written at its end, and so no file of the export's own.
fn own_handle(path: &Path) -> Option<u32> {
    let handles = fs::canonicalize("/proc/self/fd").ok()?;
    let mut at = path.to_owned();
    for _ in 0..MAX_LINKS {
        let folder = at.parent()?;
        if fs::canonicalize(folder).is_ok_and(|folder| folder == handles) {
            return at.file_name()?.to_str()?.parse().ok();
        }
        let target = fs::read_link(&at).ok()?;
        at = folder.join(target);
    }
    None
}

/// Where a link leads that may lead to further ones, at the end of which there is nothing yet.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut end = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&end) {
            Ok(target) => end = end.parent().unwrap_or(Path::new("")).join(target),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(end),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("it leads through too many links"))
}

/// Lines that go on to somewhere else as they come.
pub struct Passing<W> {
    output: W,
    /// What faults call it.
    name: &'static str,
}

impl<W: Write> Passing<W> {
    /// Passes lines on to what faults call by this name.
    pub const fn new(output: W, name: &'static str) -> Self {
        Self { output, name }
    }

    fn fault(&self, source: io::Error) -> TransferFault {
        TransferFault::Output { what: self.name.to_owned(), source }
    }
}

impl<W: Write> Lines for Passing<W> {
    fn take(&mut self, line: &[u8]) -> Result<(), TransferFault> {
        let written = self.output.write_all(line).and_then(|()| self.output.write_all(b"\n"));
        written.map_err(|source| self.fault(source))
    }

    fn finish(mut self) -> Result<(), TransferFault> {
        self.output.flush().map_err(|source| self.fault(source))
    }
}

/// Lines that go into a file, which lies beside its place until it is whole. Only its owner may read it.
pub struct Beside {
    path: PathBuf,
    partial: PathBuf,
    output: BufWriter<File>,
    /// What an interrupted export has written, as long as what comes is compared with it.
    written: Option<Written>,
    line: Vec<u8>,
}

struct Written {
    input: BufReader<File>,
    lines: u64,
    bytes: u64,
}

impl Beside {
    /// Begins a new file beside a place.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn begin(path: &Path) -> Result<Self, TransferFault> {
        let (partial, fault) = (beside(path), fault_of(path));
        if path.is_dir() {
            return Err(fault(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        match fs::remove_file(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(error)),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial).map_err(fault)?;
        Ok(Self { path: path.to_owned(), partial, output: BufWriter::new(file), written: None, line: Vec::new() })
    }

    /// Goes on with the file that an interrupted export has left beside a place, or with the one in that place where there
    /// is none beside it: what comes is compared with what is there, line by line, and written from where that ends. Gives
    /// the header that is there; none where there is no whole line, and the file is begun anew.
    ///
    /// # Errors
    /// Where it cannot be read or written, or its first line is no header.
    pub fn go_on(path: &Path) -> Result<(Self, Option<Header>), TransferFault> {
        let fault = fault_of(path);
        let mut partial = beside(path);
        if !partial.exists() {
            path.clone_into(&mut partial);
        }
        let mut line = Vec::new();
        let file = match File::open(&partial) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Self::begin(path)?, None)),
            opened => opened.map_err(&fault)?,
        };
        let mut input = BufReader::new(file);
        if next_whole_line(&mut input, &mut line).map_err(&fault)? != Found::Whole {
            return Ok((Self::begin(path)?, None));
        }
        let header = header_of(&line)?;
        input.rewind().map_err(&fault)?;
        let output = OpenOptions::new().write(true).open(&partial).map_err(&fault)?;
        let written = Some(Written { input, lines: 0, bytes: 0 });
        Ok((Self { path: path.to_owned(), partial, output: BufWriter::new(output), written, line }, Some(header)))
    }

    /// Compares a line with the next one that is there. Says no where that is no whole one, and the rest is cut off.
    fn is_written(&mut self, line: &[u8]) -> Result<bool, TransferFault> {
        let fault = fault_of(&self.path);
        let Some(written) = &mut self.written else { return Ok(false) };
        match next_whole_line(&mut written.input, &mut self.line).map_err(&fault)? {
            Found::Whole if self.line == line => {
                written.lines += 1;
                written.bytes += line.len() as u64 + 1;
                Ok(true)
            }
            Found::Part => {
                self.output.get_ref().set_len(written.bytes).map_err(&fault)?;
                self.output.seek(SeekFrom::Start(written.bytes)).map_err(&fault)?;
                self.written = None;
                Ok(false)
            }
            Found::Whole | Found::TooLong => {
                Err(TransferFault::NotContinued { path: self.partial.clone(), line: written.lines + 1 })
            }
        }
    }
}

impl Lines for Beside {
    fn take(&mut self, line: &[u8]) -> Result<(), TransferFault> {
        if self.is_written(line)? {
            return Ok(());
        }
        let written = self.output.write_all(line).and_then(|()| self.output.write_all(b"\n"));
        written.map_err(fault_of(&self.path))
    }

    fn finish(mut self) -> Result<(), TransferFault> {
        let fault = fault_of(&self.path);
        if let Some(written) = &mut self.written
            && (next_whole_line(&mut written.input, &mut self.line).map_err(&fault)? != Found::Part
                || !self.line.is_empty())
        {
            return Err(TransferFault::NotContinued { path: self.partial.clone(), line: written.lines + 1 });
        }
        self.output.flush().map_err(&fault)?;
        self.output.get_ref().sync_all().map_err(&fault)?;
        if self.partial != self.path {
            fs::rename(&self.partial, &self.path).map_err(&fault)?;
        }
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|parent| parent.sync_all()).map_err(&fault)
    }
}

/// Where a file lies until it is whole.
#[must_use]
pub fn beside(path: &Path) -> PathBuf {
    path.with_added_extension("partial")
}

fn fault_of(path: &Path) -> impl Fn(io::Error) -> TransferFault + use<> {
    let what = path.display().to_string();
    move |source| TransferFault::Output { what: what.clone(), source }
}
