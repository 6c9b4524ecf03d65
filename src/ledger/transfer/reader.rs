//! An export read line by line, and judged on the way: what it gives is in order, and where it says that there is no more,
//! everything was as it was written.

use std::io::{self, BufRead, Read as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};

use super::fault::TransferFault;
use super::format::{
    self, End, FIRST_VERSION, FORMAT_VERSION, Header, HeaderVersion, Line, MAX_LINE_BYTES, hex, read_line,
};
use super::totals::Totals;
use super::{Carried, MAX_SEALED_PARTS};
use crate::domain::appointment::{AppointmentId, Status};

/// An export that is being read.
pub struct Reader<R> {
    input: R,
    path: PathBuf,
    header: Header,
    place: Place,
    totals: Totals,
    running: Context,
    /// The line that was read last, and how many there were, the header included.
    line: Vec<u8>,
    lines: u64,
    bytes: u64,
    canonical: Vec<u8>,
}

/// How far a file has come: what may follow is never less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Header,
    Appointment(AppointmentId),
    Answer(i64, [u8; 16]),
    Configuration,
    End,
}

impl<R: BufRead> Reader<R> {
    /// Begins to read a file, which the faults call by its path.
    ///
    /// # Errors
    /// Where it does not begin with a header that is known, or cannot be read.
    pub fn open(mut input: R, path: &Path) -> Result<Self, TransferFault> {
        let (mut line, mut running) = (Vec::new(), Context::new(&SHA256));
        let found = next_whole_line(&mut input, &mut line);
        let header = match found.map_err(|source| TransferFault::Input { path: path.to_owned(), source })? {
            Found::Whole => header_of(&line)?,
            Found::Part if !line.is_empty() => return Err(TransferFault::Cut { line: 0 }),
            Found::Part | Found::TooLong => return Err(TransferFault::NoHeader),
        };
        run(&mut running, &line);
        Ok(Self {
            input,
            path: path.to_owned(),
            header,
            place: Place::Header,
            totals: Totals::default(),
            running,
            bytes: line.len() as u64 + 1,
            line,
            lines: 1,
            canonical: Vec::new(),
        })
    }

    /// The first line.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What has been read so far.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// How many bytes have been read so far.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many bytes the last line has.
    #[must_use]
    pub const fn line_bytes(&self) -> usize {
        self.line.len()
    }

    /// The next line, without the last one; none where all of the file has been read and was as it was written.
    ///
    /// # Errors
    /// [`TransferFault::Cut`], [`TransferFault::Line`], [`TransferFault::Changed`], [`TransferFault::Input`].
    pub fn next_line(&mut self) -> Result<Option<Line>, TransferFault> {
        if self.place == Place::End {
            return Ok(None);
        }
        if !self.read_whole_line()? {
            return Err(TransferFault::Cut { line: self.lines });
        }
        let line = read_line(&self.line).map_err(|what| self.bad_line(&what))?;
        if let Line::End(end) = &line {
            self.place = Place::End;
            self.judge_end(end)?;
            return Ok(None);
        }
        self.judge_place(&line)?;
        self.count(&line);
        run(&mut self.running, &self.line);
        Ok(Some(line))
    }

    /// Reads a line without its end; says no where the file ends before one.
    fn read_whole_line(&mut self) -> Result<bool, TransferFault> {
        let fault = |path: &Path, source| TransferFault::Input { path: path.to_owned(), source };
        let read = next_whole_line(&mut self.input, &mut self.line).map_err(|source| fault(&self.path, source))?;
        self.bytes += self.line.len() as u64;
        match read {
            Found::Whole => {
                self.lines += 1;
                self.bytes += 1;
                Ok(true)
            }
            Found::Part => Ok(false),
            Found::TooLong => {
                self.lines += 1;
                Err(self.bad_line(&format!("it has more than {MAX_LINE_BYTES} bytes")))
            }
        }
    }

    fn judge_place(&mut self, line: &Line) -> Result<(), TransferFault> {
        let place = match line {
            Line::Appointment(carried) => Place::Appointment(carried.appointment.id),
            Line::Answer(answer) => Place::Answer(answer.at.timestamp_millis(), answer.repeat.key),
            Line::Configuration(_) => Place::Configuration,
            Line::End(_) => Place::End,
        };
        if place <= self.place {
            return Err(self.bad_line("it is not in its order, or is there twice"));
        }
        let is_part = self.header.after.is_some();
        let wrong = match line {
            Line::Appointment(carried) if self.header.after >= Some(carried.appointment.id) => {
                Some("the part that this file says it has begins behind it")
            }
            Line::Appointment(carried) => judge_carried(carried),
            _ if is_part => Some("a part has appointments only"),
            _ => None,
        };
        self.place = place;
        wrong.map_or(Ok(()), |wrong| Err(self.bad_line(wrong)))
    }

    fn count(&mut self, line: &Line) {
        match line {
            Line::Appointment(carried) => {
                let sealed: Vec<&[u8]> = carried.sealed.iter().map(|part| part.as_slice()).collect();
                format::write_appointment(&mut self.canonical, &carried.appointment, &sealed, None);
                self.totals.count_appointment(&self.canonical);
            }
            Line::Answer(answer) => {
                format::write_answer(&mut self.canonical, answer);
                self.totals.count_answer(&self.canonical);
            }
            Line::Configuration(version) => self.totals.configuration = Some(version.clone()),
            Line::End(_) => {}
        }
    }

    fn judge_end(&mut self, end: &End) -> Result<(), TransferFault> {
        let changed = |what: String| Err(TransferFault::Changed { what });
        let Totals { appointments, answers, contents, .. } = self.totals;
        if (end.appointments, end.answers) != (appointments, answers) {
            return changed(format!(
                "it has {appointments} appointments and {answers} answers, its last line says {} and {}",
                end.appointments, end.answers
            ));
        }
        if u128::from_be_bytes(end.contents) != contents {
            return changed("the checksum of its lines is not the one in its last line".to_owned());
        }
        if end.sha256 != hex(self.running.clone().finish().as_ref()) {
            return changed("the SHA-256 of its bytes is not the one in its last line".to_owned());
        }
        match next_whole_line(&mut self.input, &mut self.line) {
            Ok(Found::Part) if self.line.is_empty() => Ok(()),
            Ok(_) => changed("more follows behind its last line".to_owned()),
            Err(source) => Err(TransferFault::Input { path: self.path.clone(), source }),
        }
    }

    fn bad_line(&self, what: &str) -> TransferFault {
        TransferFault::Line { line: self.lines, what: what.to_owned() }
    }
}

/// The header that a line is.
///
/// # Errors
/// [`TransferFault::NoHeader`], [`TransferFault::Version`], [`TransferFault::Line`].
pub(super) fn header_of(line: &[u8]) -> Result<Header, TransferFault> {
    let version: HeaderVersion = serde_json::from_slice(line).map_err(|_| TransferFault::NoHeader)?;
    if !(FIRST_VERSION..=FORMAT_VERSION).contains(&version.hallpass_export) {
        return Err(TransferFault::Version { found: version.hallpass_export });
    }
    serde_json::from_slice(line).map_err(|error| TransferFault::Line { line: 1, what: error.to_string() })
}

fn run(running: &mut Context, line: &[u8]) {
    running.update(line);
    running.update(b"\n");
}

fn judge_carried(carried: &Carried) -> Option<&'static str> {
    let Carried { appointment, sealed } = carried;
    if !(1..=MAX_SEALED_PARTS).contains(&sealed.len()) {
        return Some("an appointment has one or two sealed texts");
    }
    if (appointment.status == Status::Held) != appointment.expires_at.is_some() {
        return Some("a hold has an end, and nothing else has one");
    }
    if appointment.extended && appointment.status != Status::Held {
        return Some("a hold may have been extended, and nothing else");
    }
    None
}

/// What was found where a line should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole line, now without its end.
    Whole,
    /// Less than a line, or nothing: the file ends.
    Part,
    /// More than a line can have.
    TooLong,
}

/// Reads the next line into a buffer.
pub(super) fn next_whole_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Found> {
    line.clear();
    input.take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Found::Whole);
    }
    Ok(if line.len() > MAX_LINE_BYTES { Found::TooLong } else { Found::Part })
}
