//! `export --output` onto what there already is: each kind of it is written as it is meant, or refused in words.

use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

use super::command::{Move, session};
use crate::http::renewal;
use crate::process::{Said, hallpass};
use crate::transfer::*;

/// The lines that say what is stored: the first one and the last one say when the export was made.
fn stored_lines(file: &str) -> Vec<&str> {
    let lines: Vec<_> = file.lines().collect();
    assert!(
        lines.len() > 2 && lines[0].contains("hallpass") && lines[lines.len() - 1].starts_with("{\"end\""),
        "{file}"
    );
    lines[1..lines.len() - 1].to_vec()
}

/// A store with two appointments, and what a plain export of it says.
async fn place() -> (Move, String) {
    let place = Move::new();
    let process = place.start("old").await;
    for number in [1, 2] {
        session(&process, number).await.booked(&renewal("08:30")).await;
    }
    process.stop().await;
    let plain = place.export(&[]).await.stdout;
    assert_eq!(stored_lines(&plain).len(), 2);
    (place, plain)
}

async fn refused(place: &Move, args: &[&str], words: &[&str]) -> Said {
    let said = place.run("export", "old", args).await;
    said.failed(words);
    said
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).unwrap().is_symlink()
}

/// The names of everything in the place.
fn names(place: &Move) -> Vec<String> {
    let entries = fs::read_dir(place.path(".")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_file_is_replaced_when_the_new_one_is_whole() {
    let (place, plain) = place().await;
    let (lines, other_name) = (place.path("lines"), place.path("other-name"));
    fs::write(&lines, "somebody's").unwrap();
    fs::set_permissions(&lines, fs::Permissions::from_mode(0o644)).unwrap();
    fs::hard_link(&lines, &other_name).unwrap();
    place.export(&["--output", "lines"]).await;
    assert_eq!(stored_lines(&fs::read_to_string(&lines).unwrap()), stored_lines(&plain));
    assert_eq!(fs::metadata(&lines).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&other_name).unwrap(), "somebody's", "it was never written into");
    assert_eq!(names(&place), ["config", "lines", "old", "other-name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dash_is_standard_output() {
    let (place, plain) = place().await;
    let said = place.export(&["--output", "-"]).await;
    assert_eq!(stored_lines(&said.stdout), stored_lines(&plain));
    refused(&place, &["--output", "-", "--resume"], &["resume"]).await;
    assert_eq!(names(&place), ["config", "old"], "no file of that name");
    place.export(&["--output", "./-"]).await;
    assert_eq!(stored_lines(&fs::read_to_string(place.path("-")).unwrap()), stored_lines(&plain));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_standard_output_goes_on_where_that_is() {
    let (place, plain) = place().await;
    symlink("/dev/stdout", place.path("link")).unwrap();
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"] {
        let kept = place.path("kept");
        fs::write(&kept, "before\n").unwrap();
        let mut run = hallpass(["export"]);
        run.arg("--data").arg(place.path("old")).args(["--output", name]).current_dir(place.path("."));
        run.stdout(fs::File::options().append(true).open(&kept).unwrap()).stderr(Stdio::null());
        assert!(run.status().await.unwrap().success(), "{name}");
        let kept = fs::read_to_string(kept).unwrap();
        let behind = kept.strip_prefix("before\n").unwrap_or_else(|| panic!("{name}: {kept}"));
        assert_eq!(stored_lines(behind), stored_lines(&plain), "{name}");
        refused(&place, &["--output", name, "--resume"], &["resume"]).await;
    }
    refused(&place, &["--output", "/dev/stderr"], &["cannot be written", "a handle of this process"]).await;
    assert!(is_link(&place.path("link")));
    assert_eq!(names(&place), ["config", "kept", "link", "old"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_pipe_is_written_into_and_stays_one() {
    let (place, plain) = place().await;
    let pipe = place.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink("pipe", place.path("link")).unwrap();
    for name in ["pipe", "link"] {
        // A reader of its own, which nothing here waits for before the export has ended.
        let got = fs::File::create(place.path("got")).unwrap();
        let mut reader = Command::new("cat").arg(&pipe).stdin(Stdio::null()).stdout(got).spawn().unwrap();
        let said = place.run("export", "old", &["--output", name]).await;
        let is_pipe = fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo();
        if !is_pipe || !said.status.success() {
            reader.kill().unwrap();
        }
        reader.wait().unwrap();
        assert!(is_pipe && said.status.success(), "{name}: {said:?}");
        assert_eq!(stored_lines(&fs::read_to_string(place.path("got")).unwrap()), stored_lines(&plain), "{name}");
    }
    assert!(is_link(&place.path("link")));
    assert_eq!(names(&place), ["config", "got", "link", "old", "pipe"]);
}

/// A device of its own: a fault must not replace those that the machine lives by. None if only root may make one.
fn device(place: &Move, name: &str, number: &str) -> Option<PathBuf> {
    let path = place.path(name);
    let made = Command::new("mknod").arg(&path).args(["c", "1", number]).stderr(Stdio::null()).status().unwrap();
    let is_usable = made.success() && fs::File::options().write(true).open(&path).is_ok();
    if !is_usable {
        println!("skipped: a device cannot be made here, as only root may");
    }
    is_usable.then_some(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_written_to_and_what_it_refuses_is_said() {
    let (place, _) = place().await;
    let (Some(null), Some(full)) = (device(&place, "null", "3"), device(&place, "full", "7")) else { return };
    place.export(&["--output", "null"]).await;
    refused(&place, &["--output", "null", "--resume"], &["resume"]).await;
    refused(&place, &["--output", "full"], &["cannot be written", "No space left"]).await;
    for device in [null, full] {
        assert!(fs::symlink_metadata(&device).unwrap().file_type().is_char_device(), "{}", device.display());
    }
    assert_eq!(names(&place), ["config", "full", "null", "old"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_followed_to_a_file_that_is_there_or_not_yet() {
    let (place, plain) = place().await;
    fs::create_dir(place.path("away")).unwrap();
    fs::write(place.path("away/there"), "somebody's").unwrap();
    symlink("away/there", place.path("to-a-file")).unwrap();
    symlink("away/new", place.path("to-nothing")).unwrap();
    symlink(place.path("away/also-new"), place.path("away/second")).unwrap();
    symlink("away/second", place.path("to-a-link-to-nothing")).unwrap();
    for (link, file) in
        [("to-a-file", "away/there"), ("to-nothing", "away/new"), ("to-a-link-to-nothing", "away/also-new")]
    {
        place.export(&["--output", link]).await;
        assert!(is_link(&place.path(link)) && !is_link(&place.path(file)), "{link}");
        assert_eq!(stored_lines(&fs::read_to_string(place.path(file)).unwrap()), stored_lines(&plain), "{link}");
        assert_eq!(fs::metadata(place.path(file)).unwrap().permissions().mode() & 0o777, 0o600, "{link}");
    }
    assert!(is_link(&place.path("away/second")));

    // What an interrupted export has left lies beside the file, and is gone on with through the link.
    let whole = fs::read_to_string(place.path("away/new")).unwrap();
    fs::write(place.path("away/new.partial"), &whole[..whole.len() / 2]).unwrap();
    fs::remove_file(place.path("away/new")).unwrap();
    place.export(&["--output", "to-nothing", "--resume"]).await;
    assert_eq!(fs::read_to_string(place.path("away/new")).unwrap(), whole);
    let links = ["to-a-file", "to-a-link-to-nothing", "to-nothing"];
    assert_eq!(names(&place), [&["away", "config", "old"], &links[..]].concat(), "nothing lies beside a link");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_and_a_link_that_leads_to_none_are_refused_in_words() {
    let (place, _) = place().await;
    fs::create_dir(place.path("folder")).unwrap();
    symlink("folder", place.path("to-folder")).unwrap();
    symlink("loop", place.path("loop")).unwrap();
    symlink("nowhere/file", place.path("to-nowhere")).unwrap();
    let before = names(&place);
    for (name, words) in [
        ("folder", "directory"),
        ("folder/", "directory"),
        ("to-folder", "directory"),
        (".", "directory"),
        ("loop", "symbolic links"),
        ("to-nowhere", "No such file or directory"),
        ("nowhere/file", "No such file or directory"),
        ("config/hallpass.toml/file", "Not a directory"),
    ] {
        refused(&place, &["--output", name], &["cannot be written", words]).await;
        assert_eq!(names(&place), before, "{name}");
    }
    assert_eq!(fs::read_dir(place.path("folder")).unwrap().count(), 0);
}
