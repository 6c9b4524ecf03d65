//! From a store to lines.

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};

use super::Source;
use super::fault::TransferFault;
use super::format::{self, End, FORMAT_VERSION, Header, hex};
use super::output::Lines;
use super::person::Person;
use super::totals::Totals;
use crate::domain::appointment::AppointmentId;

/// What opens the sealed personal data of an appointment, oldest part first; it gives none where it cannot.
pub type Reveal<'a> = dyn Fn(AppointmentId, &[&[u8]]) -> Option<Person> + 'a;

/// What an export is to have.
#[derive(Clone, Copy)]
pub struct Wishes<'a> {
    /// When the export begins.
    pub made_at: DateTime<Utc>,
    /// The fingerprint of the keys with which the store's data is sealed.
    pub keys: [u8; 16],
    /// The id behind which a part begins; none for everything.
    pub after: Option<AppointmentId>,
    /// What opens personal data, where it is to be there in clear.
    pub reveal: Option<&'a Reveal<'a>>,
}

/// Gives everything in a store, line by line. Tells what is done so far behind each line, and at the end.
///
/// # Errors
/// [`TransferFault`]: what was given until then is cut off.
pub fn export(
    source: &mut dyn Source,
    wishes: &Wishes<'_>,
    lines: impl Lines,
    told: &mut dyn FnMut(&Totals),
) -> Result<Totals, TransferFault> {
    let (mut lines, mut line, mut content) = (Running::new(lines), Vec::new(), Vec::new());
    let Wishes { made_at, keys, after, reveal } = *wishes;
    let (store, revealed) = (source.kind().to_owned(), reveal.is_some());
    let header = Header { hallpass_export: FORMAT_VERSION, made_at, store, keys, after, revealed };
    format::write_header(&mut line, &header);
    lines.take(&line)?;
    let mut totals = Totals::default();
    source.appointments(after, &mut |appointment, sealed| {
        format::write_appointment(&mut content, appointment, sealed, None);
        totals.count_appointment(&content);
        if let Some(reveal) = reveal {
            let id = appointment.id;
            let person = reveal(id, sealed).ok_or(TransferFault::Unopened { id })?;
            format::write_appointment(&mut content, appointment, sealed, Some(&person));
        }
        lines.take(&content)?;
        told(&totals);
        Ok(())
    })?;
    if after.is_none() {
        source.answers(&mut |answer| {
            format::write_answer(&mut content, answer);
            totals.count_answer(&content);
            lines.take(&content)?;
            told(&totals);
            Ok(())
        })?;
        totals.configuration = source.configuration()?;
    }
    if let Some(version) = &totals.configuration {
        format::write_configuration(&mut line, version);
        lines.take(&line)?;
    }
    lines.end(&totals)?;
    Ok(totals)
}

/// Counts what a store has, as the totals of an export of it would.
///
/// # Errors
/// A fault of the store.
pub fn count(
    source: &mut dyn Source,
    after: Option<AppointmentId>,
    told: &mut dyn FnMut(&Totals),
) -> Result<Totals, TransferFault> {
    struct Nowhere;
    impl Lines for Nowhere {
        fn take(&mut self, _: &[u8]) -> Result<(), TransferFault> {
            Ok(())
        }

        fn finish(self) -> Result<(), TransferFault> {
            Ok(())
        }
    }
    let wishes = Wishes { made_at: DateTime::UNIX_EPOCH, keys: [0; 16], after, reveal: None };
    export(source, &wishes, Nowhere, told)
}

/// Lines of which the bytes are digested on the way.
struct Running<L> {
    lines: L,
    digest: Context,
}

impl<L: Lines> Running<L> {
    fn new(lines: L) -> Self {
        Self { lines, digest: Context::new(&SHA256) }
    }

    fn take(&mut self, line: &[u8]) -> Result<(), TransferFault> {
        self.digest.update(line);
        self.digest.update(b"\n");
        self.lines.take(line)
    }

    /// Gives the last line.
    fn end(mut self, totals: &Totals) -> Result<(), TransferFault> {
        let Totals { appointments, answers, contents, .. } = *totals;
        let sha256 = hex(self.digest.finish().as_ref());
        let mut line = Vec::new();
        format::write_end(&mut line, &End { appointments, answers, contents: contents.to_be_bytes(), sha256 });
        self.lines.take(&line)?;
        self.lines.finish()
    }
}
