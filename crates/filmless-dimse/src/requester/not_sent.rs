//! What a node was to give and has not: as it says itself in the responses to a C-GET or C-MOVE (PS3.4 section C.4.2 and C.4.3).

use filmless_model::uid::SopInstanceUid;

use crate::command::{CommandSet, CommandTag};
use crate::requester::Transfer;

/// What a node has not sent, apart from what we refused.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct NotSent {
    /// Those that it names.
    pub(super) named: Vec<SopInstanceUid>,
    /// So many more; not every node has a list of them.
    pub(super) unnamed: usize,
}

impl NotSent {
    /// By what a node says: so many failed, these among them. Those that we refused, it counts with the others.
    pub(super) fn of(failed: usize, list: Vec<SopInstanceUid>, transfer: &Transfer, refused: usize) -> Self {
        let count = failed.saturating_sub(refused);
        let told = |instance: &SopInstanceUid| transfer.failures.iter().any(|told| told.instance.as_ref() == Some(instance));
        let mut named: Vec<_> = list.into_iter().filter(|instance| !told(instance)).collect();
        if named.len() > count {
            // Some of them are those that we refused, and too many for each to be told.
            named.clear();
        }
        let unnamed = count - named.len();
        Self { named, unnamed }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.named.is_empty() && self.unnamed == 0
    }

    pub(super) fn count(&self) -> usize {
        self.named.len() + self.unnamed
    }

    /// Says that they do not come.
    pub(super) fn tell(self, transfer: &mut Transfer, why: &str) {
        for instance in self.named {
            transfer.fail(Some(instance), why);
        }
        for _ in 0..self.unnamed {
            transfer.fail(None, why);
        }
    }
}

/// The numbers of a response.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) remaining: usize,
    pub(super) completed: usize,
    pub(super) warnings: usize,
    pub(super) failed: usize,
}

impl Numbers {
    pub(super) fn of(response: &CommandSet) -> Self {
        let number = |tag| response.number(tag).map(usize::from).unwrap_or_default();
        Self {
            remaining: number(CommandTag::NUMBER_OF_REMAINING_SUBOPERATIONS),
            completed: number(CommandTag::NUMBER_OF_COMPLETED_SUBOPERATIONS),
            warnings: number(CommandTag::NUMBER_OF_WARNING_SUBOPERATIONS),
            failed: number(CommandTag::NUMBER_OF_FAILED_SUBOPERATIONS),
        }
    }

    pub(super) fn sum(self) -> usize {
        self.remaining + self.completed + self.warnings + self.failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uid(n: u32) -> SopInstanceUid {
        SopInstanceUid::parse(&format!("1.2.{n}")).expect("a UID")
    }

    #[test]
    fn what_we_refused_is_not_what_a_node_did_not_send() {
        let mut transfer = Transfer::default();
        transfer.fail(Some(uid(1)), "cannot understand");
        for (failed, list, named, unnamed) in [
            (0, vec![], vec![], 0),
            (1, vec![uid(1)], vec![], 0),
            (2, vec![uid(1), uid(2)], vec![uid(2)], 0),
            (3, vec![uid(2)], vec![uid(2)], 1),
            (3, vec![], vec![], 2),
            (1, vec![uid(2), uid(3)], vec![], 0),
        ] {
            let not_sent = NotSent::of(failed, list.clone(), &transfer, 1);
            assert_eq!(not_sent, NotSent { named, unnamed }, "{failed} {list:?}");
        }
    }

    #[test]
    fn each_of_them_is_told() {
        let mut transfer = Transfer::default();
        NotSent { named: vec![uid(2)], unnamed: 1 }.tell(&mut transfer, "gone");
        assert_eq!(transfer.failed, 2);
        let told: Vec<_> = transfer.failures.into_iter().map(|failure| (failure.instance, failure.reason)).collect();
        assert_eq!(told, [(Some(uid(2)), "gone".to_owned()), (None, "gone".to_owned())]);
    }
}
