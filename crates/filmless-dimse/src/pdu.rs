//! PDUs as PS3.8 section 9.3 (DICOM Upper Layer Protocol for TCP/IP: Data Units Structure) frames them.
//!
//! The decoder does no I/O. It hands out data as it comes: neither a P-DATA-TF PDU nor a presentation data value is ever
//! collected, so a declared length costs no memory; `dicom-ul` reads a PDU only when it has all of it, and is asked for
//! what is short. All PDUs but P-DATA-TF are written by it; A-ASSOCIATE-RQ is read by it, in [`crate::associate`].

mod data;

use std::ops::ControlFlow::{self, Break, Continue};

use bytes::{Buf, Bytes, BytesMut};
use dicom_ul::pdu::writer::write_pdu;
pub use dicom_ul::pdu::{AbortRQServiceProviderReason as AbortReason, AbortRQSource as Abort};
use dicom_ul::pdu::{
    AssociationRJ, AssociationRJResult, AssociationRJServiceProviderASCEReason, AssociationRJServiceProviderPresentationReason,
    AssociationRJServiceUserReason, AssociationRJSource, Pdu,
};

pub use data::{Part, encode_part};
pub(crate) use data::{encode_message, encode_whole_fragments};

/// PDU type, reserved byte and length.
pub const HEADER_BYTES: usize = 6;
/// What stands before the data of a presentation data value: length, presentation context ID, message control header.
pub const VALUE_HEADER_BYTES: usize = 6;
/// The longest A-ASSOCIATE-RQ or A-ASSOCIATE-AC that is read. 128 contexts of 40 transfer syntaxes each need some 150 KiB.
pub const MAX_ASSOCIATE_REQUEST_BYTES: u32 = 512 * 1024;

/// The PDU types of PS3.8 table 9-1 to table 9-26.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the standard's names, in words")]
pub enum PduType {
    AssociateRequest = 1,
    AssociateAccept = 2,
    AssociateReject = 3,
    Data = 4,
    ReleaseRequest = 5,
    ReleaseResponse = 6,
    Abort = 7,
}

impl PduType {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::AssociateRequest,
            2 => Self::AssociateAccept,
            3 => Self::AssociateReject,
            4 => Self::Data,
            5 => Self::ReleaseRequest,
            6 => Self::ReleaseResponse,
            7 => Self::Abort,
            _ => return None,
        })
    }
}

/// All bytes of a PDU.
pub(crate) fn encode(pdu: &Pdu) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_pdu(&mut bytes, pdu).expect("memory takes what is written, and our text is ASCII");
    bytes
}

/// The A-ABORT PDU.
pub(crate) fn encode_abort(source: Abort) -> Vec<u8> {
    encode(&Pdu::AbortRQ { source })
}

/// Why an association is not made (PS3.8 table 9-21, A-ASSOCIATE-RJ PDU Fields).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// Bit 0 of the protocol version is not set.
    ProtocolVersionNotSupported,
    /// Another application context than DICOM's.
    ApplicationContextNotSupported,
    /// A peer we do not know.
    CallingAeTitleNotRecognised,
    /// A peer who wants somebody else.
    CalledAeTitleNotRecognised,
    /// A user who is not believed, or not named where one has to be.
    UserNotBelieved,
    /// Who the peer is cannot be found out now.
    TemporaryCongestion,
    /// As many associations as may be are open.
    LocalLimitExceeded,
}

impl Rejection {
    /// The A-ASSOCIATE-RJ PDU.
    pub fn pdu(self) -> Pdu {
        use AssociationRJResult::{Permanent, Transient};
        use AssociationRJServiceProviderASCEReason::ProtocolVersionNotSupported;
        use AssociationRJServiceProviderPresentationReason::{LocalLimitExceeded, TemporaryCongestion};
        use AssociationRJServiceUserReason as User;
        use AssociationRJSource::{ServiceProviderASCE, ServiceProviderPresentation, ServiceUser};
        let (result, source) = match self {
            Self::ProtocolVersionNotSupported => (Permanent, ServiceProviderASCE(ProtocolVersionNotSupported)),
            Self::ApplicationContextNotSupported => (Permanent, ServiceUser(User::ApplicationContextNameNotSupported)),
            Self::CallingAeTitleNotRecognised => (Permanent, ServiceUser(User::CallingAETitleNotRecognized)),
            Self::CalledAeTitleNotRecognised => (Permanent, ServiceUser(User::CalledAETitleNotRecognized)),
            Self::UserNotBelieved => (Permanent, ServiceUser(User::NoReasonGiven)),
            Self::TemporaryCongestion => (Transient, ServiceProviderPresentation(TemporaryCongestion)),
            Self::LocalLimitExceeded => (Transient, ServiceProviderPresentation(LocalLimitExceeded)),
        };
        Pdu::AssociationRJ(AssociationRJ { result, source })
    }

    /// The standard's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProtocolVersionNotSupported => "protocol version not supported",
            Self::ApplicationContextNotSupported => "application context name not supported",
            Self::CallingAeTitleNotRecognised => "calling AE title not recognized",
            Self::CalledAeTitleNotRecognised => "called AE title not recognized",
            Self::UserNotBelieved => "no reason given",
            Self::TemporaryCongestion => "temporary congestion",
            Self::LocalLimitExceeded => "local limit exceeded",
        }
    }
}

/// A piece of a presentation data value (PS3.8 section 9.3.5.1 and annex E.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The presentation context it names.
    pub context_id: u8,
    /// Whether it is of a command set; of a data set otherwise.
    pub is_command: bool,
    /// Whether it ends the command set or data set. No other sign does: an empty fragment does not.
    pub is_last: bool,
    /// The data.
    pub bytes: Bytes,
}

/// What the decoder found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// An A-ASSOCIATE-RQ without its header. Only the first is handed out, and only to an acceptor.
    AssociateRequest(Bytes),
    /// An A-ASSOCIATE-AC without its header. Only the first is handed out, and only to a requestor.
    AssociateAccept(Bytes),
    /// A-ASSOCIATE-RJ, with what it says as in PS3.8 table 9-21. Only the first is handed out, and only to a requestor.
    AssociateReject {
        /// 1 is permanent, 2 transient.
        result: u8,
        /// Who rejects.
        source: u8,
        /// Why, by source.
        reason: u8,
    },
    /// A piece of a message.
    Fragment(Fragment),
    /// A-RELEASE-RQ.
    ReleaseRequest,
    /// A-RELEASE-RP.
    ReleaseResponse,
    /// A-ABORT, with its source and reason.
    Abort {
        /// 0 is the service user, 2 the service provider.
        source: u8,
        /// As in PS3.8 table 9-26.
        reason: u8,
    },
    /// A PDU about making an association that nobody waits for.
    Unexpected(PduType),
    /// Not a PDU of the standard, or an invalid one.
    Invalid(AbortReason),
    /// The connection is at its end.
    Closed,
}

#[derive(Debug)]
enum State {
    /// Before a PDU.
    Header,
    /// In a PDU whose remaining bytes do not matter.
    Skip { remaining: u32 },
    /// In an A-ASSOCIATE-RQ or A-ASSOCIATE-AC, which is collected.
    Associate { pdu_type: PduType, length: u32 },
    /// In a PDU of four bytes.
    Short { pdu_type: PduType },
    /// In a P-DATA-TF PDU, before a presentation data value or at the end.
    Data { remaining: u32 },
    /// In a presentation data value.
    Value { remaining: u32, after: u32, context_id: u8, control: u8, started: bool },
}

/// Finds PDUs in a stream of bytes.
#[derive(Debug)]
pub struct PduDecoder {
    max_data_length: u32,
    awaits: Awaits,
    state: State,
}

/// What an association is made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaits {
    Request,
    Answer,
    Nothing,
}

impl PduDecoder {
    /// An acceptor's decoder at the start of a connection that takes P-DATA-TF PDUs of at most `max_data_length` bytes.
    pub fn new(max_data_length: u32) -> Self {
        Self { max_data_length, awaits: Awaits::Request, state: State::Header }
    }

    /// A requestor's.
    pub fn of_requestor(max_data_length: u32) -> Self {
        Self { awaits: Awaits::Answer, ..Self::new(max_data_length) }
    }

    /// How many bytes are known to come before the next PDU.
    pub fn remaining(&self) -> usize {
        let bytes = match &self.state {
            State::Header => 0,
            State::Skip { remaining } | State::Data { remaining } => *remaining,
            State::Associate { length, .. } => *length,
            State::Short { .. } => 4,
            State::Value { remaining, after, .. } => remaining.saturating_add(*after),
        };
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// Takes the next thing out of `buffer`; `None` asks for more bytes.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Option<Arrival> {
        loop {
            match self.state {
                State::Header => {
                    if let Break(found) = self.header(buffer) {
                        return found;
                    }
                }
                State::Skip { remaining: 0 } | State::Data { remaining: 0 } => self.state = State::Header,
                State::Skip { remaining } => {
                    let skipped = buffer.len().min(remaining as usize);
                    if skipped == 0 {
                        return None;
                    }
                    buffer.advance(skipped);
                    self.state = State::Skip { remaining: less(remaining, skipped) };
                }
                State::Associate { pdu_type, length } => {
                    if buffer.len() < length as usize {
                        return None;
                    }
                    self.state = State::Header;
                    let body = buffer.split_to(length as usize).freeze();
                    let is_request = pdu_type == PduType::AssociateRequest;
                    return Some(if is_request { Arrival::AssociateRequest(body) } else { Arrival::AssociateAccept(body) });
                }
                State::Short { pdu_type } => {
                    let [_, result, source, reason] = *buffer.first_chunk()?;
                    buffer.advance(4);
                    self.state = State::Header;
                    return Some(match pdu_type {
                        PduType::ReleaseRequest => Arrival::ReleaseRequest,
                        PduType::ReleaseResponse => Arrival::ReleaseResponse,
                        PduType::AssociateReject => Arrival::AssociateReject { result, source, reason },
                        _ => Arrival::Abort { source, reason },
                    });
                }
                State::Data { remaining } => {
                    if let Break(found) = self.value_header(buffer, remaining) {
                        return found;
                    }
                }
                State::Value { remaining, after, context_id, control, started } => {
                    if remaining == 0 && started {
                        self.state = State::Data { remaining: after };
                        continue;
                    }
                    let taken = buffer.len().min(remaining as usize);
                    if taken == 0 && remaining > 0 {
                        return None;
                    }
                    let remaining = less(remaining, taken);
                    self.state = State::Value { remaining, after, context_id, control, started: true };
                    return Some(Arrival::Fragment(Fragment {
                        context_id,
                        is_command: control & 1 != 0,
                        is_last: control & 2 != 0 && remaining == 0,
                        bytes: buffer.split_to(taken).freeze(),
                    }));
                }
            }
        }
    }

    /// Reads a PDU's header. Breaks with what [`PduDecoder::next`] is to return.
    fn header(&mut self, buffer: &mut BytesMut) -> ControlFlow<Option<Arrival>> {
        let Some(&[type_byte, _, a, b, c, d]) = buffer.first_chunk::<HEADER_BYTES>() else { return Break(None) };
        buffer.advance(HEADER_BYTES);
        let length = u32::from_be_bytes([a, b, c, d]);
        self.state = State::Skip { remaining: length };
        let Some(pdu_type) = PduType::from_byte(type_byte) else {
            return Break(Some(Arrival::Invalid(AbortReason::UnrecognizedPdu)));
        };
        self.state = match pdu_type {
            PduType::AssociateRequest | PduType::AssociateAccept if self.awaits == Awaits::of(pdu_type) => {
                self.awaits = Awaits::Nothing;
                if length > MAX_ASSOCIATE_REQUEST_BYTES {
                    return Break(Some(INVALID));
                }
                State::Associate { pdu_type, length }
            }
            PduType::AssociateReject if self.awaits == Awaits::Answer => {
                self.awaits = Awaits::Nothing;
                if length != 4 {
                    return Break(Some(INVALID));
                }
                State::Short { pdu_type }
            }
            PduType::AssociateRequest | PduType::AssociateAccept | PduType::AssociateReject => {
                return Break(Some(Arrival::Unexpected(pdu_type)));
            }
            // "One or more" values, PS3.8 table 9-22: an empty PDU is none of the standard's.
            PduType::Data if length == 0 || length > self.max_data_length => return Break(Some(INVALID)),
            PduType::Data => State::Data { remaining: length },
            // Who aborts is gone, however oddly they said so.
            PduType::Abort if length != 4 => return Break(Some(Arrival::Abort { source: 0, reason: 0 })),
            PduType::ReleaseRequest | PduType::ReleaseResponse if length != 4 => return Break(Some(INVALID)),
            PduType::ReleaseRequest | PduType::ReleaseResponse | PduType::Abort => State::Short { pdu_type },
        };
        Continue(())
    }

    /// Reads the header of a presentation data value in a PDU of which `remaining` bytes are left.
    fn value_header(&mut self, buffer: &mut BytesMut, remaining: u32) -> ControlFlow<Option<Arrival>> {
        let Some(after_header) = remaining.checked_sub(6) else {
            self.state = State::Skip { remaining };
            return Break(Some(INVALID));
        };
        let Some(&[a, b, c, d, context_id, control]) = buffer.first_chunk::<VALUE_HEADER_BYTES>() else {
            return Break(None);
        };
        buffer.advance(VALUE_HEADER_BYTES);
        // The item length counts the context ID and the message control header too.
        let length = u32::from_be_bytes([a, b, c, d]).checked_sub(2);
        let Some((length, after)) = length.and_then(|length| Some((length, after_header.checked_sub(length)?))) else {
            self.state = State::Skip { remaining: after_header };
            return Break(Some(INVALID));
        };
        self.state = State::Value { remaining: length, after, context_id, control, started: false };
        Continue(())
    }
}

impl Awaits {
    fn of(pdu_type: PduType) -> Self {
        if pdu_type == PduType::AssociateRequest { Self::Request } else { Self::Answer }
    }
}

/// A PDU whose lengths cannot be.
const INVALID: Arrival = Arrival::Invalid(AbortReason::InvalidPduParameter);

/// What is left of `remaining` once `taken` bytes, which are no more than that, are gone.
fn less(remaining: u32, taken: usize) -> u32 {
    remaining.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Vec<Arrival> {
        let mut decoder = PduDecoder::new(64);
        let mut buffer = BytesMut::from(bytes);
        std::iter::from_fn(|| decoder.next(&mut buffer)).collect()
    }

    fn fragment(context_id: u8, is_command: bool, is_last: bool, bytes: &'static [u8]) -> Arrival {
        Arrival::Fragment(Fragment { context_id, is_command, is_last, bytes: Bytes::from_static(bytes) })
    }

    #[test]
    fn pdus_are_told_apart() {
        let invalid = || Arrival::Invalid(AbortReason::InvalidPduParameter);
        let cases: [(&str, &[u8], Vec<Arrival>); 17] = [
            ("nothing", b"", vec![]),
            ("half a header", b"\x04\0\0\0", vec![]),
            ("one value", b"\x04\0\0\0\0\x08\0\0\0\x04\x01\x03ab", vec![fragment(1, true, true, b"ab")]),
            ("value without data", b"\x04\0\0\0\0\x06\0\0\0\x02\x05\0", vec![fragment(5, false, false, b"")]),
            (
                "two values",
                b"\x04\0\0\0\0\x0f\0\0\0\x03\x01\0a\0\0\0\x04\x01\x02bc",
                vec![fragment(1, false, false, b"a"), fragment(1, false, true, b"bc")],
            ),
            ("reserved bits are not looked at", b"\x04\xff\0\0\0\x07\0\0\0\x03\x01\xfca", vec![fragment(1, false, false, b"a")]),
            ("P-DATA without a value", b"\x04\0\0\0\0\0", vec![invalid()]),
            ("P-DATA too long", b"\x04\0\0\0\0\x41", vec![invalid()]),
            ("P-DATA far too long", b"\x04\0\xff\xff\xff\xff", vec![invalid()]),
            ("value longer than its PDU", b"\x04\0\0\0\0\x07\0\0\0\x04\x01\0a", vec![invalid()]),
            ("value of no length", b"\x04\0\0\0\0\x06\0\0\0\x01\x01\0", vec![invalid()]),
            ("value cut off", b"\x04\0\0\0\0\x05\0\0\0\x02\x01", vec![invalid()]),
            (
                "unknown type",
                b"\x08\0\0\0\0\x01x\x05\0\0\0\0\x04\0\0\0\0",
                vec![Arrival::Invalid(AbortReason::UnrecognizedPdu), Arrival::ReleaseRequest],
            ),
            ("release", b"\x06\0\0\0\0\x04\0\0\0\0", vec![Arrival::ReleaseResponse]),
            ("release of a wrong length", b"\x05\0\0\0\0\x05\0\0\0\0\0", vec![invalid()]),
            ("abort", b"\x07\0\0\0\0\x04\0\0\x02\x06", vec![Arrival::Abort { source: 2, reason: 6 }]),
            (
                "second request",
                b"\x01\0\0\0\0\x01x\x01\0\0\0\0\x01y\x02\0\0\0\0\0",
                vec![
                    Arrival::AssociateRequest(Bytes::from_static(b"x")),
                    Arrival::Unexpected(PduType::AssociateRequest),
                    Arrival::Unexpected(PduType::AssociateAccept),
                ],
            ),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(decode(bytes), expected, "{name}");
        }
    }

    #[test]
    fn data_is_handed_out_before_its_pdu_is_complete() {
        let mut decoder = PduDecoder::new(64);
        let mut buffer = BytesMut::from(&b"\x04\0\0\0\0\x09\0\0\0\x05\x01\x02a"[..]);
        assert_eq!(decoder.next(&mut buffer), Some(fragment(1, false, false, b"a")));
        assert_eq!(decoder.next(&mut buffer), None);
        assert_eq!(decoder.remaining(), 2);
        buffer.extend_from_slice(b"bc");
        assert_eq!(decoder.next(&mut buffer), Some(fragment(1, false, true, b"bc")));
        assert_eq!(decoder.next(&mut buffer), None);
        assert_eq!(decoder.remaining(), 0);
    }

    proptest::proptest! {
        /// However the bytes are cut, the same things come out, and all of them: none is lost, none doubled.
        #[test]
        fn where_the_stream_is_cut_does_not_matter(
            bytes in proptest::collection::vec(proptest::prop_oneof![0_u8..8, proptest::num::u8::ANY], 0..200),
            cut in 0_usize..200,
        ) {
            let cut = cut.min(bytes.len());
            let mut decoder = PduDecoder::new(64);
            let mut buffer = BytesMut::from(&bytes[..cut]);
            let mut found: Vec<_> = std::iter::from_fn(|| decoder.next(&mut buffer)).collect();
            buffer.extend_from_slice(&bytes[cut..]);
            found.extend(std::iter::from_fn(|| decoder.next(&mut buffer)));
            proptest::prop_assert_eq!(joined(found), joined(decode(&bytes)));
        }
    }

    /// Arrivals with the pieces of one value put together.
    fn joined(arrivals: Vec<Arrival>) -> Vec<Arrival> {
        let mut joined: Vec<Arrival> = Vec::new();
        for arrival in arrivals {
            if let (Arrival::Fragment(next), Some(Arrival::Fragment(last))) = (&arrival, joined.last_mut())
                && (last.context_id, last.is_command) == (next.context_id, next.is_command)
                && !last.is_last
            {
                last.bytes = [&last.bytes[..], &next.bytes[..]].concat().into();
                last.is_last = next.is_last;
            } else {
                joined.push(arrival);
            }
        }
        joined
    }
}
