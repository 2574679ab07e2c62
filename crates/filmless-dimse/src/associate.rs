//! A-ASSOCIATE-RQ and A-ASSOCIATE-AC (PS3.8 section 9.3.2 and 9.3.3, PS3.7 annex D.3).
//!
//! Read leniently where the standard says so: unrecognised items are skipped, reserved fields are not looked at. What
//! is decided on is `negotiation`'s. `dicom-ul` is not used here: it fails on unrecognised items.

use filmless_model::uid::{SopClassUid, TransferSyntaxUid};

use crate::pdu::PduType;

/// DICOM's own application context (PS3.7 annex A.2.1).
pub const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";

const APPLICATION_CONTEXT_ITEM: u8 = 0x10;
const PROPOSED_CONTEXT_ITEM: u8 = 0x20;
const CONTEXT_RESULT_ITEM: u8 = 0x21;
const ABSTRACT_SYNTAX_ITEM: u8 = 0x30;
const TRANSFER_SYNTAX_ITEM: u8 = 0x40;
const USER_INFORMATION_ITEM: u8 = 0x50;
const MAXIMUM_LENGTH_ITEM: u8 = 0x51;
const IMPLEMENTATION_CLASS_ITEM: u8 = 0x52;
const ASYNCHRONOUS_OPERATIONS_ITEM: u8 = 0x53;
const ROLE_SELECTION_ITEM: u8 = 0x54;
const IMPLEMENTATION_VERSION_ITEM: u8 = 0x55;

/// Protocol version, reserved bytes, two AE titles, reserved bytes.
const FIXED_BYTES: usize = 68;
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

/// What an A-ASSOCIATE-RQ says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateRequest {
    /// A bit for each version; bit 0 is the only one there is.
    pub protocol_version: u16,
    /// The AE titles and reserved bytes as they came.
    pub echoed: [u8; ECHOED_BYTES],
    /// The application context name, made printable.
    pub application_context: Option<String>,
    /// The contexts in the order of arrival.
    pub contexts: Vec<ProposedContext>,
    /// The longest P-DATA-TF PDU the peer takes; 0 if it does not say or says without limit.
    pub max_length: u32,
    /// What the peer is made of, made printable; for logs.
    pub implementation_class_uid: String,
    /// Its version, made printable; for logs.
    pub implementation_version_name: String,
    /// Whether it proposes more than one operation at a time.
    pub proposes_asynchronous_operations: bool,
    /// Its proposed roles.
    pub roles: Vec<RoleSelection>,
}

impl AssociateRequest {
    /// Reads the PDU without its header.
    pub fn decode(bytes: &[u8]) -> Result<Self, MalformedRequest> {
        let (fixed, mut items) = bytes.split_at_checked(FIXED_BYTES).ok_or(MalformedRequest)?;
        let [high, low, _, _] = *fixed.first_chunk().ok_or(MalformedRequest)?;
        let mut request = Self {
            protocol_version: u16::from_be_bytes([high, low]),
            echoed: *fixed.last_chunk().ok_or(MalformedRequest)?,
            application_context: None,
            contexts: Vec::new(),
            max_length: 0,
            implementation_class_uid: String::new(),
            implementation_version_name: String::new(),
            proposes_asynchronous_operations: false,
            roles: Vec::new(),
        };
        while let Some((item_type, value)) = split_item(&mut items)? {
            match item_type {
                APPLICATION_CONTEXT_ITEM => request.application_context = Some(printable(value)),
                PROPOSED_CONTEXT_ITEM => request.contexts.push(decode_context(value)?),
                USER_INFORMATION_ITEM => request.decode_user_information(value)?,
                _ => (),
            }
        }
        Ok(request)
    }

    /// The called AE title as it came, made printable.
    pub fn called_ae_title(&self) -> String {
        printable(&self.echoed[..16])
    }

    /// The calling AE title as it came, made printable.
    pub fn calling_ae_title(&self) -> String {
        printable(&self.echoed[16..32])
    }

    fn decode_user_information(&mut self, mut items: &[u8]) -> Result<(), MalformedRequest> {
        while let Some((item_type, value)) = split_item(&mut items)? {
            match item_type {
                MAXIMUM_LENGTH_ITEM => {
                    self.max_length = u32::from_be_bytes(value.try_into().map_err(|_| MalformedRequest)?);
                }
                IMPLEMENTATION_CLASS_ITEM => self.implementation_class_uid = printable(value),
                IMPLEMENTATION_VERSION_ITEM => self.implementation_version_name = printable(value),
                ASYNCHRONOUS_OPERATIONS_ITEM => self.proposes_asynchronous_operations = true,
                ROLE_SELECTION_ITEM => self.roles.extend(decode_role(value)?),
                // Among them the user identity (58H): it asks for no answer of one who does not negotiate it, and its
                // secrets are not to be looked at.
                _ => (),
            }
        }
        Ok(())
    }
}

fn decode_context(value: &[u8]) -> Result<ProposedContext, MalformedRequest> {
    let ([id, _, _, _], mut items) = value.split_first_chunk().ok_or(MalformedRequest)?;
    let mut context = ProposedContext { id: *id, abstract_syntax: None, transfer_syntaxes: Vec::new() };
    while let Some((item_type, value)) = split_item(&mut items)? {
        match item_type {
            ABSTRACT_SYNTAX_ITEM => context.abstract_syntax = text(value).and_then(|uid| SopClassUid::parse(uid).ok()),
            TRANSFER_SYNTAX_ITEM => {
                context.transfer_syntaxes.extend(text(value).and_then(|uid| TransferSyntaxUid::parse(uid).ok()));
            }
            _ => (),
        }
    }
    Ok(context)
}

fn decode_role(value: &[u8]) -> Result<Option<RoleSelection>, MalformedRequest> {
    let (length, rest) = value.split_first_chunk().ok_or(MalformedRequest)?;
    let (uid, roles) = rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(MalformedRequest)?;
    let [scu, scp] = *roles.first_chunk().ok_or(MalformedRequest)?;
    let sop_class = text(uid).and_then(|uid| SopClassUid::parse(uid).ok());
    Ok(sop_class.map(|sop_class| RoleSelection { sop_class, scu: scu == 1, scp: scp == 1 }))
}

/// Splits off an item: type, reserved byte, length of two bytes, value. `None` at the end.
fn split_item<'a>(bytes: &mut &'a [u8]) -> Result<Option<(u8, &'a [u8])>, MalformedRequest> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let ([item_type, _, high, low], rest) = bytes.split_first_chunk().ok_or(MalformedRequest)?;
    let length = u16::from_be_bytes([*high, *low]);
    let (value, rest) = rest.split_at_checked(length.into()).ok_or(MalformedRequest)?;
    *bytes = rest;
    Ok(Some((*item_type, value)))
}

fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok()
}

/// Text for logs and for people: trimmed, with what is not printable ASCII escaped, and bounded.
fn printable(value: &[u8]) -> String {
    const MAX_BYTES: usize = 64;
    let value = value.trim_ascii();
    let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    value[..end.min(MAX_BYTES)].escape_ascii().to_string()
}

/// Result/Reason of a presentation context (PS3.8 table 9-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextResult {
    /// Accepted.
    Acceptance = 0,
    /// Refused by the provider without a reason that the standard has a number for.
    NoReason = 2,
    /// The SOP Class is not one of ours.
    AbstractSyntaxNotSupported = 3,
    /// No transfer syntax is proposed that can be named.
    TransferSyntaxesNotSupported = 4,
}

/// What is said to a proposed context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextAnswer {
    /// As proposed.
    pub id: u8,
    /// Accepted or not.
    pub result: ContextResult,
    /// Without meaning unless accepted, but always there: readers have been seen to fail without it.
    pub transfer_syntax: TransferSyntaxUid,
}

/// What an A-ASSOCIATE-AC says besides what it echoes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateAccept {
    /// An answer to each context.
    pub contexts: Vec<ContextAnswer>,
    /// The longest P-DATA-TF PDU that we take.
    pub max_length: u32,
    /// Whether a window for asynchronous operations was proposed. The answer is one at a time.
    pub answers_asynchronous_operations: bool,
    /// The roles that are agreed to.
    pub roles: Vec<RoleSelection>,
}

impl AssociateAccept {
    /// The A-ASSOCIATE-AC PDU.
    pub fn encode(&self, echoed: &[u8; ECHOED_BYTES]) -> Vec<u8> {
        let mut body = Vec::with_capacity(256 + self.contexts.len() * 32);
        body.extend_from_slice(&[0, 1, 0, 0]);
        body.extend_from_slice(echoed);
        put_item(&mut body, APPLICATION_CONTEXT_ITEM, APPLICATION_CONTEXT.as_bytes());
        for context in &self.contexts {
            let mut item = vec![context.id, 0, context.result as u8, 0];
            put_item(&mut item, TRANSFER_SYNTAX_ITEM, context.transfer_syntax.as_str().as_bytes());
            put_item(&mut body, CONTEXT_RESULT_ITEM, &item);
        }
        put_item(&mut body, USER_INFORMATION_ITEM, &self.encode_user_information());

        let length = u32::try_from(body.len()).expect("at most 256 contexts of 100 bytes");
        let mut pdu = Vec::with_capacity(6 + body.len());
        pdu.extend_from_slice(&[PduType::AssociateAccept as u8, 0]);
        pdu.extend_from_slice(&length.to_be_bytes());
        pdu.extend_from_slice(&body);
        pdu
    }

    fn encode_user_information(&self) -> Vec<u8> {
        let mut items = Vec::new();
        put_item(&mut items, MAXIMUM_LENGTH_ITEM, &self.max_length.to_be_bytes());
        put_item(&mut items, IMPLEMENTATION_CLASS_ITEM, filmless_dicom::file_meta::IMPLEMENTATION_CLASS_UID.as_bytes());
        if self.answers_asynchronous_operations {
            put_item(&mut items, ASYNCHRONOUS_OPERATIONS_ITEM, &[0, 1, 0, 1]);
        }
        for role in &self.roles {
            let uid = role.sop_class.as_str().as_bytes();
            let length = u16::try_from(uid.len()).expect("a UID has at most 64 characters");
            let roles = [u8::from(role.scu), u8::from(role.scp)];
            put_item(&mut items, ROLE_SELECTION_ITEM, &[&length.to_be_bytes(), uid, &roles].concat());
        }
        let version_name = filmless_dicom::file_meta::IMPLEMENTATION_VERSION_NAME;
        put_item(&mut items, IMPLEMENTATION_VERSION_ITEM, version_name.as_bytes());
        items
    }
}

fn put_item(bytes: &mut Vec<u8>, item_type: u8, value: &[u8]) {
    // At most 256 roles of 70 bytes stand in an item, see negotiation: far from its 64 KiB.
    let length = u16::try_from(value.len()).expect("items are bounded by negotiation");
    bytes.extend_from_slice(&[item_type, 0]);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_ul::pdu::{AssociationRQ, Pdu, PresentationContextProposed, RequestorRoles, UserVariableItem, read_pdu, write_pdu};

    fn item(item_type: u8, value: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_item(&mut bytes, item_type, value);
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
    fn a_request_that_another_implementation_wrote_is_read() {
        let pdu = Pdu::AssociationRQ(AssociationRQ {
            protocol_version: 1,
            calling_ae_title: "CT 1".to_owned(),
            called_ae_title: "FILMLESS".to_owned(),
            application_context_name: APPLICATION_CONTEXT.to_owned(),
            presentation_contexts: vec![PresentationContextProposed {
                id: 1,
                abstract_syntax: "1.2.840.10008.1.1".to_owned(),
                transfer_syntaxes: vec!["1.2.840.10008.1.2".to_owned(), "1.2.840.10008.1.2.1".to_owned()],
            }],
            user_variables: vec![
                UserVariableItem::MaxLength(16_384),
                UserVariableItem::ImplementationClassUID("1.2.3".to_owned()),
                UserVariableItem::ImplementationVersionName("TEST".to_owned()),
                UserVariableItem::Unknown(ASYNCHRONOUS_OPERATIONS_ITEM, vec![0, 5, 0, 5]),
                UserVariableItem::ScuScpRoleSelectionSubItem(
                    "1.2.840.10008.5.1.4.1.1.2".to_owned(),
                    RequestorRoles { scu: true, scp: true },
                ),
            ],
        });
        let mut bytes = Vec::new();
        write_pdu(&mut bytes, &pdu).expect("a well-formed PDU");
        let request = AssociateRequest::decode(&bytes[6..]).expect("a well-formed PDU");
        assert_eq!((request.called_ae_title(), request.calling_ae_title()), ("FILMLESS".to_owned(), "CT 1".to_owned()));
        assert_eq!(request.application_context.as_deref(), Some(APPLICATION_CONTEXT));
        assert_eq!(request.contexts.len(), 1);
        assert_eq!(request.contexts[0].transfer_syntaxes.len(), 2);
        assert_eq!(request.max_length, 16_384);
        assert_eq!(request.implementation_class_uid, "1.2.3");
        assert_eq!(request.implementation_version_name, "TEST");
        assert!(request.proposes_asynchronous_operations);
        assert_eq!(request.roles.len(), 1);
    }

    #[test]
    fn another_implementation_reads_what_is_accepted() {
        let accept = AssociateAccept {
            contexts: vec![
                ContextAnswer {
                    id: 1,
                    result: ContextResult::Acceptance,
                    transfer_syntax: TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID"),
                },
                ContextAnswer {
                    id: 3,
                    result: ContextResult::AbstractSyntaxNotSupported,
                    transfer_syntax: TransferSyntaxUid::parse("1.2.840.10008.1.2").expect("a UID"),
                },
            ],
            max_length: 131_072,
            answers_asynchronous_operations: true,
            roles: vec![RoleSelection { sop_class: SopClassUid::parse("1.2.3").expect("a UID"), scu: true, scp: false }],
        };
        let mut echoed = [b' '; ECHOED_BYTES];
        echoed[..8].copy_from_slice(b"FILMLESS");
        echoed[16..19].copy_from_slice(b"CT1");
        let bytes = accept.encode(&echoed);
        let pdu = read_pdu(bytes.as_slice(), 16_384, true).expect("well formed").expect("complete");
        let Pdu::AssociationAC(pdu) = pdu else { panic!("{pdu:?}") };
        assert_eq!((pdu.protocol_version, pdu.called_ae_title.as_str(), pdu.calling_ae_title.as_str()), (1, "FILMLESS", "CT1"));
        let contexts: Vec<_> =
            pdu.presentation_contexts.iter().map(|c| (c.id, c.reason.clone() as u8, c.transfer_syntax.as_str())).collect();
        assert_eq!(contexts, [(1, 0, "1.2.840.10008.1.2.1"), (3, 3, "1.2.840.10008.1.2")]);
        assert_eq!(pdu.user_variables[0], UserVariableItem::MaxLength(131_072));
        assert!(pdu.user_variables.contains(&UserVariableItem::Unknown(ASYNCHRONOUS_OPERATIONS_ITEM, vec![0, 1, 0, 1])));
        assert!(pdu.user_variables.contains(&UserVariableItem::ScuScpRoleSelectionSubItem(
            "1.2.3".to_owned(),
            RequestorRoles { scu: true, scp: false },
        )));
    }

    #[test]
    fn unrecognised_items_are_skipped_and_peer_text_is_made_printable() {
        let context = [&[1, 0, 0, 0][..], &item(0x99, b"?"), &item(ABSTRACT_SYNTAX_ITEM, b"1.2.3\0")].concat();
        let user = [item(0x99, b"?"), item(IMPLEMENTATION_VERSION_ITEM, b"A\n\xffB\0")].concat();
        let request = AssociateRequest::decode(&body(&[
            item(0x99, b"?"),
            item(PROPOSED_CONTEXT_ITEM, &context),
            item(USER_INFORMATION_ITEM, &user),
        ]))
        .expect("well formed");
        assert_eq!(request.calling_ae_title(), r"CT1\x07");
        assert_eq!(request.implementation_version_name, r"A\n\xffB");
        assert_eq!(request.contexts[0].abstract_syntax, SopClassUid::parse("1.2.3").ok());
        assert_eq!(request.contexts[0].transfer_syntaxes, []);
        assert_eq!(request.application_context, None);
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
