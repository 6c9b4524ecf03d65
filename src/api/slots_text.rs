//! The text of a listing of slots, laid out in place.
//!
//! A month of a hall has some four hundred slots and 36 KB, and is what most clients ask for most of the time. Going through
//! a serializer took two thirds of the time in which it was answered. The shapes below describe the answer; a test holds
//! the text against what a serializer makes of them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::{Day, SlotCount};
use crate::serve::times::{Date, Time};

/// Room for one slot, in bytes, and for what stands around the slots of a day.
const SLOT_BYTES: usize = 96;
const DAY_BYTES: usize = 80;

/// How full one band is.
#[derive(Serialize, ToSchema)]
#[schema(as = Slot)]
pub struct SlotView {
    /// When the band begins.
    start: Time,
    /// When it ends.
    end: Time,
    /// How many places it has.
    #[schema(example = 40)]
    capacity: u32,
    /// How many are taken; more than it has where a reload lowered the capacity.
    #[schema(example = 3)]
    taken: u32,
    /// How many are left.
    #[schema(example = 37)]
    remaining: u32,
}

impl From<&SlotCount> for SlotView {
    fn from(slot: &SlotCount) -> Self {
        let (start, end, remaining) = (Time(slot.start), Time(slot.end), slot.remaining());
        Self { start, end, capacity: slot.capacity, taken: slot.taken, remaining }
    }
}

/// One date of a hall.
#[derive(Serialize, ToSchema)]
#[schema(as = Day)]
pub struct DayView {
    /// The date.
    date: Date,
    /// Whether it can be booked.
    open: bool,
    /// Why it cannot: `same_day`, `past`, `beyond_window`, `not_released`, `holiday` or `closed`; null where it can.
    #[schema(required = true, example = json!(null))]
    reason: Option<&'static str>,
    /// Every band of the date, bookable or not.
    slots: Vec<SlotView>,
}

/// The slots of a hall for a service.
#[derive(Serialize, ToSchema)]
#[schema(as = Slots)]
pub struct SlotsView<'a> {
    /// The id of the hall.
    #[schema(example = "hangzhou-shi-crj")]
    hall: &'a str,
    /// The id of the service.
    #[schema(example = "passport.renewal")]
    service: &'a str,
    /// The zone in which dates and times are meant.
    #[schema(example = "Asia/Shanghai")]
    time_zone: &'static str,
    /// One day after the other.
    days: Vec<DayView>,
}

/// The answer, as JSON. Names and zones are made of characters that need no escape in JSON.
pub fn of(hall: &str, service: &str, time_zone: &str, days: &[Day]) -> Vec<u8> {
    let slots: usize = days.iter().map(|day| day.slots.len()).sum();
    let mut text = Text(Vec::with_capacity(2 * DAY_BYTES + days.len() * DAY_BYTES + slots * SLOT_BYTES));
    text.put("{\"hall\":\"");
    text.put(hall);
    text.put("\",\"service\":\"");
    text.put(service);
    text.put("\",\"time_zone\":\"");
    text.put(time_zone);
    text.put("\",\"days\":");
    text.list(days, Text::day);
    text.put("}");
    text.0
}

/// JSON under way.
struct Text(Vec<u8>);

impl Text {
    fn put(&mut self, piece: &str) {
        self.0.extend_from_slice(piece.as_bytes());
    }

    fn number(&mut self, number: u32) {
        self.put(itoa::Buffer::new().format(number));
    }

    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.put("[");
        for (at, one) in items.iter().enumerate() {
            if at > 0 {
                self.put(",");
            }
            item(self, one);
        }
        self.put("]");
    }

    fn day(&mut self, day: &Day) {
        self.put("{\"date\":\"");
        self.put(Date(day.date).text().as_str());
        match &day.closed_by {
            None => self.put("\",\"open\":true,\"reason\":null,\"slots\":"),
            Some(rejection) => {
                self.put("\",\"open\":false,\"reason\":\"");
                self.put(rejection.code());
                self.put("\",\"slots\":");
            }
        }
        self.list(&day.slots, Self::slot);
        self.put("}");
    }

    fn slot(&mut self, slot: &SlotCount) {
        self.put("{\"start\":\"");
        self.put(Time(slot.start).text().as_str());
        self.put("\",\"end\":\"");
        self.put(Time(slot.end).text().as_str());
        self.put("\",\"capacity\":");
        self.number(slot.capacity);
        self.put(",\"taken\":");
        self.number(slot.taken);
        self.put(",\"remaining\":");
        self.number(slot.remaining());
        self.put("}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rejection::Rejection;
    use crate::domain::wall::WallTime;

    fn serialized(days: &[Day]) -> String {
        let day = |day: &Day| DayView {
            date: Date(day.date),
            open: day.closed_by.is_none(),
            reason: day.closed_by.as_ref().map(Rejection::code),
            slots: day.slots.iter().map(SlotView::from).collect(),
        };
        let days = days.iter().map(day).collect();
        let view = SlotsView { hall: "hall-1", service: "passport.renewal", time_zone: "Asia/Shanghai", days };
        serde_json::to_string(&view).unwrap()
    }

    #[test]
    fn the_text_is_what_a_serializer_makes_of_it() {
        let slot = |hour, capacity, taken| SlotCount {
            start: WallTime::hm(hour, 30),
            end: WallTime::hm(hour + 1, 0),
            capacity,
            taken,
        };
        let day = |text: &str, closed_by, slots| Day { date: text.parse().unwrap(), closed_by, slots };
        for days in [
            vec![],
            vec![day("2026-11-25", None, vec![])],
            vec![
                day("2026-11-25", Some(Rejection::Past), vec![slot(8, 40, 3)]),
                day("2026-12-31", None, vec![slot(8, 40, 40), slot(9, 7, 9), slot(23, u32::MAX, 0)]),
                day("2027-01-01", Some(Rejection::Holiday { name: "\"元旦\"".into() }), vec![]),
            ],
        ] {
            let text = of("hall-1", "passport.renewal", "Asia/Shanghai", &days);
            assert_eq!(String::from_utf8(text).unwrap(), serialized(&days));
        }
    }
}
