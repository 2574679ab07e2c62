//! Which presentation contexts are accepted, and in which transfer syntax (PS3.8 section 7.1.1.13, PS3.7 annex D.3).
//!
//! Every Storage SOP Class of the standard's dictionary, retired ones too, the configured private ones, Verification, and
//! the searches that are served are accepted. What is stored may have every transfer syntax that has a UID, as data sets are
//! kept as they come, unless some are set for the peer; what is searched by, the uncompressed ones.

use std::collections::{HashMap, HashSet};

use dicom_core::dictionary::UidDictionary;
use dicom_dictionary_std::StandardSopClassDictionary;
use dicom_dictionary_std::uids;
use dicom_ul::pdu::{PresentationContextResult, PresentationContextResultReason as ContextResult};
use filmless_dicom::target_syntax::TargetSyntax;
use filmless_model::peer::Peer;
use filmless_model::uid::{SopClassUid, TransferSyntaxUid};

use crate::associate::{AssociateAccept, AssociateRequest, ExtendedNegotiation, ProposedContext, RoleSelection};
use crate::preference::{choose, choose_of, choose_uncompressed};
use crate::storage_classes::is_standard_storage;

/// Verification (PS3.4 annex A).
pub(crate) const VERIFICATION: &str = uids::VERIFICATION;

/// A Query/Retrieve Information Model (PS3.4 section C.6, Query/Retrieve Information Models).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    /// Patients are the highest level (C.6.1).
    PatientRoot,
    /// Studies are (C.6.2).
    StudyRoot,
}

/// What is done in a presentation context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Verification,
    Storage,
    /// A search in a model, with what was agreed on about it.
    Find(Model, QueryOptions),
    /// A retrieve in a model over the same association; whether relational retrieval was agreed on.
    Get(Model, bool),
    /// The same to a third node.
    Move(Model, bool),
    /// Procedure steps are created and changed.
    PerformedStep,
    /// Procedure steps are given.
    PerformedStepRetrieve,
    /// Instances are vouched for.
    StorageCommitment,
    /// A search of the steps that are scheduled, with the same.
    Worklist(QueryOptions),
}

/// What a requestor may ask of searches once it was agreed on (PS3.4 section C.5.1.1, table C.5-1).
#[expect(clippy::struct_excessive_bools, reason = "each is a byte of the table")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct QueryOptions {
    /// Keys of any level, without those that say what is above.
    pub(crate) relational: bool,
    /// A date and the time beside it are one moment.
    pub(crate) combined_date_times: bool,
    /// Names match by their words.
    pub(crate) fuzzy_matching: bool,
    /// Dates and times are of the time zone that the request says.
    pub(crate) time_zone_adjusted: bool,
}

impl QueryOptions {
    fn decode(information: &[u8]) -> Self {
        let is_wanted = |place: usize| information.get(place) == Some(&1);
        Self {
            relational: is_wanted(0),
            combined_date_times: is_wanted(1),
            fuzzy_matching: is_wanted(2),
            time_zone_adjusted: is_wanted(3),
        }
    }

    /// As long as what was asked: older requestors know the first byte alone.
    fn encode(self, length: usize) -> Vec<u8> {
        let all = [self.relational, self.combined_date_times, self.fuzzy_matching, self.time_zone_adjusted];
        all.into_iter().map(u8::from).chain(std::iter::repeat(0)).take(length).collect()
    }
}

/// An accepted presentation context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AcceptedContext {
    pub(crate) abstract_syntax: SopClassUid,
    pub(crate) transfer_syntax: TransferSyntaxUid,
    pub(crate) service: Service,
    /// Whether the peer is SCP in it, so that we may store there (PS3.7 section D.3.3.4, SCP/SCU Role Selection Negotiation).
    pub(crate) peer_is_scp: bool,
}

/// What was agreed on.
#[derive(Debug)]
pub(crate) struct Negotiated {
    /// The accepted contexts by ID.
    pub(crate) contexts: HashMap<u8, AcceptedContext>,
    /// What to tell the peer.
    pub(crate) accept: AssociateAccept,
}

/// What we say of storage (PS3.4 section B.3.1, Extended Negotiation): level 2 (full), digital signatures of level 3 (what is
/// stored stays as it is to the bit), elements may be coerced in what others are given; with reserved bytes between.
const STORAGE_SUPPORT: [u8; 6] = [2, 0, 3, 0, 1, 0];

/// Decides on all contexts of `request`, which is of `peer`.
pub(crate) fn negotiate(request: &AssociateRequest, private: &HashSet<SopClassUid>, peer: &Peer, max_length: u32) -> Negotiated {
    let mut times_proposed = [0_u32; 256];
    for context in &request.contexts {
        times_proposed[usize::from(context.id)] += 1;
    }
    let mut contexts = HashMap::new();
    let scps = scps(request);
    let mut answers = Vec::new();
    let mut answered = [false; 256];
    for proposed in &request.contexts {
        // One answer for each ID: there are but 128 legal ones, so the answers are bounded whatever is proposed.
        if std::mem::replace(&mut answered[usize::from(proposed.id)], true) {
            continue;
        }
        // Which of two contexts of one ID a message means could not be told.
        let is_unique = times_proposed[usize::from(proposed.id)] == 1;
        let decision = if is_unique { decide(proposed, request, private, peer, &scps) } else { Err(ContextResult::NoReason) };
        let (result, transfer_syntax) = match decision {
            Ok(context) => {
                let transfer_syntax = context.transfer_syntax.clone();
                contexts.insert(proposed.id, context);
                (ContextResult::Acceptance, transfer_syntax)
            }
            Err(result) => {
                let first = proposed.transfer_syntaxes.first().cloned();
                (result, first.unwrap_or_else(|| TargetSyntax::ImplicitVrLittleEndian.transfer_syntax()))
            }
        };
        answers.push(PresentationContextResult { id: proposed.id, reason: result, transfer_syntax: transfer_syntax.to_string() });
    }
    let accept = AssociateAccept {
        contexts: answers,
        max_length,
        window: None,
        roles: agreed_roles(request, &contexts),
        extended: agreed_options(request, &contexts),
        confirms_user: false,
    };
    Negotiated { contexts, accept }
}

impl Negotiated {
    /// Agrees to a window of operations, if one is proposed, and says how many may be under way (PS3.7 section D.3.3.3).
    ///
    /// One alone where there is more than storing to do: what looks for C-CANCEL or for responses of the peer while it is under
    /// way takes no other message then.
    pub(crate) fn agree_on_window(&mut self, request: &AssociateRequest, max_operations: u16) -> usize {
        let stores_only =
            self.contexts.values().all(|context| matches!(context.service, Service::Storage | Service::Verification));
        let agreed = request.window.map(|proposed| proposed.agreed(if stores_only { max_operations } else { 1 }));
        self.accept.window = agreed;
        agreed.map_or(1, |window| window.invoked.into())
    }
}

fn decide(
    proposed: &ProposedContext,
    request: &AssociateRequest,
    private: &HashSet<SopClassUid>,
    peer: &Peer,
    scps: &HashSet<&SopClassUid>,
) -> Result<AcceptedContext, ContextResult> {
    if proposed.id.is_multiple_of(2) {
        return Err(ContextResult::NoReason);
    }
    let supported = proposed.abstract_syntax.as_ref().and_then(|uid| Some((uid, service(uid, request, private)?)));
    let (abstract_syntax, service) = supported.ok_or(ContextResult::AbstractSyntaxNotSupported)?;
    let peer_is_scp = match service {
        Service::Storage => scps.contains(abstract_syntax),
        // It tells what came of a request of ours.
        Service::StorageCommitment => request.roles.iter().any(|role| role.scp && role.sop_class == *abstract_syntax),
        _ => false,
    };
    let transfer_syntax = match service {
        Service::Verification => choose(&proposed.transfer_syntaxes),
        Service::Storage => {
            let set = if peer_is_scp { &peer.offered_transfer_syntaxes } else { &peer.accepted_transfer_syntaxes };
            choose_of(set, &proposed.transfer_syntaxes)
        }
        Service::Find(..)
        | Service::Get(..)
        | Service::Move(..)
        | Service::Worklist(_)
        | Service::PerformedStep
        | Service::PerformedStepRetrieve
        | Service::StorageCommitment => choose_uncompressed(&proposed.transfer_syntaxes),
    };
    let transfer_syntax = transfer_syntax.ok_or(ContextResult::TransferSyntaxesNotSupported)?;
    Ok(AcceptedContext { abstract_syntax: abstract_syntax.clone(), transfer_syntax, service, peer_is_scp })
}

/// What we serve in the contexts of a SOP Class.
fn service(sop_class: &SopClassUid, request: &AssociateRequest, private: &HashSet<SopClassUid>) -> Option<Service> {
    let said = request.extended.iter().find(|extended| extended.sop_class == *sop_class);
    let options = said.map(|said| QueryOptions::decode(&said.information)).unwrap_or_default();
    match sop_class.as_str() {
        VERIFICATION => Some(Service::Verification),
        uids::PATIENT_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_FIND => Some(Service::Find(Model::PatientRoot, options)),
        uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_FIND => Some(Service::Find(Model::StudyRoot, options)),
        uids::PATIENT_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_GET => Some(Service::Get(Model::PatientRoot, options.relational)),
        uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_GET => Some(Service::Get(Model::StudyRoot, options.relational)),
        uids::STORAGE_COMMITMENT_PUSH_MODEL => Some(Service::StorageCommitment),
        uids::MODALITY_PERFORMED_PROCEDURE_STEP => Some(Service::PerformedStep),
        uids::MODALITY_PERFORMED_PROCEDURE_STEP_RETRIEVE => Some(Service::PerformedStepRetrieve),
        uids::PATIENT_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_MOVE => Some(Service::Move(Model::PatientRoot, options.relational)),
        uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_MOVE => Some(Service::Move(Model::StudyRoot, options.relational)),
        // There are no levels to relate, no date and time that are apart, and no time zones (PS3.4 annex K).
        uids::MODALITY_WORKLIST_INFORMATION_MODEL_FIND => {
            let fuzzy_matching = options.fuzzy_matching;
            Some(Service::Worklist(QueryOptions { fuzzy_matching, ..QueryOptions::default() }))
        }
        uid => {
            let stores = private.contains(sop_class) || is_standard_storage(uid) || is_specialised_storage(sop_class, request);
            stores.then_some(Service::Storage)
        }
    }
}

/// Whether the requestor says of a SOP Class that the dictionary does not have that it is one of the Storage Service Class
/// (PS3.7 section D.3.3.6, SOP Class Common Extended Negotiation; PS3.4 section B.3.1.4). Which ones it is related to does not
/// matter to who keeps them all alike.
fn is_specialised_storage(sop_class: &SopClassUid, request: &AssociateRequest) -> bool {
    /// Storage Service Class.
    const STORAGE: &str = "1.2.840.10008.4.2";
    StandardSopClassDictionary.by_uid(sop_class.as_str()).is_none()
        && request.common_extended.iter().any(|said| said.sop_class == *sop_class && said.service_class == STORAGE)
}

/// The classes that the requestor wants to be SCP of, where it can retrieve over this association: it gets them by C-STORE.
fn scps(request: &AssociateRequest) -> HashSet<&SopClassUid> {
    const GET: [&str; 2] =
        [uids::PATIENT_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_GET, uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_GET];
    let mut abstract_syntaxes = request.contexts.iter().filter_map(|context| context.abstract_syntax.as_ref());
    if !abstract_syntaxes.any(|uid| GET.contains(&uid.as_str())) {
        return HashSet::new();
    }
    request.roles.iter().filter(|role| role.scp).map(|role| &role.sop_class).collect()
}

/// The answers to proposed roles (PS3.7 section D.3.3.4): the requestor is SCU where it wants to, and SCP of what it
/// retrieves. Only accepted classes are answered, each once.
fn agreed_roles(request: &AssociateRequest, contexts: &HashMap<u8, AcceptedContext>) -> Vec<RoleSelection> {
    let accepted: HashMap<_, _> = contexts.values().map(|context| (&context.abstract_syntax, context.peer_is_scp)).collect();
    let mut answered = HashSet::new();
    let first = request.roles.iter().filter(|role| answered.insert(&role.sop_class));
    let answer = |role: &RoleSelection| {
        let scp = *accepted.get(&role.sop_class)?;
        Some(RoleSelection { sop_class: role.sop_class.clone(), scu: role.scu, scp: role.scp && scp })
    };
    first.filter_map(answer).collect()
}

/// The answers about services of SOP Classes that were accepted, each once: all that is asked for and known is agreed to.
fn agreed_options(request: &AssociateRequest, contexts: &HashMap<u8, AcceptedContext>) -> Vec<ExtendedNegotiation> {
    let mut answered = HashSet::new();
    let answer = |said: &ExtendedNegotiation| {
        let context = contexts.values().find(|context| context.abstract_syntax == said.sop_class)?;
        let options = match context.service {
            Service::Find(_, options) | Service::Worklist(options) => options,
            Service::Get(_, relational) | Service::Move(_, relational) => QueryOptions { relational, ..QueryOptions::default() },
            Service::Storage => {
                let information = STORAGE_SUPPORT.to_vec();
                return Some(ExtendedNegotiation { sop_class: said.sop_class.clone(), information });
            }
            Service::Verification | Service::PerformedStep | Service::PerformedStepRetrieve | Service::StorageCommitment => {
                return None;
            }
        };
        let information = options.encode(said.information.len());
        Some(ExtendedNegotiation { sop_class: said.sop_class.clone(), information })
    };
    let first = request.extended.iter().filter(|said| answered.insert(&said.sop_class));
    first.filter_map(answer).collect()
}

#[cfg(test)]
mod tests {
    use filmless_model::ae_title::AeTitle;

    use super::*;
    use crate::user_information::{CommonExtendedNegotiation, OperationsWindow};

    const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
    const STUDY_ROOT_FIND: &str = "1.2.840.10008.5.1.4.1.2.2.1";
    const PATIENT_ROOT_FIND: &str = "1.2.840.10008.5.1.4.1.2.1.1";
    const IMPLICIT: &str = "1.2.840.10008.1.2";
    const EXPLICIT: &str = "1.2.840.10008.1.2.1";
    const JPEG: &str = "1.2.840.10008.1.2.4.50";

    fn peer() -> Peer {
        Peer::named(AeTitle::parse("CT1").expect("a title"))
    }

    fn context(id: u8, abstract_syntax: &str, transfer_syntaxes: &[&str]) -> ProposedContext {
        ProposedContext {
            id,
            abstract_syntax: SopClassUid::parse(abstract_syntax).ok(),
            transfer_syntaxes: transfer_syntaxes.iter().map(|uid| TransferSyntaxUid::parse(uid).expect("a UID")).collect(),
        }
    }

    fn request(contexts: Vec<ProposedContext>, roles: Vec<RoleSelection>) -> AssociateRequest {
        AssociateRequest {
            protocol_version: 1,
            echoed: [b' '; 64],
            called_ae_title: String::new(),
            calling_ae_title: String::new(),
            application_context: String::new(),
            contexts,
            max_length: 0,
            implementation_class_uid: String::new(),
            implementation_version_name: String::new(),
            window: None,
            roles,
            extended: Vec::new(),
            common_extended: Vec::new(),
            user_identity: None,
        }
    }

    #[test]
    fn each_context_is_answered_by_its_own_merits() {
        let private = HashSet::from([SopClassUid::parse("1.3.12.2.1107.5.9.1").expect("a UID")]);
        for (proposed, expected, transfer_syntax) in [
            (context(1, "1.2.840.10008.1.1", &[IMPLICIT]), ContextResult::Acceptance, IMPLICIT),
            (context(1, CT, &[EXPLICIT, IMPLICIT]), ContextResult::Acceptance, EXPLICIT),
            (context(1, CT, &[JPEG, EXPLICIT]), ContextResult::Acceptance, JPEG),
            (context(1, CT, &["1.2.840.113619.5.2"]), ContextResult::Acceptance, "1.2.840.113619.5.2"),
            (context(255, CT, &[EXPLICIT]), ContextResult::Acceptance, EXPLICIT),
            (context(1, "1.3.12.2.1107.5.9.1", &[EXPLICIT]), ContextResult::Acceptance, EXPLICIT),
            (context(1, "1.3.12.2.1107.5.9.2", &[EXPLICIT]), ContextResult::AbstractSyntaxNotSupported, EXPLICIT),
            (context(1, "1.2.840.10008.1.20.1", &[EXPLICIT]), ContextResult::Acceptance, EXPLICIT),
            (context(1, "1.2.840.10008.1.20.2", &[EXPLICIT]), ContextResult::AbstractSyntaxNotSupported, EXPLICIT),
            (context(1, "1.2.840.10008.1.3.10", &[EXPLICIT]), ContextResult::AbstractSyntaxNotSupported, EXPLICIT),
            (context(1, STUDY_ROOT_FIND, &[JPEG, IMPLICIT]), ContextResult::Acceptance, IMPLICIT),
            (context(1, PATIENT_ROOT_FIND, &[IMPLICIT, EXPLICIT]), ContextResult::Acceptance, EXPLICIT),
            (context(1, "1.2.840.10008.3.1.2.3.3", &[JPEG, IMPLICIT]), ContextResult::Acceptance, IMPLICIT),
            (context(1, "1.2.840.10008.3.1.2.3.5", &[IMPLICIT]), ContextResult::AbstractSyntaxNotSupported, IMPLICIT),
            (context(1, STUDY_ROOT_FIND, &[JPEG]), ContextResult::TransferSyntaxesNotSupported, JPEG),
            (context(1, "1.2.840.10008.5.1.4.31", &[IMPLICIT, EXPLICIT]), ContextResult::Acceptance, EXPLICIT),
            (context(1, "1.2.840.10008.5.1.1.9", &[EXPLICIT]), ContextResult::AbstractSyntaxNotSupported, EXPLICIT),
            (context(1, "no UID", &[EXPLICIT]), ContextResult::AbstractSyntaxNotSupported, EXPLICIT),
            (context(1, CT, &[]), ContextResult::TransferSyntaxesNotSupported, IMPLICIT),
            (context(2, CT, &[EXPLICIT]), ContextResult::NoReason, EXPLICIT),
            (context(0, CT, &[EXPLICIT]), ContextResult::NoReason, EXPLICIT),
        ] {
            let name = format!("{proposed:?}");
            let id = proposed.id;
            let negotiated = negotiate(&request(vec![proposed], vec![]), &private, &peer(), 65_536);
            let answer = &negotiated.accept.contexts[0];
            assert_eq!(answer.id, id, "{name}");
            assert_eq!((&answer.reason, answer.transfer_syntax.as_str()), (&expected, transfer_syntax), "{name}");
            let is_accepted = negotiated.contexts.get(&id).map(|context| context.transfer_syntax.as_str());
            assert_eq!(is_accepted, (expected == ContextResult::Acceptance).then_some(transfer_syntax), "{name}");
        }
    }

    #[test]
    fn transfer_syntaxes_of_a_peer_are_those_set_for_the_way_that_instances_take() {
        const STUDY_ROOT_GET: &str = "1.2.840.10008.5.1.4.1.2.2.3";
        let uids = |uid: &str| vec![TransferSyntaxUid::parse(uid).expect("a UID")];
        let peer = Peer { accepted_transfer_syntaxes: uids(JPEG), offered_transfer_syntaxes: uids(IMPLICIT), ..peer() };
        let role = RoleSelection { sop_class: SopClassUid::parse(CT).expect("a UID"), scu: false, scp: true };
        let contexts = [
            context(1, CT, &[EXPLICIT, IMPLICIT, JPEG]),
            context(3, VERIFICATION, &[EXPLICIT]),
            context(5, STUDY_ROOT_GET, &[EXPLICIT]),
        ];
        for (roles, expected) in [(vec![], JPEG), (vec![role], IMPLICIT)] {
            let negotiated = negotiate(&request(contexts.to_vec(), roles), &HashSet::new(), &peer, 65_536);
            let chosen = [1, 3, 5].map(|id| negotiated.contexts[&id].transfer_syntax.as_str());
            assert_eq!(chosen, [expected, EXPLICIT, EXPLICIT]);
        }
    }

    #[test]
    fn contexts_of_one_id_are_refused_with_one_answer() {
        let mut contexts: Vec<_> =
            (0..1000).map(|i| context(u8::try_from(i % 256).expect("below 256"), CT, &[EXPLICIT])).collect();
        contexts.truncate(256 + 10);
        let negotiated = negotiate(&request(contexts, vec![]), &HashSet::new(), &peer(), 65_536);
        assert_eq!(negotiated.accept.contexts.len(), 256);
        // IDs 0 to 9 come twice, and the even ones are not legal.
        assert_eq!(negotiated.contexts.len(), 128 - 5);
        assert!(!negotiated.contexts.contains_key(&9));
        assert!(negotiated.contexts.contains_key(&11));
    }

    #[test]
    fn a_requestor_may_be_scu_but_not_scp_and_only_of_what_was_accepted() {
        let role = |uid, scu, scp| RoleSelection { sop_class: SopClassUid::parse(uid).expect("a UID"), scu, scp };
        let request = request(
            vec![context(1, CT, &[EXPLICIT])],
            vec![role(CT, true, true), role(CT, true, true), role("1.2.3", true, false)],
        );
        assert_eq!(negotiate(&request, &HashSet::new(), &peer(), 65_536).accept.roles, [role(CT, true, false)]);
    }

    #[test]
    fn a_requestor_may_be_scp_of_what_it_vouches_for() {
        let push_model = || SopClassUid::parse(uids::STORAGE_COMMITMENT_PUSH_MODEL).expect("a UID");
        let role = RoleSelection { sop_class: push_model(), scu: false, scp: true };
        let request = request(vec![context(1, push_model().as_str(), &[EXPLICIT])], vec![role.clone()]);
        assert_eq!(negotiate(&request, &HashSet::new(), &peer(), 65_536).accept.roles, [role]);
    }

    #[test]
    fn searches_agree_to_the_options_that_are_known() {
        let said = |sop_class: &str, information: &[u8]| ExtendedNegotiation {
            sop_class: SopClassUid::parse(sop_class).expect("a UID"),
            information: information.to_vec(),
        };
        let contexts = vec![context(1, STUDY_ROOT_FIND, &[EXPLICIT]), context(3, CT, &[EXPLICIT])];
        let all = [1, 1, 1, 1, 1];
        for (asked, options, answer) in [
            (&[1][..], QueryOptions { relational: true, ..QueryOptions::default() }, &[1][..]),
            (
                &[0, 1, 0, 1],
                QueryOptions { combined_date_times: true, time_zone_adjusted: true, ..QueryOptions::default() },
                &[0, 1, 0, 1],
            ),
            (&all, QueryOptions::decode(&all), &[1, 1, 1, 1, 0]),
        ] {
            let extended = vec![said(STUDY_ROOT_FIND, asked), said(STUDY_ROOT_FIND, &[0]), said(CT, &[0, 0, 0, 0, 2, 0])];
            let request = AssociateRequest { extended, ..request(contexts.clone(), vec![]) };
            let negotiated = negotiate(&request, &HashSet::new(), &peer(), 65_536);
            assert_eq!(negotiated.contexts[&1].service, Service::Find(Model::StudyRoot, options));
            assert_eq!(negotiated.accept.extended, [said(STUDY_ROOT_FIND, answer), said(CT, &STORAGE_SUPPORT)]);
        }
    }

    #[test]
    fn an_unknown_class_is_stored_if_it_is_said_to_be_of_the_storage_service() {
        const STORAGE: &str = "1.2.840.10008.4.2";
        const COMMITMENT: &str = "1.2.840.10008.1.20.2";
        for (uid, said, is_accepted) in [
            ("1.2.3", Some(("1.2.3", STORAGE)), true),
            ("1.2.3", Some(("1.2.4", STORAGE)), false),
            ("1.2.3", Some(("1.2.3", "1.2.840.10008.4.3")), false),
            ("1.2.3", None, false),
            (COMMITMENT, Some((COMMITMENT, STORAGE)), false),
        ] {
            let common_extended = said.map(|(uid, service_class)| CommonExtendedNegotiation {
                sop_class: SopClassUid::parse(uid).expect("a UID"),
                service_class: service_class.to_owned(),
            });
            let common_extended = common_extended.into_iter().collect();
            let request = AssociateRequest { common_extended, ..request(vec![context(1, uid, &[EXPLICIT])], vec![]) };
            let negotiated = negotiate(&request, &HashSet::new(), &peer(), 65_536);
            assert_eq!(negotiated.contexts.contains_key(&1), is_accepted, "{uid} {said:?}");
        }
    }

    #[test]
    fn a_window_is_agreed_to_where_there_is_only_storing_to_do() {
        let window = |invoked, performed| Some(OperationsWindow { invoked, performed });
        let find = [context(1, CT, &[EXPLICIT]), context(3, STUDY_ROOT_FIND, &[EXPLICIT])];
        let store = [context(1, CT, &[EXPLICIT]), context(3, VERIFICATION, &[IMPLICIT])];
        for (contexts, proposed, answer, under_way) in [
            (&store, None, None, 1),
            (&store, window(4, 4), window(4, 1), 4),
            (&store, window(0, 1), window(8, 1), 8),
            (&find, window(4, 4), window(1, 1), 1),
        ] {
            let request = AssociateRequest { window: proposed, ..request(contexts.to_vec(), vec![]) };
            let mut negotiated = negotiate(&request, &HashSet::new(), &peer(), 65_536);
            assert_eq!(negotiated.agree_on_window(&request, 8), under_way);
            assert_eq!(negotiated.accept.window, answer);
        }
    }
}
