//! A door on a port of its own, over an archive in a temporary folder.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use filmless_archive::{Archive, ArchiveLimits};
use filmless_blobstore::{Blobstore, config::BlobstoreConfig};
use filmless_codecs::{CodecLimits, Codecs};
use filmless_dimse::DimseConfig;
use filmless_dimse::users::{UserRefusal, Users};
use filmless_index::{Index, IndexConfig, StoredInstance, VersionSummary};
use filmless_model::account::{AccountName, Role};
use filmless_model::actor::{Acts, User};
use filmless_model::address::Resource;
use filmless_model::ae_title::AeTitle;
use filmless_model::certificate::CertificateBinding;
use filmless_model::commitment::{AskedCommitment, CommitmentAnswer, CommitmentSummary};
use filmless_model::peer::{InboxEntry, Peer, PeerRights};
use futures::future::BoxFuture;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::client::{Client, command, echo_rq};

/// Panics in tasks of this process: a task that panics ends quietly otherwise.
static PANICS: AtomicUsize = AtomicUsize::new(0);
static COUNT_PANICS: Once = Once::new();

/// Accounts: lan is an administrator, minh a reader; the passcode of each is `secret`. All passcodes of "guessed" were wrong.
struct Staff;

impl Users for Staff {
    fn check<'a>(&'a self, _: IpAddr, username: &'a str, passcode: Option<&'a str>) -> BoxFuture<'a, Result<User, UserRefusal>> {
        let role = match (username, passcode) {
            ("guessed", _) => Err(UserRefusal::TooManyAttempts),
            ("nobody can tell", _) => Err(UserRefusal::Unavailable),
            ("lan", None | Some("secret")) => Ok(Role::Admin),
            ("minh", None | Some("secret")) => Ok(Role::Radiologist),
            _ => Err(UserRefusal::Wrong),
        };
        let user = role.map(|role| User { name: AccountName::parse(username).expect("a name"), role, within: Acts::ALL });
        Box::pin(std::future::ready(user))
    }
}

pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    pub(crate) archive: Arc<Archive>,
    pub(crate) index: Arc<dyn Index>,
    pub(crate) folder: TempDir,
    shutdown: CancellationToken,
    serving: JoinHandle<()>,
}

impl Door {
    pub(crate) async fn open() -> Self {
        Self::with(|_| ()).await
    }

    /// Opens a door whose settings are changed by `change`. Peers CT1 may store, search, retrieve and ask for the worklist,
    /// VIEWER may not store nor ask for it, STORER only store.
    pub(crate) async fn with(change: impl FnOnce(&mut DimseConfig)) -> Self {
        COUNT_PANICS.call_once(|| {
            let print = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                if panic.location().is_some_and(|location| !location.file().contains("tests/it")) {
                    PANICS.fetch_add(1, Ordering::SeqCst);
                }
                print(panic);
            }));
        });
        let folder = TempDir::new().expect("a temporary folder");
        let blobs = folder.path().join("blobs");
        let blobstore = Blobstore::open(&BlobstoreConfig {
            url: format!("file://{}", blobs.display()),
            endpoint: None,
            region: None,
            access_key_id: None,
            secret_access_key: None,
            staging: folder.path().join("staging"),
        })
        .expect("a blobstore in a temporary folder");
        let database = database(&folder);
        filmless_index::migrate(&database).await.expect("a new database");
        let index = filmless_index::open(&database).await.expect("a migrated database");
        for (ae_title, store, query, worklist, address) in [
            ("CT1", true, true, true, None),
            ("VIEWER", false, true, false, None),
            ("STORER", true, false, false, None),
            ("ELSEWHERE", true, true, false, Some("192.0.2.1")),
            ("BOUND", true, true, false, None),
        ] {
            let peer = Peer {
                address: address.map(str::to_owned),
                rights: PeerRights { store, query, retrieve: query, worklist, ..PeerRights::default() },
                certificate: (ae_title == "BOUND").then(|| CertificateBinding::CommonName("BOUND".to_owned())),
                ..Peer::named(AeTitle::parse(ae_title).expect("an AE title"))
            };
            index.put_peer(&peer).await.expect("the database takes a peer");
        }
        let codecs = Codecs::new(CodecLimits::default());
        let archive = Archive::new(index.clone(), blobstore, codecs, ArchiveLimits::default());
        let mut config = DimseConfig::default();
        change(&mut config);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(filmless_dimse::serve(listener, archive.clone(), Arc::new(Staff), config, shutdown.clone()));
        Self { address, archive, index, folder, shutdown, serving }
    }

    /// Makes a peer known, or changes what is known of it.
    pub(crate) async fn know(&self, peer: Peer) {
        self.index.put_peer(&peer).await.expect("the database takes a peer");
    }

    /// Writes down what a peer was asked to vouch for.
    pub(crate) async fn has_asked(&self, asked: &AskedCommitment) {
        self.index.add_asked_commitment(asked).await.expect("the database takes it");
    }

    /// What it said.
    pub(crate) async fn answer_to(&self, asked: &AskedCommitment) -> Option<CommitmentAnswer> {
        self.index.asked_commitment(&asked.transaction).await.expect("the door's database")?.answer
    }

    /// From now on the door's database fails.
    pub(crate) async fn lose_database(&self) {
        self.index.close().await;
    }

    /// The database over a connection of our own, so that it answers when the door's does not.
    async fn database(&self) -> Arc<dyn Index> {
        filmless_index::open(&database(&self.folder)).await.expect("the door's database")
    }

    /// All versions, served or not.
    pub(crate) async fn versions(&self) -> Vec<VersionSummary> {
        self.database().await.versions(None, 1000).await.expect("an answer")
    }

    /// The served instances, by study, series and UID.
    pub(crate) async fn stored(&self) -> Vec<StoredInstance> {
        let studies: BTreeSet<_> = self.versions().await.into_iter().map(|version| version.address.study).collect();
        let mut stored = Vec::new();
        for study in studies {
            stored.extend(self.database().await.instances(&Resource::Study(study)).await.expect("an answer"));
        }
        stored
    }

    /// The inbox.
    pub(crate) async fn remembered(&self) -> Vec<InboxEntry> {
        self.database().await.inbox(1000).await.expect("an answer")
    }

    /// The storage commitments, last asked for first.
    pub(crate) async fn commitments(&self) -> Vec<CommitmentSummary> {
        self.database().await.commitments(1000).await.expect("an answer")
    }

    /// Changes a byte of one of the blobs.
    pub(crate) fn damage_a_blob(&self) {
        fn first(folder: &std::path::Path) -> Option<std::path::PathBuf> {
            std::fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
                let (path, length) = (entry.path(), entry.metadata().ok()?.len());
                if path.is_dir() { first(&path) } else { (length > 0).then_some(path) }
            })
        }
        let blob = first(&self.folder.path().join("blobs")).expect("a blob");
        let mut bytes = std::fs::read(&blob).expect("a readable blob");
        *bytes.last_mut().expect("bytes") ^= 1;
        std::fs::write(&blob, bytes).expect("a writable blob");
    }

    /// Begins a shutdown.
    pub(crate) fn shut_down(&self) {
        self.shutdown.cancel();
    }

    /// Waits for the end of a shutdown, and sees that nothing panicked and nothing is half stored.
    pub(crate) async fn ended(mut self) {
        self.shutdown.cancel();
        (&mut self.serving).await.expect("the door does not panic");
        assert_eq!(PANICS.load(Ordering::SeqCst), 0, "a task panicked");
        let versions = self.versions().await.len();
        assert_eq!(files_under(&self.folder.path().join("blobs")), versions, "blobs without a commit");
    }

    /// Sees that the door still serves.
    pub(crate) async fn still_serves(&self) {
        let mut client = Client::associated(self.address).await;
        client.send(&command(5, &echo_rq(9))).await;
        assert_eq!(client.status(9).await, 0);
        client.release().await;
    }
}

fn database(folder: &TempDir) -> IndexConfig {
    IndexConfig::new(format!("sqlite:{}", folder.path().join("index.sqlite").display()))
}

fn files_under(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .map(|entry| {
            let metadata = |entry: &std::fs::DirEntry| entry.metadata().expect("a file system");
            let entry = entry.expect("a readable folder");
            if metadata(&entry).is_dir() { files_under(&entry.path()) } else { usize::from(metadata(&entry).len() > 0) }
        })
        .sum()
}
