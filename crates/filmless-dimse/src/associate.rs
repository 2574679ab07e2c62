//! A-ASSOCIATE-RQ and A-ASSOCIATE-AC (PS3.8 section 9.3.2 and 9.3.3, PS3.7 annex D.3).
//!
//! `dicom-ul` reads and writes them. It fails on items that it does not recognise, which PS3.8 section 9.3.1 (General)
//! wants ignored, on missing ones, and on lengths that contradict each other; so a request is walked over first, and what
//! is left is well formed. What is decided on is `negotiation`'s.

use dicom_ul::pdu::reader::read_pdu;
use dicom_ul::pdu::{AssociationAC, AssociationRQ, Pdu, PresentationContextResult, RequestorRoles, UserVariableItem};
use filmless_model::uid::{SopClassUid, TransferSyntaxUid};

use crate::pdu::{HEADER_BYTES, MAX_ASSOCIATE_REQUEST_BYTES, PduType, encode};
use crate::user_information::{CommonExtendedNegotiation, OperationsWindow, UserIdentity};

/// DICOM's own application context (PS3.7 annex A.2.1).
pub const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";

const APPLICATION_CONTEXT_ITEM: u8 = 0x10;
const PROPOSED_CONTEXT_ITEM: u8 = 0x20;
const ABSTRACT_SYNTAX_ITEM: u8 = 0x30;
pub(crate) const TRANSFER_SYNTAX_ITEM: u8 = 0x40;
pub(crate) const USER_INFORMATION_ITEM: u8 = 0x50;
pub(crate) const MAXIMUM_LENGTH_ITEM: u8 = 0x51;
const IMPLEMENTATION_CLASS_ITEM: u8 = 0x52;
const ASYNCHRONOUS_OPERATIONS_ITEM: u8 = 0x53;
pub(crate) const ROLE_SELECTION_ITEM: u8 = 0x54;
pub(crate) const IMPLEMENTATION_VERSION_ITEM: u8 = 0x55;
const EXTENDED_NEGOTIATION_ITEM: u8 = 0x56;
const COMMON_EXTENDED_NEGOTIATION_ITEM: u8 = 0x57;
const USER_IDENTITY_ITEM: u8 = 0x58;
const USER_IDENTITY_RESPONSE_ITEM: u8 = 0x59;

/// Protocol version, reserved bytes, two AE titles, reserved bytes.
pub(crate) const FIXED_BYTES: usize = 68;
/// The AE titles and the reserved bytes after them, which an A-ASSOCIATE-AC gives back as they came.
const ECHOED_BYTES: usize = 64;

/// The bytes are not an A-ASSOCIATE-RQ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedRequest;

/// A proposed presentation context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedContext {
    /// Odd, if the peer keeps to the standard.
    pub id: u8,
    /// `None` if it is missing or no UID.
    pub abstract_syntax: Option<SopClassUid>,
    /// In the peer's order; what is no UID is left out.
    pub transfer_syntaxes: Vec<TransferSyntaxUid>,
}

/// A proposal of SCP/SCU Role Selection (PS3.7 section D.3.3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSelection {
    /// The SOP Class.
    pub sop_class: SopClassUid,
    /// Whether the requestor is SCU.
    pub scu: bool,
    /// Whether the requestor is SCP.
    pub scp: bool,
}

/// SOP Class Extended Negotiation (PS3.7 section D.3.3.5): what the service of a SOP Class says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedNegotiation {
    /// The SOP Class.
    pub sop_class: SopClassUid,
    /// Its Service-class-application-information.
    pub information: Vec<u8>,
}

/// What an A-ASSOCIATE-RQ says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateRequest {
    /// A bit for each version; bit 0 is the only one there is.
    pub protocol_version: u16,
    /// The AE titles and reserved bytes as they came.
    pub echoed: [u8; ECHOED_BYTES],
    /// The AE title that is called, made printable.
    pub called_ae_title: String,
    /// The AE title of the peer, made printable.
    pub calling_ae_title: String,
    /// The application context name, made printable; empty if there is none.
    pub application_context: String,
    /// The contexts in the order of arrival.
    pub contexts: Vec<ProposedContext>,
    /// The longest P-DATA-TF PDU the peer takes; 0 if it does not say or says without limit.
    pub max_length: u32,
    /// What the peer is made of, made printable; for logs.
    pub implementation_class_uid: String,
    /// Its version, made printable; for logs.
    pub implementation_version_name: String,
    /// How many operations it proposes to have under way; of several items the last counts.
    pub window: Option<OperationsWindow>,
    /// Its proposed roles.
    pub roles: Vec<RoleSelection>,
    /// What it says of the services of SOP Classes.
    pub extended: Vec<ExtendedNegotiation>,
    /// What services SOP Classes are of.
    pub common_extended: Vec<CommonExtendedNegotiation>,
    /// Who says to call; of several items the last counts.
    pub user_identity: Option<UserIdentity>,
}

/// The items that `dicom-ul` does not know.
#[derive(Debug, Default)]
struct FurtherItems {
    window: Option<OperationsWindow>,
    common_extended: Vec<CommonExtendedNegotiation>,
    user_identity: Option<UserIdentity>,
}

impl AssociateRequest {
    /// Reads the PDU without its header.
    pub fn decode(body: &[u8]) -> Result<Self, MalformedRequest> {
        let echoed = body.get(4..FIXED_BYTES).and_then(|bytes| bytes.try_into().ok()).ok_or(MalformedRequest)?;
        let (pdu, further) = well_formed(body)?;
        match read_pdu(pdu.as_slice(), MAX_ASSOCIATE_REQUEST_BYTES, true) {
            Ok(Some(Pdu::AssociationRQ(request))) => Ok(Self::new(request, echoed, further)),
            _ => Err(MalformedRequest),
        }
    }

    fn new(pdu: AssociationRQ, echoed: [u8; ECHOED_BYTES], further: FurtherItems) -> Self {
        let contexts = pdu.presentation_contexts.into_iter().map(|context| ProposedContext {
            id: context.id,
            abstract_syntax: SopClassUid::parse(&context.abstract_syntax).ok(),
            transfer_syntaxes: context.transfer_syntaxes.iter().filter_map(|uid| TransferSyntaxUid::parse(uid).ok()).collect(),
        });
        let mut request = Self {
            protocol_version: pdu.protocol_version,
            echoed,
            called_ae_title: printable(&pdu.called_ae_title),
            calling_ae_title: printable(&pdu.calling_ae_title),
            application_context: printable(&pdu.application_context_name),
            contexts: contexts.collect(),
            max_length: 0,
            implementation_class_uid: String::new(),
            implementation_version_name: String::new(),
            window: further.window,
            roles: Vec::new(),
            extended: Vec::new(),
            common_extended: further.common_extended,
            user_identity: further.user_identity,
        };
        for variable in pdu.user_variables {
            match variable {
                UserVariableItem::MaxLength(length) => request.max_length = length,
                UserVariableItem::ImplementationClassUID(uid) => request.implementation_class_uid = printable(&uid),
                UserVariableItem::ImplementationVersionName(name) => request.implementation_version_name = printable(&name),
                UserVariableItem::ScuScpRoleSelectionSubItem(uid, RequestorRoles { scu, scp }) => {
                    request.roles.extend(SopClassUid::parse(&uid).map(|sop_class| RoleSelection { sop_class, scu, scp }));
                }
                UserVariableItem::SopClassExtendedNegotiationSubItem(uid, information) => {
                    let sop_class = SopClassUid::parse(&uid);
                    request.extended.extend(sop_class.map(|sop_class| ExtendedNegotiation { sop_class, information }));
                }
                _ => (),
            }
        }
        request
    }
}

/// The whole PDU of a request's `body`, with the items only that we look at, each as `dicom-ul` wants it; and those that it
/// does not know.
fn well_formed(body: &[u8]) -> Result<(Vec<u8>, FurtherItems), MalformedRequest> {
    let (fixed, mut items) = body.split_at_checked(FIXED_BYTES).ok_or(MalformedRequest)?;
    let mut formed = fixed.to_vec();
    // In place of one that is missing; of several the last counts.
    put_item(&mut formed, APPLICATION_CONTEXT_ITEM, b"")?;
    let mut user_information = Vec::new();
    let mut further = FurtherItems::default();
    while let Some((item_type, value)) = split_item(&mut items)? {
        match item_type {
            APPLICATION_CONTEXT_ITEM => put_item(&mut formed, item_type, value)?,
            PROPOSED_CONTEXT_ITEM => put_item(&mut formed, item_type, &well_formed_context(value)?)?,
            USER_INFORMATION_ITEM => put_well_formed_user_items(&mut user_information, &mut further, value)?,
            _ => (),
        }
    }
    put_item(&mut formed, USER_INFORMATION_ITEM, &user_information)?;
    let length = u32::try_from(formed.len()).map_err(|_| MalformedRequest)?;
    let mut pdu = Vec::with_capacity(HEADER_BYTES + formed.len());
    pdu.extend_from_slice(&[PduType::AssociateRequest as u8, 0]);
    pdu.extend_from_slice(&length.to_be_bytes());
    pdu.extend_from_slice(&formed);
    Ok((pdu, further))
}

fn well_formed_context(value: &[u8]) -> Result<Vec<u8>, MalformedRequest> {
    let (fixed, mut items) = value.split_at_checked(4).ok_or(MalformedRequest)?;
    let mut formed = fixed.to_vec();
    // In place of one that is missing: its context is to be refused, and not the association.
    put_item(&mut formed, ABSTRACT_SYNTAX_ITEM, b"")?;
    while let Some((item_type, value)) = split_item(&mut items)? {
        if [ABSTRACT_SYNTAX_ITEM, TRANSFER_SYNTAX_ITEM].contains(&item_type) {
            put_item(&mut formed, item_type, value)?;
        }
    }
    Ok(formed)
}

fn put_well_formed_user_items(
    formed: &mut Vec<u8>,
    further: &mut FurtherItems,
    mut items: &[u8],
) -> Result<(), MalformedRequest> {
    while let Some((item_type, value)) = split_item(&mut items)? {
        match item_type {
            MAXIMUM_LENGTH_ITEM if value.len() != 4 => return Err(MalformedRequest),
            MAXIMUM_LENGTH_ITEM | IMPLEMENTATION_CLASS_ITEM | IMPLEMENTATION_VERSION_ITEM => put_item(formed, item_type, value)?,
            ASYNCHRONOUS_OPERATIONS_ITEM => further.window = Some(OperationsWindow::decode(value)?),
            COMMON_EXTENDED_NEGOTIATION_ITEM => further.common_extended.extend(CommonExtendedNegotiation::decode(value)?),
            USER_IDENTITY_ITEM => further.user_identity = Some(UserIdentity::decode(value)?),
            // The UID with its length, and the rest.
            EXTENDED_NEGOTIATION_ITEM => {
                value.get(..end_of_uid(value)?).ok_or(MalformedRequest)?;
                put_item(formed, item_type, value)?;
            }
            // The UID with its length, two roles; `dicom-ul` goes by the first of the item's two lengths.
            ROLE_SELECTION_ITEM => {
                let role = value.get(..end_of_uid(value)? + 2).ok_or(MalformedRequest)?;
                put_item(formed, item_type, role)?;
            }
            _ => (),
        }
    }
    Ok(())
}

/// Where the UID ends that an item begins with, behind its length of two bytes; perhaps behind the item.
pub(crate) fn end_of_uid(value: &[u8]) -> Result<usize, MalformedRequest> {
    let length = value.first_chunk().map(|length| u16::from_be_bytes(*length)).ok_or(MalformedRequest)?;
    Ok(usize::from(length) + 2)
}

/// Splits off an item: type, reserved byte, length of two bytes, value. `None` at the end.
pub(crate) fn split_item<'a>(bytes: &mut &'a [u8]) -> Result<Option<(u8, &'a [u8])>, MalformedRequest> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let ([item_type, _, high, low], rest) = bytes.split_first_chunk().ok_or(MalformedRequest)?;
    let length = u16::from_be_bytes([*high, *low]);
    let (value, rest) = rest.split_at_checked(length.into()).ok_or(MalformedRequest)?;
    *bytes = rest;
    Ok(Some((*item_type, value)))
}

/// Text for logs and for people: trimmed, with what is not printable ASCII escaped, and bounded. `dicom-ul` makes a
/// character of each byte.
pub(crate) fn printable(text: &str) -> String {
    const MAX_CHARACTERS: usize = 64;
    let bytes = text.trim().trim_end_matches('\0').chars().take(MAX_CHARACTERS).map(|c| u8::try_from(c).unwrap_or(b'?'));
    bytes.flat_map(std::ascii::escape_default).map(char::from).collect()
}

/// What an A-ASSOCIATE-AC says besides what it echoes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateAccept {
    /// An answer to each context. The transfer syntax has no meaning unless accepted, but is always there: readers have
    /// been seen to fail without it.
    pub contexts: Vec<PresentationContextResult>,
    /// The longest P-DATA-TF PDU that we take.
    pub max_length: u32,
    /// How many operations may be under way, if that was negotiated.
    pub window: Option<OperationsWindow>,
    /// The roles that are agreed to.
    pub roles: Vec<RoleSelection>,
    /// What is agreed to of the services of SOP Classes.
    pub extended: Vec<ExtendedNegotiation>,
    /// Whether the peer is told that the user it named was believed.
    pub confirms_user: bool,
}

impl AssociateAccept {
    /// The A-ASSOCIATE-AC PDU.
    ///
    /// The AE titles and reserved bytes of the request are put over what `dicom-ul` wrote: they are to be given back
    /// identical (PS3.8 table 9-17), and it writes zeros, and titles of its own padding.
    pub fn encode(&self, echoed: &[u8; ECHOED_BYTES]) -> Vec<u8> {
        /// Behind the header come the protocol version and two reserved bytes.
        const ECHOED_FROM: usize = HEADER_BYTES + 4;
        let mut user_variables = vec![
            UserVariableItem::MaxLength(self.max_length),
            UserVariableItem::ImplementationClassUID(filmless_dicom::file_meta::IMPLEMENTATION_CLASS_UID.to_owned()),
        ];
        if let Some(window) = self.window {
            user_variables.push(UserVariableItem::Unknown(ASYNCHRONOUS_OPERATIONS_ITEM, window.encode()));
        }
        user_variables.extend(self.roles.iter().map(|&RoleSelection { ref sop_class, scu, scp }| {
            UserVariableItem::ScuScpRoleSelectionSubItem(sop_class.to_string(), RequestorRoles { scu, scp })
        }));
        user_variables.extend(self.extended.iter().map(|ExtendedNegotiation { sop_class, information }| {
            UserVariableItem::SopClassExtendedNegotiationSubItem(sop_class.to_string(), information.clone())
        }));
        let version_name = filmless_dicom::file_meta::IMPLEMENTATION_VERSION_NAME;
        user_variables.push(UserVariableItem::ImplementationVersionName(version_name.to_owned()));
        if self.confirms_user {
            user_variables.push(UserVariableItem::Unknown(USER_IDENTITY_RESPONSE_ITEM, UserIdentity::RESPONSE.to_vec()));
        }
        let mut pdu = encode(&Pdu::AssociationAC(AssociationAC {
            protocol_version: 1,
            application_context_name: APPLICATION_CONTEXT.to_owned(),
            called_ae_title: String::new(),
            calling_ae_title: String::new(),
            presentation_contexts: self.contexts.clone(),
            user_variables,
        }));
        pdu[ECHOED_FROM..ECHOED_FROM + ECHOED_BYTES].copy_from_slice(echoed);
        pdu
    }
}

fn put_item(bytes: &mut Vec<u8>, item_type: u8, value: &[u8]) -> Result<(), MalformedRequest> {
    let length = u16::try_from(value.len()).map_err(|_| MalformedRequest)?;
    bytes.extend_from_slice(&[item_type, 0]);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_ul::pdu::PresentationContextResultReason;

    fn item(item_type: u8, value: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_item(&mut bytes, item_type, value).expect("short");
        bytes
    }

    fn body(items: &[Vec<u8>]) -> Vec<u8> {
        let mut body = vec![0, 1, 0, 0];
        body.extend_from_slice(b"FILMLESS        CT1\x07            ");
        body.extend_from_slice(&[9; 32]);
        body.extend(items.concat());
        body
    }

    #[test]
    fn what_a_request_says_is_read() {
        let context = [
            &[1, 0, 0, 0][..],
            &item(ABSTRACT_SYNTAX_ITEM, b"1.2.840.10008.1.1"),
            &item(TRANSFER_SYNTAX_ITEM, b"1.2.840.10008.1.2 "),
            &item(TRANSFER_SYNTAX_ITEM, b"no UID"),
            &item(TRANSFER_SYNTAX_ITEM, b"1.2.840.10008.1.2.1\0"),
        ]
        .concat();
        let user = [
            item(MAXIMUM_LENGTH_ITEM, &[0, 0, 0x40, 0]),
            item(IMPLEMENTATION_CLASS_ITEM, b"1.2.3"),
            item(ASYNCHRONOUS_OPERATIONS_ITEM, &[0, 5, 0, 5]),
            item(ROLE_SELECTION_ITEM, b"\0\x031.2\x01\x01"),
            item(ROLE_SELECTION_ITEM, b"\0\x031.3\x01\0 and more"),
            item(EXTENDED_NEGOTIATION_ITEM, b"\0\x031.4\x01\0\x01"),
            item(COMMON_EXTENDED_NEGOTIATION_ITEM, b"\0\x031.5\0\x031.6\0\0"),
            item(USER_IDENTITY_ITEM, b"\x02\x01\0\x04user\0\x06secret"),
        ];
        // A second item of user information is none of the standard's, but has been read all along.
        let more = item(IMPLEMENTATION_VERSION_ITEM, b"TEST");
        let request = AssociateRequest::decode(&body(&[
            item(APPLICATION_CONTEXT_ITEM, APPLICATION_CONTEXT.as_bytes()),
            item(PROPOSED_CONTEXT_ITEM, &context),
            item(USER_INFORMATION_ITEM, &user.concat()),
            item(USER_INFORMATION_ITEM, &more),
        ]))
        .expect("well formed");
        assert_eq!((request.called_ae_title.as_str(), request.application_context.as_str()), ("FILMLESS", APPLICATION_CONTEXT));
        assert_eq!(request.contexts.len(), 1);
        let transfer_syntaxes: Vec<_> = request.contexts[0].transfer_syntaxes.iter().map(TransferSyntaxUid::as_str).collect();
        assert_eq!(transfer_syntaxes, ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"]);
        assert_eq!(request.max_length, 16_384);
        assert_eq!(request.implementation_class_uid, "1.2.3");
        assert_eq!(request.implementation_version_name, "TEST");
        assert_eq!(request.window, Some(OperationsWindow { invoked: 5, performed: 5 }));
        assert_eq!(request.common_extended[0].service_class, "1.6");
        assert!(request.user_identity.as_ref().is_some_and(|identity| identity.wants_response));
        assert!(!format!("{request:?}").contains("secret"));
        let roles: Vec<_> = request.roles.iter().map(|role| (role.sop_class.as_str(), role.scu, role.scp)).collect();
        assert_eq!(roles, [("1.2", true, true), ("1.3", true, false)]);
        let extended: Vec<_> = request.extended.iter().map(|said| (said.sop_class.as_str(), &said.information[..])).collect();
        assert_eq!(extended, [("1.4", &[1, 0, 1][..])]);
    }

    #[test]
    fn what_is_accepted_goes_out_with_the_bytes_that_are_given_back() {
        let accept = AssociateAccept {
            contexts: vec![PresentationContextResult {
                id: 1,
                reason: PresentationContextResultReason::AbstractSyntaxNotSupported,
                transfer_syntax: "1.2".to_owned(),
            }],
            max_length: 131_072,
            window: Some(OperationsWindow { invoked: 8, performed: 1 }),
            roles: vec![RoleSelection { sop_class: SopClassUid::parse("1.2.3").expect("a UID"), scu: true, scp: false }],
            extended: vec![ExtendedNegotiation {
                sop_class: SopClassUid::parse("1.4").expect("a UID"),
                information: vec![1, 0, 1],
            }],
            confirms_user: true,
        };
        let echoed = std::array::from_fn(|place| u8::try_from(place + 100).expect("below 164"));
        let context = [&[1, 0, 3, 0][..], &item(TRANSFER_SYNTAX_ITEM, b"1.2")].concat();
        let user = [
            item(MAXIMUM_LENGTH_ITEM, &[0, 2, 0, 0]),
            item(IMPLEMENTATION_CLASS_ITEM, filmless_dicom::file_meta::IMPLEMENTATION_CLASS_UID.as_bytes()),
            item(ASYNCHRONOUS_OPERATIONS_ITEM, &[0, 8, 0, 1]),
            item(ROLE_SELECTION_ITEM, b"\0\x051.2.3\x01\0"),
            item(EXTENDED_NEGOTIATION_ITEM, b"\0\x031.4\x01\0\x01"),
            item(IMPLEMENTATION_VERSION_ITEM, filmless_dicom::file_meta::IMPLEMENTATION_VERSION_NAME.as_bytes()),
            item(USER_IDENTITY_RESPONSE_ITEM, &[0, 0]),
        ];
        let expected = [
            &[0, 1, 0, 0][..],
            &echoed,
            &item(APPLICATION_CONTEXT_ITEM, APPLICATION_CONTEXT.as_bytes()),
            &item(0x21, &context),
            &item(USER_INFORMATION_ITEM, &user.concat()),
        ]
        .concat();
        let pdu = accept.encode(&echoed);
        assert_eq!(pdu[..2], [2, 0]);
        assert_eq!(pdu[2..6], u32::try_from(expected.len()).expect("short").to_be_bytes());
        assert_eq!(pdu[6..], expected);
    }

    #[test]
    fn unrecognised_items_are_skipped_and_peer_text_is_made_printable() {
        let context = [&[1, 0, 0, 0][..], &item(0x99, b"?"), &item(ABSTRACT_SYNTAX_ITEM, b"1.2.3\0")].concat();
        let user = [item(0x99, b"?"), item(IMPLEMENTATION_VERSION_ITEM, b"A\n\xffB\0")].concat();
        let request = AssociateRequest::decode(&body(&[
            item(0x99, b"?"),
            item(0x21, b"of an A-ASSOCIATE-AC"),
            item(PROPOSED_CONTEXT_ITEM, &context),
            item(PROPOSED_CONTEXT_ITEM, &[3, 0, 0, 0]),
            item(USER_INFORMATION_ITEM, &user),
        ]))
        .expect("well formed");
        assert_eq!(request.calling_ae_title, r"CT1\x07");
        assert_eq!(request.implementation_version_name, r"A\n\xffB");
        assert_eq!(request.contexts[0].abstract_syntax, SopClassUid::parse("1.2.3").ok());
        assert_eq!(request.contexts[0].transfer_syntaxes, []);
        assert_eq!(request.contexts[1].abstract_syntax, None);
        assert_eq!(request.application_context, "");
    }

    #[test]
    fn lengths_that_lie_are_found() {
        let whole = body(&[item(APPLICATION_CONTEXT_ITEM, b"1.2")]);
        assert!(AssociateRequest::decode(&whole).is_ok());
        let cases = [
            ("fixed part cut off", whole[..67].to_vec()),
            ("item header cut off", whole[..71].to_vec()),
            ("item cut off", whole[..74].to_vec()),
            ("context without its header", body(&[item(PROPOSED_CONTEXT_ITEM, &[1, 0, 0])])),
            ("item longer than its context", body(&[item(PROPOSED_CONTEXT_ITEM, &[1, 0, 0, 0, 0x30, 0, 0, 9])])),
            ("maximum length of three bytes", body(&[item(USER_INFORMATION_ITEM, &item(MAXIMUM_LENGTH_ITEM, b"\0\0\0"))])),
            ("context that has no room", body(&[item(PROPOSED_CONTEXT_ITEM, &vec![0; 65_533])])),
            ("window of three bytes", body(&[item(USER_INFORMATION_ITEM, &item(ASYNCHRONOUS_OPERATIONS_ITEM, b"\0\x01\0"))])),
            ("identity cut off", body(&[item(USER_INFORMATION_ITEM, &item(USER_IDENTITY_ITEM, b"\x02\x01\0\x09user"))])),
            ("role without roles", body(&[item(USER_INFORMATION_ITEM, &item(ROLE_SELECTION_ITEM, b"\0\x031.2"))])),
        ];
        for (name, bytes) in cases {
            assert_eq!(AssociateRequest::decode(&bytes), Err(MalformedRequest), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = AssociateRequest::decode(&tail);
            let _ = AssociateRequest::decode(&[body(&[]), tail].concat());
        }
    }
}
