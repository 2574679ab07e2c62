//! Who may do what. The whole matrix is a snapshot in the tests.

use filmless_model::account::Role;
use filmless_model::actor::{Act, Actor};
use filmless_model::peer::PeerRights;
use filmless_model::uid::SopClassUid;

/// The actor may not do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not permitted: {act:?}")]
pub struct Forbidden {
    /// What was asked.
    pub act: Act,
}

/// Whether instances of a SOP Class are what is measured and marked on images: structured reports with key objects, and
/// presentation states (PS3.4 B.5, Standard SOP Classes). Whoever may annotate adds these to a study that is here.
pub fn is_annotation(sop_class: &SopClassUid) -> bool {
    const ANNOTATIONS: [&str; 2] = ["1.2.840.10008.5.1.4.1.1.88.", "1.2.840.10008.5.1.4.1.1.11."];
    ANNOTATIONS.iter().any(|prefix| sop_class.as_str().starts_with(prefix))
}

/// Whether an actor may do something at all. Acts ask [`crate::Archive`], which notes what was refused.
pub fn may(actor: &Actor, act: Act) -> bool {
    match actor {
        Actor::Operator => true,
        Actor::Account { role, within, .. } => within.contains(act) && account_may(*role, act),
        Actor::Peer { rights, user, .. } => {
            peer_may(*rights, act) && user.as_ref().is_none_or(|user| user.within.contains(act) && account_may(user.role, act))
        }
    }
}

fn account_may(role: Role, act: Act) -> bool {
    use Act::{
        Annotate, Download, Export, KeepSettings, ManageConflicts, ManageOrders, PerformOrders, Print, ReviewLog, Search,
        SearchOrders, Store, View, Watch,
    };
    let acts: &[Act] = match role {
        Role::Admin => &Act::ALL,
        Role::Radiologist => &[Search, View, Annotate, Download, Print, Export, Watch, SearchOrders, KeepSettings],
        Role::Technologist => &[
            Store,
            Search,
            View,
            Annotate,
            Print,
            Watch,
            SearchOrders,
            PerformOrders,
            ManageOrders,
            ManageConflicts,
            KeepSettings,
        ],
        Role::Clinician => &[Search, View, Watch, SearchOrders, KeepSettings],
        Role::Auditor => &[ReviewLog, KeepSettings],
        Role::Service => &[Store, Search, View, Download, Watch, SearchOrders, ManageOrders],
    };
    acts.contains(&act)
}

fn peer_may(rights: PeerRights, act: Act) -> bool {
    match act {
        Act::Store | Act::Annotate => rights.store,
        Act::Replace => rights.replace,
        Act::Search => rights.query,
        Act::View | Act::Download => rights.retrieve,
        Act::SearchOrders => rights.worklist,
        Act::PerformOrders => rights.worklist || rights.store,
        Act::Print
        | Act::Export
        | Act::ReviewLog
        | Act::Delete
        | Act::Watch
        | Act::ManageOrders
        | Act::ManageConflicts
        | Act::ManagePeers
        | Act::ManageForwarding
        | Act::ManageAccounts
        | Act::KeepSettings => false,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use filmless_model::account::AccountName;
    use filmless_model::actor::{Acts, User};
    use filmless_model::ae_title::AeTitle;

    use super::*;

    #[test]
    fn the_matrix_of_acts_and_actors_is_as_agreed() {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let account_within =
            |role, within| Actor::Account { name: AccountName::parse("lan").expect("legal"), role, within, address };
        let account = |role| account_within(role, Acts::ALL);
        let peer_of = |words, user: Option<Role>| Actor::Peer {
            ae_title: AeTitle::parse("CT1").expect("legal"),
            address,
            rights: PeerRights::parse(words).expect("legal"),
            user: user.map(|role| User { name: AccountName::parse("lan").expect("legal"), role, within: Acts::ALL }),
        };
        let peer = |words| peer_of(words, None);
        let actors = [
            ("operator", Actor::Operator),
            ("admin", account(Role::Admin)),
            ("radiologist", account(Role::Radiologist)),
            ("technologist", account(Role::Technologist)),
            ("clinician", account(Role::Clinician)),
            ("auditor", account(Role::Auditor)),
            ("service", account(Role::Service)),
            ("admin/some", account_within(Role::Admin, [Act::Search, Act::View].into_iter().collect())),
            ("clinician/some", account_within(Role::Clinician, [Act::View, Act::Delete].into_iter().collect())),
            ("admin/none", account_within(Role::Admin, Acts::NONE)),
            ("peer:", peer("")),
            ("peer:store", peer("store")),
            ("peer:query", peer("query")),
            ("peer:retrieve", peer("retrieve")),
            ("peer:replace", peer("replace")),
            ("peer:worklist", peer("worklist")),
            ("admin@all", peer_of("store,query,retrieve,replace,worklist", Some(Role::Admin))),
            ("clinician@all", peer_of("store,query,retrieve,replace,worklist", Some(Role::Clinician))),
            ("clinician@store", peer_of("store", Some(Role::Clinician))),
        ];
        let row = |(name, actor): &(&str, Actor)| {
            let acts: Vec<_> = Act::ALL.iter().filter(|act| may(actor, **act)).map(|act| format!("{act:?}")).collect();
            format!("{name:<14} {}", acts.join(" "))
        };
        let matrix: Vec<_> = actors.iter().map(row).collect();
        insta::assert_snapshot!(matrix.join("\n"));
    }
}
