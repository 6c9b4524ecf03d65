//! Where a list goes on: the id of the last appointment that was listed, opaque to the caller.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::domain::appointment::AppointmentId;

/// The cursor of a list whose last appointment has this id.
#[must_use]
pub fn after(last: AppointmentId) -> String {
    URL_SAFE_NO_PAD.encode(last.0.as_bytes())
}

/// The id that a cursor stands for.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn read(cursor: &str) -> Result<AppointmentId, &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let id = bytes.and_then(|bytes| Uuid::from_slice(&bytes).ok());
    id.map(AppointmentId).ok_or("take the cursor from the member next of the page before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_stands_for_an_id() {
        let id = AppointmentId(Uuid::from_u128(0x0197_9a2b_3c4d_7e5f_8a6b_7c8d_9e0f_1a2b));
        assert_eq!(after(id), "AZeaKzxNfl-Ka3yNng8aKw");
        assert_eq!(read(&after(id)), Ok(id));
        for cursor in ["", "AZea", "AZeaKzxNfl+Ka3yNng8aKw", "AZeaKzxNfl-Ka3yNng8aKwAA", "杭州"] {
            assert!(read(cursor).is_err(), "{cursor:?}");
        }
    }
}
