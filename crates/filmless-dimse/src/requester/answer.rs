//! A-ASSOCIATE-AC as its requestor reads it (PS3.8 section 9.3.3): what was agreed to. Items that are not known are skipped, and
//! what contradicts itself is no answer.

use filmless_model::uid::{SopClassUid, TransferSyntaxUid};

use crate::associate::{
    FIXED_BYTES, IMPLEMENTATION_VERSION_ITEM, MAXIMUM_LENGTH_ITEM, MalformedRequest, ROLE_SELECTION_ITEM, RoleSelection,
    TRANSFER_SYNTAX_ITEM, USER_INFORMATION_ITEM, end_of_uid, printable, split_item,
};

/// The answer to a presentation context.
const CONTEXT_RESULT_ITEM: u8 = 0x21;

/// The bytes are not an A-ASSOCIATE-AC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedAnswer;

impl From<MalformedRequest> for MalformedAnswer {
    fn from(_: MalformedRequest) -> Self {
        Self
    }
}

/// What an A-ASSOCIATE-AC says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssociateAnswer {
    /// The accepted contexts, each with its transfer syntax.
    pub contexts: Vec<(u8, TransferSyntaxUid)>,
    /// The longest P-DATA-TF PDU that the peer takes; 0 if it does not say or says without limit.
    pub max_length: u32,
    /// The roles that were agreed to.
    pub roles: Vec<RoleSelection>,
    /// What the peer is made of, made printable; for logs.
    pub implementation_version_name: String,
}

impl AssociateAnswer {
    /// Reads the PDU without its header.
    pub fn decode(body: &[u8]) -> Result<Self, MalformedAnswer> {
        let mut answer = Self::default();
        let (_, mut items) = body.split_at_checked(FIXED_BYTES).ok_or(MalformedAnswer)?;
        while let Some((item_type, value)) = split_item(&mut items)? {
            match item_type {
                CONTEXT_RESULT_ITEM => answer.contexts.extend(context(value)?),
                USER_INFORMATION_ITEM => answer.read_user_information(value)?,
                _ => (),
            }
        }
        Ok(answer)
    }

    fn read_user_information(&mut self, mut items: &[u8]) -> Result<(), MalformedAnswer> {
        while let Some((item_type, value)) = split_item(&mut items)? {
            match item_type {
                MAXIMUM_LENGTH_ITEM => {
                    self.max_length = u32::from_be_bytes(value.try_into().map_err(|_| MalformedAnswer)?);
                }
                ROLE_SELECTION_ITEM => {
                    let end = end_of_uid(value)?;
                    let (uid, roles) = value.split_at_checked(end).ok_or(MalformedAnswer)?;
                    let [scu, scp, ..] = *roles else { return Err(MalformedAnswer) };
                    let sop_class = std::str::from_utf8(&uid[2..]).ok().and_then(|uid| SopClassUid::parse(trimmed(uid)).ok());
                    self.roles.extend(sop_class.map(|sop_class| RoleSelection { sop_class, scu: scu == 1, scp: scp == 1 }));
                }
                IMPLEMENTATION_VERSION_ITEM => {
                    let name: String = value.iter().copied().map(char::from).collect();
                    self.implementation_version_name = printable(&name);
                }
                _ => (),
            }
        }
        Ok(())
    }
}

/// ID and transfer syntax of a context that was accepted.
fn context(value: &[u8]) -> Result<Option<(u8, TransferSyntaxUid)>, MalformedAnswer> {
    let ([id, _, result, _], mut items) = value.split_first_chunk().ok_or(MalformedAnswer)?;
    let mut transfer_syntax = None;
    // That of a context that was not accepted has no meaning, and may be anything.
    while *result == 0
        && let Some((item_type, value)) = split_item(&mut items)?
    {
        if item_type == TRANSFER_SYNTAX_ITEM {
            let uid = std::str::from_utf8(value).map_err(|_| MalformedAnswer)?;
            transfer_syntax = Some(TransferSyntaxUid::parse(trimmed(uid)).map_err(|_| MalformedAnswer)?);
        }
    }
    Ok(transfer_syntax.map(|transfer_syntax| (*id, transfer_syntax)))
}

fn trimmed(uid: &str) -> &str {
    uid.trim_matches(|c| c == ' ' || c == '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(item_type: u8, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).expect("short").to_be_bytes();
        [&[item_type, 0], &length[..], value].concat()
    }

    fn body(items: &[Vec<u8>]) -> Vec<u8> {
        [&[0; FIXED_BYTES][..], &items.concat()].concat()
    }

    #[test]
    fn what_was_agreed_to_is_read() {
        let explicit = item(TRANSFER_SYNTAX_ITEM, b"1.2.840.10008.1.2.1\0");
        let user = [
            item(MAXIMUM_LENGTH_ITEM, &[0, 0, 0x40, 0]),
            item(ROLE_SELECTION_ITEM, b"\0\x031.2\0\x01"),
            item(IMPLEMENTATION_VERSION_ITEM, b"PEER_1\x07"),
            item(0x5A, b"new"),
        ];
        let answer = AssociateAnswer::decode(&body(&[
            item(0x10, b"1.2.840.10008.3.1.1.1"),
            item(CONTEXT_RESULT_ITEM, &[&[1, 0, 0, 0][..], &explicit].concat()),
            item(CONTEXT_RESULT_ITEM, &[&[3, 0, 3, 0][..], &item(TRANSFER_SYNTAX_ITEM, b"")].concat()),
            item(CONTEXT_RESULT_ITEM, &[5, 0, 3, 0]),
            item(USER_INFORMATION_ITEM, &user.concat()),
        ]));
        let answer = answer.expect("well formed");
        let transfer_syntax = TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID");
        assert_eq!(answer.contexts, [(1, transfer_syntax)]);
        assert_eq!(answer.max_length, 16_384);
        let sop_class = SopClassUid::parse("1.2").expect("a UID");
        assert_eq!(answer.roles, [RoleSelection { sop_class, scu: false, scp: true }]);
        assert_eq!(answer.implementation_version_name, "PEER_1\\x07");
    }

    #[test]
    fn what_contradicts_itself_is_no_answer() {
        for (name, bytes) in [
            ("short", vec![0; 10]),
            ("cut item", body(&[vec![0x21, 0, 0, 9, 1]])),
            ("context without result", body(&[item(CONTEXT_RESULT_ITEM, &[1])])),
            (
                "accepted without a UID",
                body(&[item(CONTEXT_RESULT_ITEM, &[&[1, 0, 0, 0][..], &item(TRANSFER_SYNTAX_ITEM, b"x")].concat())]),
            ),
            ("length of three bytes", body(&[item(USER_INFORMATION_ITEM, &item(MAXIMUM_LENGTH_ITEM, &[1, 2, 3]))])),
            ("role without roles", body(&[item(USER_INFORMATION_ITEM, &item(ROLE_SELECTION_ITEM, b"\0\x031.2"))])),
        ] {
            assert_eq!(AssociateAnswer::decode(&bytes), Err(MalformedAnswer), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_an_answer_or_none(bytes: Vec<u8>) {
            let _ = AssociateAnswer::decode(&body(&[bytes]));
        }
    }
}
