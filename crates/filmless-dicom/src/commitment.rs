//! Data sets of Storage Commitment (PS3.4 tables J.3-1 and J.3-2): requests are read piece by piece, results written by hand.
//!
//! Both may name tens of thousands of instances, which as objects would take a hundred times their bytes.

use std::collections::{BTreeMap, HashSet};

use dicom_core::VR;
use filmless_model::attribute::Tag;
use filmless_model::commitment::{CommitmentFailure, Reference};
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransactionUid, TransferSyntaxUid};

use crate::element_header::{put_element, put_header_in, put_item};
use crate::header::{
    Encoding, HeaderError, HeaderLimits, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, Syntax, Token, Tokenizer, UNDEFINED,
};
use crate::identifier::{self, Key, KeyValue};

/// The most instances of one request.
pub const MAX_REFERENCES: usize = 100_000;

const TRANSACTION_UID: Tag = Tag(0x0008, 0x1195);
const REFERENCED_SOP_SEQUENCE: Tag = Tag(0x0008, 0x1199);
const FAILED_SOP_SEQUENCE: Tag = Tag(0x0008, 0x1198);
const REFERENCED_SOP_CLASS_UID: Tag = Tag(0x0008, 0x1150);
const REFERENCED_SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x1155);
const FAILURE_REASON: Tag = Tag(0x0008, 0x1197);
const RETRIEVE_AE_TITLE: Tag = Tag(0x0008, 0x0054);

/// Why a data set is no request for storage commitment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitmentDataSetError {
    /// It cannot be read.
    #[error("the data set cannot be read")]
    Malformed(#[from] HeaderError),
    /// An attribute is missing or has no value that is right.
    #[error("an attribute is missing or wrong: {0:?}")]
    Wrong(Tag),
    /// It names too many instances.
    #[error("more than {MAX_REFERENCES} instances are named")]
    TooMany,
}

/// Reads the Action Information of a request as its bytes come.
pub struct RequestReader {
    tokenizer: Tokenizer,
    request: Request,
}

/// What was read so far.
#[derive(Default)]
struct Request {
    /// Sequences that are open.
    sequences: Vec<Tag>,
    transaction: Option<TransactionUid>,
    class: Option<SopClassUid>,
    instance: Option<SopInstanceUid>,
    references: Vec<Reference>,
}

impl RequestReader {
    /// Begins to read.
    pub fn new(transfer_syntax: &TransferSyntaxUid) -> Self {
        let limits = HeaderLimits { max_elements: 5 * MAX_REFERENCES as u64 + 1000, ..HeaderLimits::default() };
        let tokenizer = Tokenizer::new(Syntax::of(transfer_syntax).encoding, 0, &limits, 64);
        Self { tokenizer, request: Request::default() }
    }

    /// Reads on.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), CommitmentDataSetError> {
        while let Some(token) = self.tokenizer.next(&mut bytes)? {
            self.request.take(&token)?;
        }
        Ok(())
    }

    /// Transaction UID and what is asked for; each instance once.
    pub fn finish(mut self) -> Result<(TransactionUid, Vec<Reference>), CommitmentDataSetError> {
        self.tokenizer.finish()?;
        let transaction = self.request.transaction.ok_or(CommitmentDataSetError::Wrong(TRANSACTION_UID))?;
        let mut references = self.request.references;
        let mut seen = HashSet::new();
        let mut is_first: Vec<_> = references.iter().map(|reference| seen.insert(reference)).collect();
        is_first.reverse();
        references.retain(|_| is_first.pop().unwrap_or(false));
        if references.is_empty() {
            return Err(CommitmentDataSetError::Wrong(REFERENCED_SOP_SEQUENCE));
        }
        Ok((transaction, references))
    }
}

impl Request {
    fn take(&mut self, token: &Token<'_>) -> Result<(), CommitmentDataSetError> {
        let in_references = self.sequences == [REFERENCED_SOP_SEQUENCE];
        match token {
            Token::SequenceStart { tag } => self.sequences.push(*tag),
            Token::SequenceEnd => drop(self.sequences.pop()),
            Token::ItemStart if in_references => (self.class, self.instance) = (None, None),
            Token::ItemEnd if in_references => {
                let class = self.class.take().ok_or(CommitmentDataSetError::Wrong(REFERENCED_SOP_CLASS_UID))?;
                let instance = self.instance.take().ok_or(CommitmentDataSetError::Wrong(REFERENCED_SOP_INSTANCE_UID))?;
                if self.references.len() == MAX_REFERENCES {
                    return Err(CommitmentDataSetError::TooMany);
                }
                self.references.push((class, instance));
            }
            Token::Value { tag, bytes, .. } => {
                let text = std::str::from_utf8(bytes).unwrap_or_default();
                match *tag {
                    TRANSACTION_UID if self.sequences.is_empty() => self.transaction = TransactionUid::parse(text).ok(),
                    REFERENCED_SOP_CLASS_UID if in_references => self.class = SopClassUid::parse(text).ok(),
                    REFERENCED_SOP_INSTANCE_UID if in_references => self.instance = SopInstanceUid::parse(text).ok(),
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Reads the Event Information of a result: what is vouched for, and what is not with its Failure Reason.
///
/// Read whole: it answers a request of ours.
pub fn read_result(bytes: &[u8], transfer_syntax: &TransferSyntaxUid) -> Result<ReadResult, CommitmentDataSetError> {
    let keys = identifier::read(bytes, transfer_syntax)?;
    let text = |keys: &[Key], tag: Tag| match keys.iter().find(|key| key.tag == tag).map(|key| &key.value) {
        Some(KeyValue::Text(text)) => Some(text.trim_matches([' ', '\0']).to_owned()),
        _ => None,
    };
    let items = |tag: Tag| match keys.iter().find(|key| key.tag == tag).map(|key| &key.value) {
        Some(KeyValue::Items(items)) => items.as_slice(),
        _ => &[],
    };
    let instance = |item: &[Key]| text(item, REFERENCED_SOP_INSTANCE_UID).and_then(|uid| SopInstanceUid::parse(&uid).ok());
    let transaction = text(&keys, TRANSACTION_UID).and_then(|uid| TransactionUid::parse(&uid).ok());
    let transaction = transaction.ok_or(CommitmentDataSetError::Wrong(TRANSACTION_UID))?;
    let committed = items(REFERENCED_SOP_SEQUENCE).iter().filter_map(|item| instance(item)).collect();
    // A reason that is missing does not make it vouched for.
    let reason = |item: &[Key]| text(item, FAILURE_REASON).and_then(|code| code.parse().ok()).unwrap_or(0x0110);
    let failed = items(FAILED_SOP_SEQUENCE).iter().filter_map(|item| Some((instance(item)?, reason(item)))).collect();
    Ok(ReadResult { transaction, committed, failed })
}

/// What a result says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadResult {
    /// Which request it answers.
    pub transaction: TransactionUid,
    /// What is vouched for.
    pub committed: Vec<SopInstanceUid>,
    /// What is not, with its Failure Reason.
    pub failed: Vec<(SopInstanceUid, u16)>,
}

/// Writes the Action Information of a request.
pub fn write_request(transaction: &TransactionUid, references: &[Reference], transfer_syntax: &TransferSyntaxUid) -> Vec<u8> {
    let encoding = Syntax::of(transfer_syntax).encoding;
    let mut out = Vec::new();
    put_element(encoding, &mut out, TRANSACTION_UID, VR::UI, transaction.as_str().as_bytes());
    put_references(encoding, &mut out, REFERENCED_SOP_SEQUENCE, references.iter().map(|reference| (reference, None)));
    out
}

/// Writes the Event Information of a result: what is vouched for, and what is not, by its place among the references.
pub fn write_result(
    transaction: &TransactionUid,
    retrieve_ae_title: &str,
    references: &[Reference],
    failures: &[(usize, CommitmentFailure)],
    transfer_syntax: &TransferSyntaxUid,
) -> Vec<u8> {
    let encoding = Syntax::of(transfer_syntax).encoding;
    let failed: BTreeMap<_, _> = failures.iter().copied().collect();
    let mut out = Vec::new();
    put_element(encoding, &mut out, RETRIEVE_AE_TITLE, VR::AE, retrieve_ae_title.as_bytes());
    put_element(encoding, &mut out, TRANSACTION_UID, VR::UI, transaction.as_str().as_bytes());
    let items = references.iter().enumerate().map(|(place, reference)| (reference, failed.get(&place)));
    if !failed.is_empty() {
        put_references(encoding, &mut out, FAILED_SOP_SEQUENCE, items.clone().filter(|(_, failure)| failure.is_some()));
    }
    if failed.len() < references.len() {
        put_references(encoding, &mut out, REFERENCED_SOP_SEQUENCE, items.filter(|(_, failure)| failure.is_none()));
    }
    out
}

fn put_references<'a>(
    encoding: Encoding,
    out: &mut Vec<u8>,
    tag: Tag,
    items: impl Iterator<Item = (&'a Reference, Option<&'a CommitmentFailure>)>,
) {
    put_header_in(encoding, out, tag, VR::SQ, UNDEFINED);
    for ((class, instance), failure) in items {
        put_item(encoding, out, ITEM, UNDEFINED);
        put_element(encoding, out, REFERENCED_SOP_CLASS_UID, VR::UI, class.as_str().as_bytes());
        put_element(encoding, out, REFERENCED_SOP_INSTANCE_UID, VR::UI, instance.as_str().as_bytes());
        if let Some(failure) = failure {
            put_element(encoding, out, FAILURE_REASON, VR::US, &encoding.u16_bytes(failure.code()));
        }
        put_item(encoding, out, ITEM_DELIMITER, 0);
    }
    put_item(encoding, out, SEQUENCE_DELIMITER, 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::read;

    const SYNTAXES: [&str; 3] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"];

    fn syntax(uid: &str) -> TransferSyntaxUid {
        TransferSyntaxUid::parse(uid).expect("a UID")
    }

    fn reference(n: usize) -> Reference {
        let class = SopClassUid::parse("1.2.840.10008.5.1.4.1.1.2").expect("a UID");
        (class, SopInstanceUid::parse(&format!("1.2.3.{n}")).expect("a UID"))
    }

    fn transaction() -> TransactionUid {
        TransactionUid::parse("1.2.9").expect("a UID")
    }

    fn read_request(bytes: &[u8], uid: &str, step: usize) -> Result<(TransactionUid, Vec<Reference>), CommitmentDataSetError> {
        let mut reader = RequestReader::new(&syntax(uid));
        bytes.chunks(step).try_for_each(|piece| reader.push(piece))?;
        reader.finish()
    }

    #[test]
    fn what_is_vouched_for_is_written_as_a_request_for_it_reads() {
        let references: Vec<_> = (0..300).map(reference).collect();
        for uid in SYNTAXES {
            let written = write_result(&transaction(), "FILMLESS", &references, &[], &syntax(uid));
            for step in [1, 7, 100_000] {
                assert_eq!(read_request(&written, uid, step), Ok((transaction(), references.clone())), "{uid}");
            }
            let mut twice = references.clone();
            twice.push(reference(0));
            let written = write_result(&transaction(), "FILMLESS", &twice, &[], &syntax(uid));
            assert_eq!(read_request(&written, uid, 64), Ok((transaction(), references.clone())), "each once");
        }
    }

    #[test]
    fn requests_and_results_are_read_as_they_are_written() {
        let references: Vec<_> = (0..3).map(reference).collect();
        let failures = [(1, CommitmentFailure::NoSuchInstance)];
        for uid in SYNTAXES {
            let written = write_request(&transaction(), &references, &syntax(uid));
            assert_eq!(read_request(&written, uid, 64), Ok((transaction(), references.clone())), "{uid}");
            let written = write_result(&transaction(), "FILMLESS", &references, &failures, &syntax(uid));
            let instance = |n: usize| references[n].1.clone();
            let expected = ReadResult {
                transaction: transaction(),
                committed: vec![instance(0), instance(2)],
                failed: vec![(instance(1), 0x0112)],
            };
            assert_eq!(read_result(&written, &syntax(uid)), Ok(expected), "{uid}");
            let nameless = write_result(&transaction(), "FILMLESS", &[], &[], &syntax(uid));
            assert_eq!(read_result(&nameless, &syntax(uid)).map(|read| read.committed), Ok(Vec::new()));
            assert!(read_result(&written[..written.len() / 2], &syntax(uid)).is_err(), "{uid}");
        }
    }

    #[test]
    fn failures_stand_apart_with_their_reasons() {
        let references: Vec<_> = (0..3).map(reference).collect();
        for uid in SYNTAXES {
            for failed in [vec![1], vec![0, 1, 2]] {
                let failures: Vec<_> = failed.iter().map(|place| (*place, CommitmentFailure::NoSuchInstance)).collect();
                let written = write_result(&transaction(), "FILMLESS", &references, &failures, &syntax(uid));
                let keys = read(&written, &syntax(uid)).expect("a data set");
                let items = |tag: Tag| match keys.iter().find(|key| key.tag == tag).map(|key| &key.value) {
                    Some(KeyValue::Items(items)) => items.clone(),
                    _ => Vec::new(),
                };
                let uids = |items: &[Vec<Key>]| items.iter().map(|item| item[1].value.clone()).collect::<Vec<_>>();
                let expected = |is_failed: bool| {
                    let places = (0..3).filter(|place| failed.contains(place) == is_failed);
                    places.map(|place| KeyValue::Text(format!("1.2.3.{place}"))).collect::<Vec<_>>()
                };
                assert_eq!(uids(&items(FAILED_SOP_SEQUENCE)), expected(true));
                assert_eq!(uids(&items(REFERENCED_SOP_SEQUENCE)), expected(false));
                let reason = items(FAILED_SOP_SEQUENCE)[0][2].value.clone();
                assert_eq!(reason, KeyValue::Text(0x0112.to_string()));
            }
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let explicit = SYNTAXES[1];
        let one = [reference(1)];
        let written = write_result(&transaction(), "", &one, &[], &syntax(explicit));
        for (name, bytes, expected) in [
            ("nothing", &b""[..], CommitmentDataSetError::Wrong(TRANSACTION_UID)),
            ("no references", &b"\x08\0\x95\x11UI\x06\x001.2.9\0"[..], CommitmentDataSetError::Wrong(REFERENCED_SOP_SEQUENCE)),
        ] {
            assert_eq!(read_request(bytes, explicit, 100), Err(expected), "{name}");
        }
        let at = written.windows(4).position(|window| window == b"\x08\0\x55\x11").expect("it names an instance");
        let mut without = written.clone();
        without[at + 2] = 0x56;
        let expected = CommitmentDataSetError::Wrong(REFERENCED_SOP_INSTANCE_UID);
        assert_eq!(read_request(&without, explicit, 100), Err(expected));
        let cut = read_request(&written[..written.len() - 12], explicit, 100);
        assert!(matches!(cut, Err(CommitmentDataSetError::Malformed(_))), "{cut:?}");
    }

    #[test]
    fn tens_of_thousands_are_taken_and_more_are_too_many() {
        let implicit = SYNTAXES[0];
        let references: Vec<_> = (0..=MAX_REFERENCES).map(reference).collect();
        let all = write_result(&transaction(), "", &references[1..], &[], &syntax(implicit));
        assert_eq!(read_request(&all, implicit, 16_384).expect("taken").1.len(), MAX_REFERENCES);
        let more = write_result(&transaction(), "", &references, &[], &syntax(implicit));
        assert_eq!(read_request(&more, implicit, 16_384), Err(CommitmentDataSetError::TooMany));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300), which in 0_usize..3) {
            let _ = read_request(&bytes, SYNTAXES[which], 50);
        }
    }
}
