//! Files that are not as they were written.

use super::*;

#[test]
fn a_file_that_is_cut_at_any_byte_is_refused_with_the_mend() {
    let file = Place::with(&short_life()).export();
    judged(&file).expect("the whole file is taken");
    for cut in 0..file.len() {
        let fault = judged(&file[..cut]).expect_err("cut").to_string();
        let expected = if cut == 0 { "no hallpass export" } else { "--resume" };
        assert!(fault.contains(expected), "cut at {cut}: {fault}");
    }
    let cut_behind = file.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(2).unwrap().0;
    assert!(judged(&file[..=cut_behind]).unwrap_err().to_string().contains("cut off behind line 3;"));
}

#[test]
fn a_file_with_any_byte_changed_is_refused() {
    let file = Place::with(&short_life()).export();
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(judged(&changed).is_err(), "changed at {at}");
    }
}

/// A change that is sound JSON in every way.
#[test]
fn a_line_that_was_changed_by_hand_is_found() {
    let file = String::from_utf8(Place::with(&life()).export()).unwrap();
    let check = |from: &str, to: &str, words: &str| {
        assert!(file.contains(from), "{from}");
        let fault = judged(file.replacen(from, to, 1).as_bytes()).expect_err(from).to_string();
        assert!(fault.contains(words) && fault.contains("export again"), "{from}: {fault}");
    };
    check("\"status\":\"served\"", "\"status\":\"no_show\"", "checksum of its lines");
    check("\"sealed\":[\"", "\"sealed\":[\"AAAA", "checksum of its lines");
    check("slot_full", "slot_fill", "checksum of its lines");
    check("\"second\"", "\"third\"", "SHA-256");
    check("\"made_at\":\"2026", "\"made_at\":\"2025", "SHA-256");
    check("\"revision\":0", "\"revision\": 0", "SHA-256");
    check("\"end\":{\"appointments\":10", "\"end\":{\"appointments\":11", "its last line says 11 and 4");
    check("\"status\":\"held\"", "\"status\":\"booked\"", "a hold has an end");

    let lines: Vec<&str> = file.lines().collect();
    for at in 1..lines.len() - 1 {
        let without: Vec<_> =
            lines.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, line)| *line).collect();
        assert!(judged((without.join("\n") + "\n").as_bytes()).is_err(), "without line {at}");
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        let fault = judged((twice.join("\n") + "\n").as_bytes()).unwrap_err().to_string();
        assert!(fault.contains("in its order, or is there twice"), "line {at} twice: {fault}");
        if at + 1 < lines.len() - 1 {
            let mut swapped = lines.clone();
            swapped.swap(at, at + 1);
            assert!(judged((swapped.join("\n") + "\n").as_bytes()).is_err(), "line {at} behind the next");
        }
    }
    let fault = judged(format!("{file}{}\n", lines[1]).as_bytes()).unwrap_err().to_string();
    assert!(fault.contains("more follows"), "{fault}");
}

#[test]
fn nothing_is_taken_from_a_file_that_was_cut_or_changed() {
    let file = Place::with(&life()).export();
    let text = String::from_utf8(file.clone()).unwrap();
    for spoilt in [&file[..file.len() - 1], text.replacen("\"revision\":0", "\"revision\":3", 1).as_bytes()] {
        let to = Place::new();
        assert!(to.import(spoilt).is_err());
        assert_eq!((to.entries(), to.format().as_str()), (0, "hallpass-ledger 3\n"));
        to.import(&file).unwrap();
    }
}

#[test]
fn what_is_no_export_or_a_later_one_is_refused() {
    let file = String::from_utf8(Place::with(&short_life()).export()).unwrap();
    let refused = |file: &str, words: &str| {
        let fault = judged(file.as_bytes()).expect_err(words).to_string();
        assert!(fault.contains(words), "{words}: {fault}");
    };
    refused("hello\n", "no hallpass export");
    refused("{\"name\":1}\n", "no hallpass export");
    let later = file.replacen("\"hallpass_export\":2,", "\"hallpass_export\":3,\"colour\":\"red\",", 1);
    refused(&later, "export format 3, and this hallpass knows formats up to 2");
    refused(&file.replacen("\"revealed\":false", "\"revealed\":false,\"colour\":1", 1), "line 1 cannot be read");
    refused(
        &file.replacen("{\"appointment\"", &format!("{}{{\"appointment\"", " ".repeat(1 << 20)), 1),
        "bytes; export",
    );
}
