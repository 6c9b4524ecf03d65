//! Requests and bookings a second, each on a scale of its own, because there are many more of the one than of the other.

use maud::{Markup, html};

use super::super::super::notation::{count, decimal};
use super::super::super::outcome::Second;
use super::super::chart::{Linear, Tick, bars, note};
use super::{HEIGHT_PX, Page, Timeline, figure, plot, second_name};

pub(super) fn charts(page: &Page, timeline: &Timeline) -> Markup {
    let words = page.words;
    let requests = Rate { name: "requests", title: words.requests, of: |it| it.requests, tip: words.requests_in };
    let bookings = Rate { name: "bookings", title: words.bookings, of: |it| it.bookings, tip: words.bookings_in };
    html! {
        (requests.chart(page, timeline))
        (bookings.chart(page, timeline))
    }
}

/// Something that is counted by the second.
struct Rate {
    name: &'static str,
    title: &'static str,
    of: fn(&Second) -> u32,
    tip: fn(&str) -> String,
}

impl Rate {
    fn chart(&self, page: &Page, timeline: &Timeline) -> Markup {
        let seconds = &page.outcome.today.rush.seconds;
        let values = || seconds.iter().map(self.of).enumerate();
        let (busiest, most) = values().max_by_key(|(second, value)| (*value, usize::MAX - second)).unwrap_or_default();
        let scale = Linear::up_to(most.into());
        let when = |second| second_name(page, timeline.since_opening(second));
        let columns: Vec<_> = values()
            .map(|(second, value)| {
                let tip = format!("{}: {}", when(second), (self.tip)(&count(value.into())));
                timeline.bar(second, scale.at(value.into()), tip)
            })
            .collect();
        let peak = (page.words.peak)(&count(most.into()), &when(busiest));
        let mut plot = plot(page, timeline, self.name, self.title);
        plot.y = scale.ticks().map(|tick| Tick { at: scale.at(tick), text: decimal(tick, 0) }).collect();
        plot.description.clone_from(&peak);
        let column = timeline.column(busiest);
        let beside = if column.1 > 0.6 { column.0 } else { column.1 };
        let shapes = html! {
            (bars(&columns, HEIGHT_PX))
            @if most > 0 { (note((beside, scale.at(most.into()).min(0.95)), HEIGHT_PX, &peak)) }
        };
        figure(self.title, None, &plot.draw(&shapes))
    }
}
