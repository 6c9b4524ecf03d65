//! What works and may not be what was meant: said by `check`, in the log, and by `/readyz`.

use std::fs;

use chrono_tz::IANA_TZDB_VERSION;

use crate::http::{Caller, Door, Files};
use crate::process::{Process, hallpass, outcome, serve};

/// A compiled zone nine hours east of Greenwich for ever.
fn nine_hours_east() -> Vec<u8> {
    let counts: [u32; 6] = [0, 0, 0, 0, 1, 4];
    let header = [b"TZif2".as_slice(), &[0; 15], &counts.map(u32::to_be_bytes).concat()].concat();
    let kind = [(9 * 3600_i32).to_be_bytes().as_slice(), &[0, 0], b"LMT\0"].concat();
    [header.as_slice(), &kind, &header, &kind, b"\nLMT-9\n"].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_said_wherever_an_operator_looks() {
    let place = tempfile::tempdir().unwrap();
    let (config, data, zones) = (place.path().join("config"), place.path().join("data"), place.path().join("zones"));
    Files::default().with("halls/north.TOML", "[[hall]]").write(&config);
    fs::create_dir_all(zones.join("Asia")).unwrap();
    fs::write(zones.join("Asia/Shanghai"), nine_hours_east()).unwrap();
    fs::write(zones.join("tzdata.zi"), "# version 2099a\n").unwrap();
    let words =
        ["halls/north.TOML: the file is not read", "Asia/Shanghai is UTC+08:00", "UTC+09:00", "(2099a)", "60 minutes"];

    let mut check = hallpass(["check".as_ref(), "--config".as_ref(), config.as_os_str()]);
    check.env("TZDIR", &zones);
    let said = outcome(check).await;
    assert_eq!(said.status.code(), Some(0), "a hint is no error: {said:?}");
    assert!(said.stdout.contains(&format!("\ntime zones: {IANA_TZDB_VERSION}\n")), "{said:?}");
    for words in words {
        assert!(
            said.stdout.lines().any(|line| line.starts_with("hint: ") && line.contains(words)),
            "{words}: {said:?}"
        );
    }

    let mut command = serve(&config, &data);
    command.env("TZDIR", &zones).args(["--now", "2026-11-24T12:00:00+08:00"]);
    let server = Process::start(command).await;
    let ready = Caller::new(Door::to(server.address), None).get("/readyz").await.ok(200);
    assert_eq!((&ready["status"], &ready["time_zones"]), (&"ready".into(), &IANA_TZDB_VERSION.into()));
    let hints = ready["hints"].to_string();
    for words in words {
        assert!(hints.contains(words) && server.log().contains(words), "{words}: {hints} {}", server.log());
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_read_and_a_filter_that_cannot_be_are_named() {
    let place = tempfile::tempdir().unwrap();
    let mut simulate = hallpass(["simulate", "--config", "/nowhere/at/all", "--admin-token-file", "/nowhere"]);
    simulate.current_dir(place.path());
    let said = outcome(simulate).await;
    assert!(said.stderr.contains("the admin token file is not read") && said.stderr.contains("--url"), "{said:?}");

    let config = place.path().join("config");
    Files::default().write(&config);
    let mut command = serve(&config, &place.path().join("data"));
    command.env("HALLPASS_LOG", "debug,=,");
    let server = Process::start(command).await;
    server.until_logged("HALLPASS_LOG cannot be read").await;
    server.stop().await;
}
