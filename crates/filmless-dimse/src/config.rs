//! Settings of the DIMSE door, each with its default. How they are written is the server's: it reads `[dicom]`, and checks it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use filmless_model::ae_title::AeTitle;
use filmless_model::uid::SopClassUid;

use crate::users::UserIdentityPolicy;

/// The port that IANA registers for DICOM without root rights.
const DEFAULT_PORT: u16 = 11112;
/// The AE title that peers call.
const DEFAULT_AE_TITLE: &str = "FILMLESS";

/// Settings of the DIMSE door. Times are whole seconds and at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DimseConfig {
    /// Where to listen: `127.0.0.1:11112`.
    pub listen: SocketAddr,
    /// The AE title peers must call; another is rejected: `FILMLESS`.
    pub ae_title: AeTitle,
    /// The largest P-DATA-TF PDU we offer to receive, in bytes without its header: 256 KiB. A longer one is aborted.
    pub max_pdu_length: u32,
    /// How many associations may be open at once; one more is rejected as transient, local limit exceeded: 100.
    pub max_associations: usize,
    /// How many connections may wait without an association; one more closes the one that waits longest: 128.
    pub max_pending_connections: usize,
    /// ARTIM: how long a connection may wait for its A-ASSOCIATE-RQ, or for the peer to close it at the end: 30.
    pub artim_timeout_seconds: u64,
    /// How long an association may rest between two messages: 600.
    pub idle_timeout_seconds: u64,
    /// How long a peer may pause within a message: 60.
    pub message_timeout_seconds: u64,
    /// How long a peer may leave a response unread: 30.
    pub write_timeout_seconds: u64,
    /// How long a peer may take to connect, and to answer an association request of ours: 20.
    pub connect_timeout_seconds: u64,
    /// How long a peer may take to answer a request of ours, as to store an instance: 120.
    pub response_timeout_seconds: u64,
    /// How long an association may live; it is released at its next rest: 86400.
    pub association_timeout_seconds: u64,
    /// How long a shutdown waits for messages in flight: 20.
    pub shutdown_timeout_seconds: u64,
    /// Whether peers have to say which user they act for: optional.
    pub user_identity: UserIdentityPolicy,
    /// How many stores of one association may be under way at once, for peers that propose so: 8.
    pub max_operations: u16,
    /// How long a result of storage commitment that its peer does not take is sent again, in hours: 72.
    pub commitment_report_hours: u64,
    /// How long nothing of a study must have come or gone before peers that want it are told: 60.
    pub availability_quiet_seconds: u64,
    /// Where our DICOMweb is found from outside, as such peers are told: not told.
    pub dicomweb_url: Option<String>,
    /// SOP Classes to store besides those of the standard: none.
    pub private_sop_classes: Vec<SopClassUid>,
    /// Whether any calling AE title may store, search and retrieve from this machine itself (for a demo): false.
    pub accept_any_calling_from_loopback: bool,
}

impl Default for DimseConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), DEFAULT_PORT),
            ae_title: AeTitle::parse(DEFAULT_AE_TITLE).expect("eight capital letters"),
            max_pdu_length: 256 * 1024,
            max_associations: 100,
            max_pending_connections: 128,
            artim_timeout_seconds: 30,
            idle_timeout_seconds: 600,
            message_timeout_seconds: 60,
            write_timeout_seconds: 30,
            connect_timeout_seconds: 20,
            response_timeout_seconds: 120,
            association_timeout_seconds: 24 * 60 * 60,
            shutdown_timeout_seconds: 20,
            user_identity: UserIdentityPolicy::Optional,
            max_operations: 8,
            commitment_report_hours: 72,
            availability_quiet_seconds: 60,
            dicomweb_url: None,
            private_sop_classes: Vec::new(),
            accept_any_calling_from_loopback: false,
        }
    }
}

impl DimseConfig {
    /// The smallest and largest PDU length that may be offered: 4 KiB and 8 MiB.
    pub const PDU_LENGTHS: std::ops::RangeInclusive<u32> = 4096..=8 * 1024 * 1024;

    /// The length we offer, whatever the settings say.
    pub(crate) fn offered_pdu_length(&self) -> u32 {
        self.max_pdu_length.clamp(*Self::PDU_LENGTHS.start(), *Self::PDU_LENGTHS.end())
    }

    pub(crate) fn artim(&self) -> Duration {
        Duration::from_secs(self.artim_timeout_seconds.max(1))
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_timeout_seconds.max(1))
    }

    pub(crate) fn within_message(&self) -> Duration {
        Duration::from_secs(self.message_timeout_seconds.max(1))
    }

    pub(crate) fn write(&self) -> Duration {
        Duration::from_secs(self.write_timeout_seconds.max(1))
    }

    pub(crate) fn connect(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_seconds.max(1))
    }

    pub(crate) fn response(&self) -> Duration {
        Duration::from_secs(self.response_timeout_seconds.max(1))
    }

    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.association_timeout_seconds.max(1))
    }

    pub(crate) fn shutdown(&self) -> Duration {
        Duration::from_secs(self.shutdown_timeout_seconds)
    }
}
