//! What an appointment is called at a desk.

use crate::domain::appointment::Appointment;
use crate::domain::snapshot::Snapshot;
use crate::pages::text::Text;

/// What people call the service of an appointment.
#[must_use]
pub fn service_name(text: Text, snapshot: &Snapshot, id: &str) -> String {
    snapshot.service(id).map_or_else(|_| id.to_owned(), |service| text.pick(&service.name).to_owned())
}

/// A code in two halves, as people read it out.
#[must_use]
pub fn code_in_halves(one: &Appointment) -> String {
    let code = one.code.to_string();
    format!("{} {}", &code[..4], &code[4..])
}
