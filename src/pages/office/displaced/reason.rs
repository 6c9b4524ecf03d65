//! Why somebody no longer fits the configuration, in words.

use crate::engine::Misfit;
use crate::pages::text::{Arg, Text};

/// Why somebody no longer fits.
#[must_use]
pub fn reason(text: Text, misfit: &Misfit) -> String {
    match misfit {
        Misfit::NoHall => text.get("displaced-no-hall"),
        Misfit::Holiday(name) => text.with("displaced-holiday", &[("name", name.as_str().into())]),
        Misfit::Closed(Some(reason)) => text.with("displaced-closed-because", &[("reason", reason.as_str().into())]),
        Misfit::Closed(None) => text.get("displaced-closed"),
        Misfit::NoService => text.get("displaced-no-service"),
        Misfit::NotInLane => text.get("displaced-not-in-lane"),
        Misfit::OtherZone(zone) => text.with("displaced-other-zone", &[("zone", zone.name().into())]),
        Misfit::NoBand(start, end) => text.with("displaced-no-band", &[("band", text.span(*start, *end).into())]),
        Misfit::FewerPlaces(places) => text.with("displaced-fewer-places", &[("places", Arg::from(*places))]),
    }
}
