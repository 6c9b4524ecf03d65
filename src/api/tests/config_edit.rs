//! Files of the configuration changed through the server.

use std::fs;

use super::*;
use crate::app::configuration::edit::{Edit, EditFault};
use crate::config::versions::history::Kept;
use crate::config::versions::texts::{Texts, digest_of};
use crate::engine::StaffCaller;

const FILE: &str = "halls/hangzhou.toml";

impl House {
    fn text(&self) -> String {
        fs::read_to_string(self.config_dir().join(FILE)).unwrap()
    }

    fn texts(&self) -> Texts {
        Texts::read(&self.config_dir()).unwrap()
    }

    fn kept(&self) -> Vec<Kept> {
        self.app.history().list().unwrap()
    }

    fn version(&self) -> String {
        self.app.engine().unwrap().snapshot().version.clone()
    }
}

/// A house in which just what the files say is in force, which the history knows as number 1.
async fn settled() -> House {
    let house = House::open().await;
    house.app.reload(false, chief()).await.unwrap();
    house
}

fn chief() -> StaffCaller {
    StaffCaller { id: "chief".into(), halls: None }
}

fn file(text: &str, was: &str) -> Edit {
    Edit::File { name: FILE.into(), text: text.into(), was: digest_of(was) }
}

#[tokio::test]
async fn what_is_applied_is_on_disk_in_force_and_in_the_history() {
    let house = settled().await;
    // What is kept already is not kept again.
    house.app.adopt_at_start().await.unwrap();
    let (before, first) = (house.text(), house.version());
    let after = before.replacen("capacity     = ", "capacity     = 1", 1);
    let judged = house.app.judge_edit(file(&after, &before), &chief()).await.unwrap();
    assert_eq!(judged.changes.len(), 1, "{:?}", judged.changes);
    assert_eq!((house.text(), house.version()), (before.clone(), first.clone()));

    let report = house.app.apply_edit(file(&after, &before), chief(), Some("more".into())).await.unwrap();
    assert_eq!((house.text(), house.version()), (after.clone(), report.version.clone()));
    assert_eq!(report.previous, first);
    let kept: Vec<_> =
        house.kept().into_iter().map(|kept| (kept.number, kept.adoption.by, kept.adoption.version)).collect();
    assert_eq!(kept, [(2, "chief".to_owned(), report.version.clone()), (1, "chief".to_owned(), first)]);

    // Sent again, it is found done, and nothing more is put in force or kept.
    let since = house.app.loaded().loaded_at;
    house.clock.set(house.clock.now() + chrono::TimeDelta::minutes(1));
    let again = house.app.apply_edit(file(&after, &before), chief(), None).await.unwrap();
    assert_eq!((again.changes, again.version, house.kept().len()), (Vec::new(), report.version, 2));
    assert_eq!(house.app.loaded().loaded_at, since);
}

#[tokio::test]
async fn of_two_who_edit_the_second_is_told() {
    let house = settled().await;
    let before = house.text();
    let first = before.replacen("capacity     = ", "capacity     = 1", 1);
    let second = before.replacen("capacity     = ", "capacity     = 2", 1);
    house.app.apply_edit(file(&first, &before), chief(), None).await.unwrap();
    for refused in [
        house.app.judge_edit(file(&second, &before), &chief()).await.err(),
        house.app.apply_edit(file(&second, &before), chief(), None).await.err(),
    ] {
        assert!(matches!(refused, Some(EditFault::Changed)), "{refused:?}");
    }
    assert_eq!(house.text(), first);
    house.app.apply_edit(file(&second, &first), chief(), None).await.unwrap();
    assert_eq!(house.text(), second);
}

#[tokio::test]
async fn two_at_once_do_not_overwrite_each_other() {
    let house = settled().await;
    let before = house.text();
    let edits = [1, 2, 3, 4].map(|digit| before.replacen("capacity     = ", &format!("capacity     = {digit}"), 1));
    let applying = edits.iter().map(|text| house.app.apply_edit(file(text, &before), chief(), None));
    let outcomes = futures_util::future::join_all(applying).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let winner = outcomes.iter().position(Result::is_ok).unwrap();
    assert_eq!(house.text(), edits[winner]);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_line_and_changes_nothing() {
    let house = settled().await;
    let (before, first) = (house.texts(), house.version());
    let text = house.text();
    let wrong = text.replacen("capacity     = ", "capacity     = -", 1);
    let Err(EditFault::Wrong(errors)) = house.app.apply_edit(file(&wrong, &text), chief(), None).await else {
        panic!("a wrong file was taken");
    };
    let line = 1 + text.lines().position(|line| line.starts_with("capacity     = ")).unwrap();
    assert_eq!((errors.0[0].file.as_str(), errors.0[0].line), (FILE, line));
    assert_eq!((house.texts(), house.version()), (before, first));
}

#[tokio::test]
async fn where_it_does_not_come_into_force_the_old_files_are_put_back() {
    let house = settled().await;
    let (before, text, first) = (house.texts(), house.text(), house.version());
    let after = text.replacen("capacity     = ", "capacity     = 1", 1);
    // No staff is configured, and the token that stands for it cannot be read: only the reload itself finds that.
    let token = house.app.admin_token_file().to_owned();
    fs::remove_file(&token).unwrap();
    fs::create_dir(&token).unwrap();
    let refused = house.app.apply_edit(file(&after, &text), chief(), None).await;
    assert!(matches!(refused, Err(EditFault::Reload(_))), "{refused:?}");
    assert_eq!((house.texts(), house.version(), house.kept().len()), (before, first, 1));
}

#[tokio::test]
async fn a_hall_changes_its_own_file_and_nothing_else() {
    let house = settled().await;
    let (text, snapshot) = (house.text(), house.app.engine().unwrap().snapshot());
    let ids = crate::config::versions::texts::hall_ids_in(&text).unwrap();
    let all: Vec<_> = ids.iter().map(|id| snapshot.hall(id).unwrap().id).collect();
    let own = |halls: &[_]| StaffCaller { id: "desk".into(), halls: Some(halls.to_vec()) };
    let after = text.replacen("capacity     = ", "capacity     = 1", 1);

    let refused = house.app.apply_edit(file(&after, &text), own(&all[1..]), None).await;
    assert!(matches!(refused, Err(EditFault::BeyondOwnHalls)), "{refused:?}");
    let taken_over = after.replacen(&format!("\"{}\"", ids[0]), "\"another-hall\"", 1);
    let refused = house.app.judge_edit(file(&taken_over, &text), &own(&all)).await;
    assert!(matches!(refused, Err(EditFault::BeyondOwnHalls | EditFault::Wrong(_))), "{refused:?}");

    // What somebody else has written and not put in force does not come along.
    let other = house.config_dir().join("halls/ningbo.toml");
    let others = fs::read_to_string(&other).unwrap();
    fs::write(&other, others.replacen("capacity     = ", "capacity     = 1", 1)).unwrap();
    let refused = house.app.apply_edit(file(&after, &text), own(&all), None).await;
    assert!(matches!(refused, Err(EditFault::BeyondOwnHalls)), "{refused:?}");
    fs::write(&other, others).unwrap();

    house.app.apply_edit(file(&after, &text), own(&all), None).await.unwrap();
    assert_eq!(house.text(), after);
}

#[tokio::test]
async fn a_version_that_was_in_force_comes_back_whole() {
    let house = settled().await;
    let (first, before) = (house.version(), house.texts());
    let text = house.text();
    house
        .app
        .apply_edit(file(&text.replacen("capacity     = ", "capacity     = 1", 1), &text), chief(), None)
        .await
        .unwrap();
    let seen = house.texts().digest();
    let (_, texts) = house.app.history().get(1).unwrap().unwrap();
    let stale = Edit::Whole { texts: texts.clone(), was: Some(before.digest()) };
    let wanted = Edit::Whole { texts, was: Some(seen) };
    // The files are not those with which it was compared.
    let edited = house.text();
    fs::write(house.config_dir().join(FILE), format!("# by hand\n{edited}")).unwrap();
    assert!(matches!(house.app.apply_edit(stale, chief(), None).await, Err(EditFault::Changed)));
    fs::write(house.config_dir().join(FILE), edited).unwrap();
    house.app.apply_edit(wanted, chief(), None).await.unwrap();
    assert_eq!((house.version(), house.texts()), (first, before));
    assert_eq!(house.kept().len(), 3);
}
