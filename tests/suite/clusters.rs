//! The PostgreSQL of the tests does what the tests of a store on it rely on.

use std::io::{BufRead as _, BufReader, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::world::postgres::{Cable, Certificate, Cluster, Pgbouncer, Session, sql, try_sql, until, url_of_writer};

const TABLE: &str = "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL)";

/// Inserts a word.
fn insert(word: &str) -> String {
    format!("INSERT INTO t (word) VALUES ('{word}') RETURNING id")
}

fn words(url: &str) -> String {
    sql(url, "SELECT string_agg(word, ' ' ORDER BY id) FROM t")
}

fn data_of(cluster: &Cluster) -> String {
    sql(&cluster.url("postgres"), "SHOW data_directory")
}

#[test]
fn a_cluster_answers_on_loopback_and_on_its_socket() {
    let (one, two) = (Cluster::start(), Cluster::with(&["max_connections=7"]));
    for cluster in [&one, &two] {
        let url = cluster.database("halls");
        assert_eq!(url, format!("postgresql://postgres@127.0.0.1:{}/halls", cluster.port()));
        for url in [url, cluster.socket_url("halls")] {
            assert_eq!(sql(&url, "SELECT current_user, current_database()"), "postgres|halls");
            let durable =
                "SELECT string_agg(setting, ' ') FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')";
            assert_eq!(sql(&url, durable), "on on");
        }
    }
    let most = |cluster: &Cluster| sql(&cluster.url("halls"), "SHOW max_connections");
    assert_eq!((most(&one).as_str(), most(&two).as_str()), ("100", "7"));
}

#[test]
fn a_statement_that_fails_ends_the_rest_and_says_why() {
    let url = Cluster::start();
    let url = url.database("halls");
    let said = try_sql(&url, &format!("{TABLE}; SELECT 1 / 0; {}", insert("never"))).unwrap_err();
    assert!(said.contains("division by zero"), "{said}");
    assert_eq!(sql(&url, "SELECT count(*) FROM t"), "0");
}

#[test]
fn a_setting_is_there_for_the_next_connection_and_after_a_restart() {
    let mut cluster = Cluster::start();
    let url = cluster.url("postgres");
    cluster.set("work_mem", "3MB");
    cluster.set("max_connections", "9");
    let settings = "SELECT current_setting('work_mem'), current_setting('max_connections')";
    assert_eq!(sql(&url, settings), "3MB|100");
    cluster.restart();
    assert_eq!(sql(&url, settings), "3MB|9");
}

#[test]
fn what_was_committed_is_there_after_a_stop_and_after_a_kill() {
    let mut cluster = Cluster::start();
    let url = cluster.database("halls");
    sql(&url, TABLE);
    for (word, kill) in [("stopped", false), ("killed", true), ("killed-again", true)] {
        sql(&url, &insert(word));
        let mut session = Session::open(&url);
        session.send("BEGIN");
        session.send(&insert("uncommitted"));
        assert!(session.answer().is_some());
        if kill {
            cluster.kill();
        } else {
            cluster.stop();
        }
        assert!(try_sql(&url, "SELECT 1").unwrap_err().contains("Connection refused"));
        session.send("COMMIT; SELECT 1");
        assert_eq!(session.answer(), None);
        cluster.restart();
    }
    assert_eq!(words(&url), "stopped killed killed-again");
    let log = cluster.log();
    assert_eq!(log.matches("database system was interrupted").count(), 2, "{log}");
}

#[test]
fn a_synchronous_standby_has_everything_when_it_takes_the_place_of_its_primary() {
    let mut primary = Cluster::start();
    let url = primary.database("halls");
    sql(&url, TABLE);
    let standby = primary.standby(true);
    let writer = url_of_writer(&[primary.port(), standby.port()], "halls");
    let where_written = "SELECT inet_server_port()";
    assert_eq!(sql(&writer, where_written), primary.port().to_string());
    assert!(try_sql(&standby.url("halls"), &insert("refused")).unwrap_err().contains("read-only transaction"));
    // A commit that has been acknowledged in the moment of the death.
    let mut session = Session::open(&url);
    for number in 0..100 {
        session.send(&insert(&number.to_string()));
        assert!(session.answer().is_some());
    }
    primary.kill();
    standby.promote();
    assert_eq!(sql(&writer, where_written), standby.port().to_string());
    assert_eq!(sql(&writer, "SELECT count(*) FROM t"), "100");
    // It waits for nobody itself.
    sql(&writer, &insert("after"));
}

#[test]
fn a_commit_waits_for_a_synchronous_standby_and_not_for_another() {
    let primary = Cluster::start();
    let url = primary.database("halls");
    sql(&url, TABLE);
    let (mut waited_for, mut other) = (primary.standby(true), primary.standby(false));
    other.kill();
    sql(&url, &insert("not waiting"));
    waited_for.kill();
    let mut session = Session::open(&url);
    session.send(&insert("waiting"));
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    until("a commit waits", || sql(&url, waiting) == "1");
    assert_eq!(words(&url), "not waiting");
    waited_for.restart();
    assert_eq!(session.answer().as_deref(), Some("2"));
    assert_eq!(words(&waited_for.url("halls")), "not waiting waiting");
}

#[test]
fn a_pool_answers_and_finds_its_cluster_again() {
    let mut cluster = Cluster::start();
    cluster.database("halls");
    let pool = Pgbouncer::start(&cluster);
    let url = pool.url("halls");
    assert!(url.contains(&pool.port().to_string()) && pool.port() != cluster.port(), "{url}");
    sql(&url, TABLE);
    // Two clients of one connection take turns, one for each transaction.
    let mut sessions = [Session::open(&url), Session::open(&url)];
    let processes = sessions.each_mut().map(|session| {
        session.send("SELECT pg_backend_pid()");
        session.answer().unwrap()
    });
    assert_eq!(processes[0], processes[1]);
    drop(sessions);
    cluster.kill();
    assert!(try_sql(&url, "SELECT 1").is_err());
    cluster.restart();
    until("the pool is connected", || try_sql(&url, &insert("again")).is_ok());
    assert_eq!(words(&cluster.url("halls")), "again");
    assert!(pool.log().contains("server conn crashed") || pool.log().contains("closing because"), "{}", pool.log());
}

#[test]
fn a_cut_cable_resets_connections_old_and_new() {
    let cluster = Cluster::start();
    let cable = Cable::to(&cluster);
    let url = cable.url("postgres");
    let mut session = Session::open(&url);
    cable.cut();
    session.send("SELECT 1");
    assert_eq!(session.answer(), None);
    try_sql(&url, "SELECT 1").unwrap_err();
    // A cut that is mended at once ends what was open all the same.
    cable.mend();
    assert_eq!(sql(&url, "SELECT 1"), "1");
    let mut session = Session::open(&url);
    cable.cut();
    cable.mend();
    session.send("SELECT 1");
    assert_eq!(session.answer(), None);
    assert_eq!(sql(&url, "SELECT inet_server_port()"), cluster.port().to_string());
    assert_ne!(cable.port(), cluster.port());
}

#[test]
fn a_frozen_cable_is_silent_until_it_is_mended() {
    let cluster = Cluster::start();
    let direct = cluster.database("halls");
    sql(&direct, TABLE);
    let cable = Cable::to(&cluster);
    let mut session = Session::open(&cable.url("halls"));
    cable.freeze();
    session.send(&insert("sent first"));
    let said = try_sql(&format!("{}?connect_timeout=2", cable.url("halls")), "SELECT 1").unwrap_err();
    assert!(said.contains("timeout expired"), "{said}");
    assert_eq!(sql(&direct, &insert("sent second")), "1");
    cable.mend();
    assert_eq!(session.answer().as_deref(), Some("2"));
    // A cut ends also what is frozen.
    cable.freeze();
    session.send(&insert("never arrives"));
    cable.cut();
    assert_eq!(session.answer(), None);
    assert_eq!(words(&direct), "sent second sent first");
}

#[test]
fn a_large_answer_comes_whole_through_a_cable() {
    let cluster = Cluster::start();
    let cable = Cable::to(&cluster);
    let url = cable.url("postgres");
    let answer = sql(&url, "SELECT string_agg(n::text, '') FROM generate_series(1, 1000000) AS n");
    assert_eq!(answer.len(), 5_888_896);
    assert_eq!(sql(&url, &format!("SELECT length('{answer}')")), "5888896");
}

#[test]
fn a_certificate_is_accepted_for_the_host_that_it_names() {
    let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let ask = |cluster: &Cluster, mode: &str, authority: &Cluster| {
        let authority = authority.authority();
        let url = format!("{}?sslmode={mode}&sslrootcert={}", cluster.url("postgres"), authority.display());
        try_sql(&url, encrypted)
    };
    let this = Cluster::with_tls(Certificate::OfThisHost);
    let another = Cluster::with_tls(Certificate::OfAnotherHost);
    assert_eq!(ask(&this, "verify-full", &this).as_deref(), Ok("t"));
    assert_eq!(ask(&this, "disable", &this).as_deref(), Ok("f"));
    assert_eq!(ask(&another, "verify-ca", &another).as_deref(), Ok("t"));
    let said = ask(&another, "verify-full", &another).unwrap_err();
    assert!(said.contains("does not match host name"), "{said}");
    let said = ask(&this, "verify-full", &another).unwrap_err();
    assert!(said.contains("certificate verify failed"), "{said}");
}

#[test]
fn nothing_is_left_when_a_test_ends_or_panics() {
    let running = Cluster::start();
    let mut killed = Cluster::start();
    let pool = Pgbouncer::start(&running);
    let folders = [data_of(&running), data_of(&killed)];
    let urls = [running.url("postgres"), killed.url("postgres"), pool.url("postgres")];
    killed.kill();
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _owned = (killed, pool, running);
        panic!("a test that fails");
    }));
    assert!(panicked.is_err());
    for url in urls {
        assert!(try_sql(&url, "SELECT 1").unwrap_err().contains("Connection refused"), "{url}");
    }
    assert!(folders.iter().all(|folder| !Path::new(folder).parent().unwrap().exists()), "{folders:?}");
}

#[test]
fn nothing_is_left_when_a_test_is_killed() {
    let mut test = Command::new(std::env::current_exe().unwrap());
    test.args(["--exact", "clusters::only_waits", "--ignored", "--nocapture"]);
    let mut test = test.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(test.stdout.take().unwrap()).lines().map(Result::unwrap);
    let said = lines.find_map(|line| line.split_once("it runs: ").map(|(_, said)| said.to_owned())).unwrap();
    let (folder, url) = said.split_once(' ').unwrap();
    assert_eq!(sql(url, "SELECT 1"), "1");
    test.kill().unwrap();
    test.wait().unwrap();
    until("the folder is removed", || !Path::new(folder).parent().unwrap().exists());
    assert!(try_sql(url, "SELECT 1").unwrap_err().contains("Connection refused"), "{url}");
}

#[test]
#[ignore = "the test that is killed"]
fn only_waits() {
    let cluster = Cluster::start();
    println!("it runs: {} {}", data_of(&cluster), cluster.url("postgres"));
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}
