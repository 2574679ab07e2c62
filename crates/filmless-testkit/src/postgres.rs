//! A Postgres cluster of the tests' own, made from the machine's packages and gone with the process that made it.
//!
//! It runs as the user `postgres` when the tests run as root, for initdb refuses root; without syncs, for it is thrown
//! away; on a Unix socket and a free loopback port. `FILMLESS_TEST_SKIP_POSTGRES=1` skips, loudly; a machine without
//! Postgres fails the test otherwise, so that nobody believes that both engines were tested.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// Starts the server (`$1` binaries, `$2` data, `$3` port) and stops it when standard input closes, which happens when
/// the test process ends, however it ends. Then the cluster is removed.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -h 127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=200 \
    -c shared_buffers=32MB -c log_min_messages=log </dev/null &
server=$!
read -r _
kill -QUIT "$server"
wait "$server"
rm -rf "$2"
"#;

/// What the server says once connections are taken.
const READY: &str = "database system is ready to accept connections";

/// A running cluster. It ends with the process of the test.
#[derive(Debug)]
pub struct PostgresCluster {
    port: u16,
    databases: AtomicU32,
    /// Holds the standard input whose closing ends the server.
    keeper: Child,
}

impl PostgresCluster {
    /// The cluster of this process, started when first asked for; `None` if Postgres is to be skipped.
    pub fn shared() -> Option<&'static Self> {
        static CLUSTER: OnceLock<Option<PostgresCluster>> = OnceLock::new();
        CLUSTER.get_or_init(Self::start_unless_skipped).as_ref()
    }

    #[expect(clippy::print_stderr, reason = "a skipped engine must be seen")]
    fn start_unless_skipped() -> Option<Self> {
        if std::env::var("FILMLESS_TEST_SKIP_POSTGRES").is_ok_and(|value| value == "1") {
            eprintln!("\n*** FILMLESS_TEST_SKIP_POSTGRES=1: NOTHING IS TESTED ON POSTGRES ***\n");
            return None;
        }
        Some(Self::start())
    }

    /// Starts a cluster of one's own, for tests that stop or kill it.
    pub fn start() -> Self {
        let binaries = binaries();
        let user = unprivileged_user();
        let folder = tempfile::Builder::new().prefix("filmless-pg-").tempdir().expect("a temporary folder").keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("our own folder");
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).expect("root may give a folder away");
        }
        let initdb = as_user(&mut Command::new(binaries.join("initdb")), user)
            .args(["--no-sync", "--auth=trust", "--username=filmless", "--encoding=UTF8", "--locale=C.UTF-8", "-D"])
            .arg(folder.join("data"))
            .current_dir(&folder)
            .output()
            .expect("initdb can be started");
        assert!(initdb.status.success(), "initdb: {}", String::from_utf8_lossy(&initdb.stderr));

        // Another process may take the port between our look and the server's: then the server ends and we try again.
        for _ in 0..5 {
            let port = free_port();
            if let Some(keeper) = serve(&binaries, &folder, port, user) {
                return Self { port, databases: AtomicU32::new(0), keeper };
            }
        }
        panic!("Postgres did not start; its folder is {}", folder.display());
    }

    /// A fresh, empty database: its `postgres:` URL.
    pub async fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.expect("the cluster takes connections");
        connection.execute(sqlx::raw_sql(AssertSqlSafe(format!("create database {name}")))).await.expect("a free name");
        connection.close().await.expect("an idle connection closes");
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://filmless@127.0.0.1:{}/{database}", self.port)
    }

    /// Ends the server as a power cut would, and removes the cluster.
    pub fn stop(mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().expect("the keeper is our child");
    }
}

/// Starts the server and waits until it is ready; `None` if it ends before that.
fn serve(binaries: &Path, folder: &Path, port: u16, user: Option<(u32, u32)>) -> Option<Child> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", KEEPER, "keeper"]).arg(binaries).arg(folder).arg(port.to_string());
    command.current_dir(folder).env("LC_MESSAGES", "C").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    // A process group of its own: a signal to the test's group must not take the keeper before it has cleaned up.
    command.process_group(0);
    let mut keeper = as_user(&mut command, user).spawn().expect("a shell can be started");
    let mut lines = BufReader::new(keeper.stderr.take().expect("it is piped")).lines();
    let verdict = lines.by_ref().map_while(Result::ok).find(|line| line.contains(READY) || line.contains("FATAL"));
    // Read on, so that the server never waits for its log to be read.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    if verdict.is_some_and(|line| line.contains(READY)) {
        return Some(keeper);
    }
    keeper.kill().expect("the keeper is our child");
    keeper.wait().expect("the keeper is our child");
    None
}

/// The folder of the newest installed Postgres' programs.
fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let with_number =
        versions.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))));
    let newest = with_number.filter(|(_, folder)| folder.join("initdb").exists()).max();
    newest.map(|(_, folder)| folder).expect(
        "no Postgres in /usr/lib/postgresql: install Debian's package `postgresql`, \
         or set FILMLESS_TEST_SKIP_POSTGRES=1 to leave Postgres untested",
    )
}

/// The user and group that the server runs as if we are root.
fn unprivileged_user() -> Option<(u32, u32)> {
    let our_uid = std::fs::metadata("/proc/self").expect("a Linux machine").uid();
    if our_uid != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("every user may read it");
    let ids = |name: &str| {
        let fields: Vec<&str> = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).expect("a user other than root"))
}

fn as_user(command: &mut Command, user: Option<(u32, u32)>) -> &mut Command {
    match user {
        Some((uid, gid)) => command.uid(uid).gid(gid),
        None => command,
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound listener has an address").port()
}
