//! DICOM nodes: those the archive knows, and those that knocked without being known.

use std::net::IpAddr;

use crate::ae_title::AeTitle;
use crate::certificate::CertificateBinding;
use crate::machine::Machine;
use crate::uid::TransferSyntaxUid;

/// What a peer may do.
#[expect(clippy::struct_excessive_bools, reason = "independent rights, each a word of --allow")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeerRights {
    /// Store instances.
    pub store: bool,
    /// Search.
    pub query: bool,
    /// Retrieve.
    pub retrieve: bool,
    /// Replace instances that another source stored first.
    pub replace: bool,
    /// Ask for the worklist, and say how far it is with a step of it.
    pub worklist: bool,
}

impl PeerRights {
    /// The words of `--allow`, in order.
    pub const WORDS: [&str; 5] = ["store", "query", "retrieve", "replace", "worklist"];

    /// Reads words separated by commas; the error is the word that is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rights = Self::default();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word {
                "store" => rights.store = true,
                "query" => rights.query = true,
                "retrieve" => rights.retrieve = true,
                "replace" => rights.replace = true,
                "worklist" => rights.worklist = true,
                _ => return Err(word.to_owned()),
            }
        }
        Ok(rights)
    }

    /// These rights and others.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self {
            store: self.store || others.store,
            query: self.query || others.query,
            retrieve: self.retrieve || others.retrieve,
            replace: self.replace || others.replace,
            worklist: self.worklist || others.worklist,
        }
    }

    /// The words again.
    pub fn to_words(self) -> String {
        let flags = [self.store, self.query, self.retrieve, self.replace, self.worklist];
        let words: Vec<_> = Self::WORDS.into_iter().zip(flags).filter_map(|(word, set)| set.then_some(word)).collect();
        words.join(",")
    }
}

/// A known peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its AE title.
    pub ae_title: AeTitle,
    /// The host it must call from, an address or a name; any if absent. Also where we call it.
    pub address: Option<String>,
    /// The port where we call it.
    pub port: Option<u16>,
    /// Whether we call it by TLS.
    pub tls: bool,
    /// What it may do.
    pub rights: PeerRights,
    /// How the worklist is put to it.
    pub worklist: WorklistOptions,
    /// The certificate it must show; any or none if absent.
    pub certificate: Option<CertificateBinding>,
    /// Where it may have instances moved to, if it may retrieve.
    pub move_destinations: MoveDestinations,
    /// The transfer syntaxes that instances are taken in, the preferred first. All, in the order it proposes them, if empty.
    pub accepted_transfer_syntaxes: Vec<TransferSyntaxUid>,
    /// The transfer syntaxes that instances are sent in, the preferred first; that which an instance is stored in comes before
    /// them, if it is one of them. That one and the uncompressed ones, if empty.
    pub offered_transfer_syntaxes: Vec<TransferSyntaxUid>,
    /// At most so many associations of it at a time; as many as of all peers, if absent.
    pub max_associations: Option<u32>,
    /// Whether it is told that studies are here, if it may retrieve.
    pub instance_availability: bool,
    /// What the hospital's books say of it.
    pub machine: Machine,
}

impl Peer {
    /// A peer that may do nothing, and of which nothing is set.
    pub fn named(ae_title: AeTitle) -> Self {
        Self {
            ae_title,
            address: None,
            port: None,
            tls: false,
            rights: PeerRights::default(),
            worklist: WorklistOptions::default(),
            certificate: None,
            move_destinations: MoveDestinations::default(),
            accepted_transfer_syntaxes: Vec::new(),
            offered_transfer_syntaxes: Vec::new(),
            max_associations: None,
            instance_availability: false,
            machine: Machine::default(),
        }
    }

    /// What it becomes when it is let in from the inbox: it calls from this address and may do this beside what it may
    /// already. All else stays.
    #[must_use]
    pub fn let_in(self, address: IpAddr, rights: PeerRights) -> Self {
        let address = Some(address.to_canonical().to_string());
        Self { address, rights: self.rights.and(rights), ..self }
    }
}

/// Where a peer may have instances moved to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum MoveDestinations {
    /// To every peer that can be called.
    #[default]
    All,
    /// To these; nowhere, if there are none.
    Only(Vec<AeTitle>),
}

impl MoveDestinations {
    /// Whether it may have instances moved there.
    pub fn contain(&self, destination: &AeTitle) -> bool {
        match self {
            Self::All => true,
            Self::Only(listed) => listed.contains(destination),
        }
    }
}

/// How the worklist is put to a machine that cannot show every text (vietnam.md I10 to I17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorklistOptions {
    /// In which characters.
    pub characters: WorklistCharacters,
    /// How names are put.
    pub names: WorklistNames,
    /// At most so many entries; all if absent.
    pub max_entries: Option<u32>,
}

/// In which characters the worklist is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WorklistCharacters {
    /// As they are, in UTF-8 where there is more than ASCII. The default: a machine writes the name into its images, and one
    /// without its marks is another name.
    #[default]
    Utf8,
    /// In ASCII, without marks.
    Ascii,
}

/// How names are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WorklistNames {
    /// As the order has them.
    #[default]
    AsOrdered,
    /// In one component, in the order in which they are spoken: family, middle, given.
    Whole,
    /// In components: the first word is the family's, the last the given name, those between the middle ones.
    Parsed,
}

impl WorklistCharacters {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Utf8, Self::Ascii];

    /// The word in the table and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Ascii => "ascii",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|characters| characters.as_str() == text)
    }
}

impl WorklistNames {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AsOrdered, Self::Whole, Self::Parsed];

    /// The word in the table and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsOrdered => "as-ordered",
            Self::Whole => "whole",
            Self::Parsed => "parsed",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|names| names.as_str() == text)
    }
}

/// An association that was turned away, kept so that an administrator can accept the peer with one act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEntry {
    /// As the peer called itself, made printable. Empty, as the next, if its connection could not be made secure.
    pub calling_ae_title: String,
    /// As the peer called us, made printable.
    pub called_ae_title: String,
    /// From where.
    pub address: IpAddr,
    /// Why it was turned away: in the words of PS3.8 section 9.3.4 (A-ASSOCIATE-RJ), and then in ours where those are few.
    pub reason: String,
    /// The abstract syntaxes it proposed.
    pub abstract_syntaxes: Vec<String>,
    /// The first time, in milliseconds since 1970-01-01T00:00:00Z.
    pub first_ms: i64,
    /// The last time, in the same unit.
    pub last_ms: i64,
    /// How often.
    pub count: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_read_back_from_their_words() {
        let rights = PeerRights::parse("retrieve, store").expect("known words");
        assert_eq!(rights, PeerRights { store: true, retrieve: true, ..PeerRights::default() });
        assert_eq!(rights.to_words(), "store,retrieve");
        assert_eq!(PeerRights::parse("store,delete"), Err("delete".to_owned()));
    }

    #[test]
    fn a_peer_that_is_let_in_loses_nothing() {
        let rights = |words| PeerRights::parse(words).expect("known words");
        let title = AeTitle::parse("CT1").expect("a title");
        let known = Peer { rights: rights("store,replace"), port: Some(104), max_associations: Some(2), ..Peer::named(title) };
        let address = "::ffff:10.0.0.7".parse().expect("an address");
        let expected = Peer { rights: rights("store,query,replace"), address: Some("10.0.0.7".to_owned()), ..known.clone() };
        assert_eq!(known.let_in(address, rights("query,store")), expected);
    }
}
