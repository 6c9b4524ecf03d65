//! What staff changed through one instance is told, and seen, through every other.

use hallpass::domain::appointment::Action;
use hallpass::engine::StaffChange;

use crate::staff_changes::moved;
use crate::world::plan::Plan;
use crate::world::shared::Shared;
use crate::world::{At, noon};

#[tokio::test(flavor = "multi_thread")]
async fn a_move_through_one_instance_is_told_and_seen_through_the_others() {
    let shared = Shared::start();
    let mut worlds = shared.join_all(2, &Plan::simple(3), noon()).await;
    let booked = worlds[0].booked(1, At::passport(1, 0)).await;
    worlds[1].engine.refresh().await;
    let after = moved(&worlds[1], &booked, At::passport(2, 0)).await;
    let change = Some(StaffChange { action: Action::Reschedule, was: booked.slot });
    // One that starts later has it from the rows.
    worlds.push(shared.join(&Plan::simple(3), noon()).await);
    for world in &worlds {
        world.engine.refresh().await;
        assert_eq!(world.engine.unseen_change(&world.now_of(after.id), after.applicant), change);
    }
    // Seen through two of them at once, it is seen once.
    let sees = |at: usize| worlds[at].engine.note_seen(after.applicant, after.id, after.revision, noon());
    let (one, other) = tokio::join!(sees(0), sees(2));
    one.unwrap();
    other.unwrap();
    for world in &worlds {
        world.engine.refresh().await;
        assert_eq!(world.engine.unseen_change(&world.now_of(after.id), after.applicant), None);
    }
}
