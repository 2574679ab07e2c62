//! Who acts, and the acts there are. Whether one may do the other is `filmless_archive::authorize`'s to say.

use std::net::IpAddr;

use crate::account::{AccountName, Role};
use crate::ae_title::AeTitle;
use crate::peer::PeerRights;

/// Whoever asks the archive for something. Doors make one by authenticating; every act asks for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person or program with a session or a token.
    Account {
        /// Which account.
        name: AccountName,
        /// Its role.
        role: Role,
        /// What of its role's acts it may do now: a token is for some of them.
        within: Acts,
        /// From where it asks.
        address: IpAddr,
    },
    /// A DICOM node.
    Peer {
        /// Its AE title.
        ae_title: AeTitle,
        /// From where it calls.
        address: IpAddr,
        /// What it may do.
        rights: PeerRights,
        /// On whose behalf it acts, if it says so and was believed: then it may do what both may.
        user: Option<User>,
    },
    /// Whoever runs a command on the machine itself.
    Operator,
}

impl Actor {
    /// How the actor is named as the source of what it stores.
    pub fn source(&self) -> String {
        match self {
            Self::Account { name, .. } => format!("stow:{name}"),
            Self::Peer { ae_title, .. } => Self::source_of_peer(ae_title),
            Self::Operator => "import".to_owned(),
        }
    }

    /// How the actor is named whose source this is.
    pub fn name_of_source(source: &str) -> &str {
        match source {
            "import" => "operator",
            source => source.strip_prefix("stow:").unwrap_or(source),
        }
    }

    /// How a peer of this AE title is named as the source of what it stores.
    pub fn source_of_peer(ae_title: &AeTitle) -> String {
        format!("dimse:{ae_title}")
    }

    /// How the actor is named as who did something: a person where one is known.
    pub fn name(&self) -> String {
        match self {
            Self::Account { name, .. } | Self::Peer { user: Some(User { name, .. }), .. } => name.to_string(),
            Self::Peer { user: None, .. } => self.source(),
            Self::Operator => "operator".to_owned(),
        }
    }

    /// From where it asks; an operator sits at the machine.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Account { address, .. } | Self::Peer { address, .. } => Some(*address),
            Self::Operator => None,
        }
    }

    /// The node that it is, or asks by.
    pub fn ae_title(&self) -> Option<&AeTitle> {
        match self {
            Self::Peer { ae_title, .. } => Some(ae_title),
            Self::Account { .. } | Self::Operator => None,
        }
    }
}

/// A person on whose behalf a peer acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Which account.
    pub name: AccountName,
    /// Its role.
    pub role: Role,
    /// What of its role's acts it may do now.
    pub within: Acts,
}

/// What can be asked of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// Store instances.
    Store,
    /// Replace an instance that another source stored first.
    Replace,
    /// Search studies, series and instances.
    Search,
    /// Look at instances: frames, metadata and renderings.
    View,
    /// Add to a study what one measures and marks on its images.
    Annotate,
    /// Take instances away, as they are or in another transfer syntax.
    Download,
    /// Print pictures.
    Print,
    /// Take pictures out as files, moving pictures or over the clipboard.
    Export,
    /// See who did what, and who printed and exported what.
    ReviewLog,
    /// Delete studies, series and instances, see what was deleted, and restore it.
    Delete,
    /// Follow the change feed.
    Watch,
    /// See orders: the list of the viewer, and the worklist of a machine.
    SearchOrders,
    /// Say how far a machine is with a step of an order.
    PerformOrders,
    /// Create, change, cancel and import orders.
    ManageOrders,
    /// See and resolve conflicts.
    ManageConflicts,
    /// See, add and remove peers, and accept those of the inbox.
    ManagePeers,
    /// See and change where instances go by themselves.
    ManageForwarding,
    /// See, add and change accounts and tokens.
    ManageAccounts,
    /// See and change what one has set for oneself.
    KeepSettings,
}

impl Act {
    /// All acts.
    pub const ALL: [Self; 19] = [
        Self::Store,
        Self::Replace,
        Self::Search,
        Self::View,
        Self::Annotate,
        Self::Download,
        Self::Print,
        Self::Export,
        Self::ReviewLog,
        Self::Delete,
        Self::Watch,
        Self::SearchOrders,
        Self::PerformOrders,
        Self::ManageOrders,
        Self::ManageConflicts,
        Self::ManagePeers,
        Self::ManageForwarding,
        Self::ManageAccounts,
        Self::KeepSettings,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Replace => "replace",
            Self::Search => "search",
            Self::View => "view",
            Self::Annotate => "annotate",
            Self::Download => "download",
            Self::Print => "print",
            Self::Export => "export",
            Self::ReviewLog => "review_log",
            Self::Delete => "delete",
            Self::Watch => "watch",
            Self::SearchOrders => "search_orders",
            Self::PerformOrders => "perform_orders",
            Self::ManageOrders => "manage_orders",
            Self::ManageConflicts => "manage_conflicts",
            Self::ManagePeers => "manage_peers",
            Self::ManageForwarding => "manage_forwarding",
            Self::ManageAccounts => "manage_accounts",
            Self::KeepSettings => "keep_settings",
        }
    }
    /// The act of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == word)
    }
}

/// Some of the acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Acts(u32);

impl Acts {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// Whatever acts there are, also in days to come.
    pub const ALL: Self = Self(u32::MAX);

    /// Whether an act is one of these.
    pub const fn contains(self, act: Act) -> bool {
        self.0 & (1 << act as u32) != 0
    }

    /// The words, with commas between them; `all` for all.
    pub fn to_words(self) -> String {
        if self == Self::ALL {
            return ALL_ACTS.to_owned();
        }
        let words: Vec<_> = Act::ALL.into_iter().filter(|act| self.contains(*act)).map(Act::as_str).collect();
        words.join(",")
    }

    /// Reads the words.
    pub fn parse(words: &str) -> Option<Self> {
        if words == ALL_ACTS {
            return Some(Self::ALL);
        }
        words.split(',').filter(|word| !word.is_empty()).map(Act::parse).collect()
    }
}

/// The word for all acts.
const ALL_ACTS: &str = "all";

impl FromIterator<Act> for Acts {
    fn from_iter<I: IntoIterator<Item = Act>>(acts: I) -> Self {
        Self(acts.into_iter().fold(0, |bits, act| bits | 1 << act as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_read_back_from_their_words() {
        let some: Acts = [Act::Search, Act::KeepSettings].into_iter().collect();
        assert_eq!(some.to_words(), "search,keep_settings");
        for acts in [some, Acts::NONE, Acts::ALL] {
            assert_eq!(Acts::parse(&acts.to_words()), Some(acts));
        }
        assert_eq!(Acts::parse("search,fly"), None);
        assert!(Act::ALL.into_iter().all(|act| Acts::ALL.contains(act) && !Acts::NONE.contains(act)));
        assert!(some.contains(Act::Search) && !some.contains(Act::View));
    }
}
