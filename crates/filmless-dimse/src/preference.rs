//! Which of the proposed transfer syntaxes a presentation context is accepted in (PS3.8 section 9.3.3.2, Presentation Context
//! Item Structure, A-ASSOCIATE-AC).

use dicom_dictionary_std::uids;
use filmless_model::uid::TransferSyntaxUid;

/// Retired, but old devices still propose it.
const EXPLICIT_VR_BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

/// The transfer syntaxes of what is no instance: keys and answers.
const UNCOMPRESSED: [&str; 3] = [uids::IMPLICIT_VR_LITTLE_ENDIAN, uids::EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN];

/// The requestor's first transfer syntax: it is what it has at hand, so nothing is re-encoded for us. But where the first
/// is one of the three uncompressed ones and Explicit VR Little Endian is among the others, that one: Implicit VR loses
/// the representation of private elements, and Big Endian is retired. A compressed one is never asked for in place of an
/// uncompressed one, as it might be lossy.
pub(crate) fn choose(proposed: &[TransferSyntaxUid]) -> Option<TransferSyntaxUid> {
    let first = proposed.first()?;
    if ![uids::IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN].contains(&first.as_str()) {
        return Some(first.clone());
    }
    let find = |uid: &str| proposed.iter().find(|proposed| proposed.as_str() == uid);
    let better = find(uids::EXPLICIT_VR_LITTLE_ENDIAN).or_else(|| find(uids::IMPLICIT_VR_LITTLE_ENDIAN));
    Some(better.unwrap_or(first).clone())
}

/// The same among those of keys and answers.
pub(crate) fn choose_uncompressed(proposed: &[TransferSyntaxUid]) -> Option<TransferSyntaxUid> {
    let uncompressed: Vec<_> = proposed.iter().filter(|uid| UNCOMPRESSED.contains(&uid.as_str())).cloned().collect();
    choose(&uncompressed)
}

/// The first of those set for a peer that is proposed; as without a setting, if there is none.
pub(crate) fn choose_of(set: &[TransferSyntaxUid], proposed: &[TransferSyntaxUid]) -> Option<TransferSyntaxUid> {
    if set.is_empty() { choose(proposed) } else { set.iter().find(|uid| proposed.contains(uid)).cloned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMPLICIT: &str = "1.2.840.10008.1.2";
    const EXPLICIT: &str = "1.2.840.10008.1.2.1";
    const BIG: &str = "1.2.840.10008.1.2.2";
    const JPEG: &str = "1.2.840.10008.1.2.4.50";
    const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";

    #[test]
    fn what_is_set_for_a_peer_decides_and_otherwise_what_it_prefers() {
        let uids = |uids: &[&str]| uids.iter().map(|uid| TransferSyntaxUid::parse(uid).expect("a UID")).collect::<Vec<_>>();
        for (set, proposed, expected) in [
            (&[][..], &[JPEG, EXPLICIT][..], Some(JPEG)),
            (&[], &[IMPLICIT, EXPLICIT, JPEG], Some(EXPLICIT)),
            (&[], &[BIG, IMPLICIT], Some(IMPLICIT)),
            (&[], &[BIG], Some(BIG)),
            (&[], &[], None),
            (&[JPEG_LS, EXPLICIT], &[IMPLICIT, EXPLICIT, JPEG_LS], Some(JPEG_LS)),
            (&[JPEG_LS, IMPLICIT, EXPLICIT], &[EXPLICIT, IMPLICIT], Some(IMPLICIT)),
            (&[JPEG_LS], &[EXPLICIT, IMPLICIT], None),
        ] {
            let chosen = choose_of(&uids(set), &uids(proposed));
            assert_eq!(chosen.as_ref().map(TransferSyntaxUid::as_str), expected, "{set:?} {proposed:?}");
        }
    }

    #[test]
    fn keys_and_answers_are_uncompressed() {
        let uids = |uids: &[&str]| uids.iter().map(|uid| TransferSyntaxUid::parse(uid).expect("a UID")).collect::<Vec<_>>();
        for (proposed, expected) in [(&[JPEG, IMPLICIT][..], Some(IMPLICIT)), (&[JPEG], None)] {
            let chosen = choose_uncompressed(&uids(proposed));
            assert_eq!(chosen.as_ref().map(TransferSyntaxUid::as_str), expected, "{proposed:?}");
        }
    }
}
