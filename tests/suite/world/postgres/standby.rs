//! A second cluster that follows a first one, and takes its place.

use std::fs;

use tempfile::TempDir;

use super::cluster::{Cluster, configure, data};
use super::programs::{as_server_user, give_to_server_user, program, run, server_folder};
use super::until;

/// The setting of a primary that makes its commits wait.
const WAITED_FOR: &str = "synchronous_standby_names";

impl Cluster {
    /// Starts a standby that streams from this cluster. A synchronous one has every commit before it is acknowledged; it
    /// takes the place of an earlier one.
    pub fn standby(&self, sync: bool) -> Self {
        let folder = server_folder();
        self.back_up_to(&folder);
        let name = folder.path().file_name().unwrap().to_str().unwrap().replace('-', "_").to_lowercase();
        let source =
            format!("primary_conninfo=host=127.0.0.1 port={} user=postgres application_name={name}", self.port());
        fs::write(data(&folder).join("standby.signal"), "").unwrap();
        give_to_server_user(folder.path());
        // A primary that comes back is followed again at once.
        let standby = Self::on(folder, &[&source, "wal_retrieve_retry_interval=100ms"]);
        let follows = |column: &str, word: &str| {
            let state = format!("SELECT {column} FROM pg_stat_replication WHERE application_name = '{name}'");
            until("the standby follows", || self.ask(&state) == word);
        };
        follows("state", "streaming");
        if sync {
            self.set(WAITED_FOR, &name);
            // Commits wait from when the checkpointer has read the setting, which it does before it obeys this.
            self.ask("CHECKPOINT");
            follows("sync_state", "sync");
        }
        standby
    }

    /// Makes a standby take writes, and waits until it does.
    pub fn promote(&self) {
        assert_eq!(self.ask("SELECT pg_promote()"), "t");
    }

    /// A copy as it is now, that waits for no standby even where this cluster does.
    fn back_up_to(&self, folder: &TempDir) {
        let mut backup = as_server_user(program("pg_basebackup"));
        let port = self.port().to_string();
        backup.args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-X", "stream", "-c", "fast", "--no-sync"]);
        run(backup.arg("-D").arg(data(folder)).current_dir(folder));
        let changed = data(folder).join("postgresql.auto.conf");
        let settings = fs::read_to_string(&changed).unwrap();
        let kept = settings.lines().filter(|line| !line.starts_with(WAITED_FOR)).map(|line| format!("{line}\n"));
        fs::write(changed, kept.collect::<String>()).unwrap();
        configure(folder, [format!("{WAITED_FOR}=")]);
    }
}
