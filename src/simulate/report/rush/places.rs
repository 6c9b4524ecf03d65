//! Places left on the day that opens, over time.

use maud::{Markup, html};

use super::super::super::figures::gone_after_ms;
use super::super::super::notation::{count, decimal, milliseconds, real};
use super::super::chart::{Linear, Tick, area, note};
use super::{HEIGHT_PX, Page, Timeline, figure, plot};

/// The chart; nothing where nobody counted.
pub(super) fn chart(page: &Page, timeline: &Timeline) -> Markup {
    let words = page.words;
    let rush = &page.outcome.today.rush;
    let Some(last) = rush.places_left.last() else {
        return html! {};
    };
    let most = rush.places_left.iter().map(|it| it.left).max().unwrap_or_default().max(rush.places);
    let scale = Linear::up_to(most.into());
    let at = |ms: u64| timeline.span.at(real(ms) / 1_000.0 - timeline.opened_s);
    let points: Vec<_> = rush.places_left.iter().map(|it| (at(it.at_ms), scale.at(it.left.into()))).collect();
    let (summary, place) = match gone_after_ms(&page.outcome.today) {
        Some(ms) => ((words.gone_after)(&milliseconds(ms, &words.units)), (timeline.span.at(ms / 1_000.0), 0.1)),
        None => ((words.left_at_end)(&count(last.left.into())), (at(last.at_ms), scale.at(last.left.into()) + 0.1)),
    };
    let mut plot = plot(page, timeline, "places", words.places_left);
    plot.y = scale.ticks().map(|tick| Tick { at: scale.at(tick), text: decimal(tick, 0) }).collect();
    plot.description.clone_from(&summary);
    let shapes = html! { (area(&points, HEIGHT_PX)) (note(place, HEIGHT_PX, &summary)) };
    figure(words.places_left, None, &plot.draw(&shapes))
}
