//! What a node neither sent nor said that it could not: it skipped it. So what is here after a fetch is compared with what the
//! node says it has: instance by instance, or by their number where it does not answer at that level.

use std::collections::BTreeSet;
use std::sync::Arc;

use filmless_archive::{Archive, ArchiveError};
use filmless_dicom::remote_search::Level;
use filmless_model::actor::Actor;
use filmless_model::uid::SopInstanceUid;

use crate::requester::c_find::models;
use crate::requester::not_sent::NotSent;
use crate::requester::whereabouts::Whereabouts;
use crate::requester::{Failure, RemoteNode, RequestError, Requester, Transfer, Wanted};

/// Why an instance is not here.
const SKIPPED: &str = "the node did not send it and did not say so";

/// What a node says it has of what is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// These instances.
    Instances(Vec<SopInstanceUid>),
    /// So many.
    Number(usize),
    /// It does not say.
    Nothing,
}

impl Requester {
    /// What the node says it has. Of instances that were asked for one by one it need not say anything.
    pub(super) async fn said(&self, node: &RemoteNode, wanted: &Wanted) -> Said {
        if !wanted.instances.is_empty() {
            return Said::Instances(wanted.instances.clone());
        }
        let said = match self.listed(node, wanted).await {
            Ok(Whereabouts { places, is_complete: true }) => {
                return Said::Instances(places.into_iter().map(|place| place.instance).collect());
            }
            Ok(_) | Err(RequestError::Status(_) | RequestError::NoDicom) => self.counted(node, wanted).await,
            Err(error) => Err(error),
        };
        said.unwrap_or_else(|error| {
            tracing::info!(peer.ae = %node.ae_title, %error, "a node does not say what it has, to compare with what it sent");
            Said::Nothing
        })
    }

    async fn listed(&self, node: &RemoteNode, wanted: &Wanted) -> Result<Whereabouts, RequestError> {
        let mut association = self.associate(node, &models(Level::Series)).await?;
        let found = association.whereabouts(wanted, None).await;
        association.concluded(found).await?
    }

    /// On an association of its own: it may have left the one before.
    async fn counted(&self, node: &RemoteNode, wanted: &Wanted) -> Result<Said, RequestError> {
        let mut association = self.associate(node, &models(Level::Study)).await?;
        let number = association.related_instances(wanted).await;
        let number = association.concluded(number).await?;
        Ok(number.map_or(Said::Nothing, Said::Number))
    }
}

/// The instances that are here of what is wanted.
pub(super) async fn here(archive: &Arc<Archive>, wanted: &Wanted) -> Result<BTreeSet<SopInstanceUid>, ArchiveError> {
    match wanted.stored(archive, &Actor::Operator).await {
        Ok(stored) => Ok(stored.into_iter().map(|stored| stored.address.instance).collect()),
        Err(ArchiveError::NotFound) => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

/// Tells what is not here of what a node has; `rest` is what it said it did not send, and is told after this.
pub(super) fn tell(transfer: &mut Transfer, said: Said, here: &BTreeSet<SopInstanceUid>, rest: &mut NotSent) {
    let (known, missing, list) = match said {
        Said::Instances(list) => {
            let list: BTreeSet<_> = list.into_iter().collect();
            let missing: Vec<_> = list.iter().filter(|uid| !here.contains(uid) && !rest.named.contains(uid)).cloned().collect();
            (list.len(), missing.len(), missing)
        }
        Said::Number(number) => (number, number.saturating_sub(here.len() + rest.named.len()), Vec::new()),
        Said::Nothing => return,
    };
    // What we refused is not here either; not all of it is told by its name.
    let is_told = |failure: &&Failure| failure.instance.as_ref().is_none_or(|uid| list.is_empty() || list.contains(uid));
    let refused = transfer.failures.iter().filter(is_told).count() + transfer.failed - transfer.failures.len();
    let skipped = NotSent::of(missing, list, transfer, refused);
    // Those of which it said only how many are among them.
    rest.unnamed = rest.unnamed.saturating_sub(skipped.count());
    skipped.tell(transfer, SKIPPED);
    let total = transfer.total.unwrap_or_default().max(known);
    transfer.total = Some(total);
    // A node that says it moved what has not come has moved less.
    transfer.completed = transfer.completed.min(total.saturating_sub(transfer.failed + rest.count()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uid(n: u32) -> SopInstanceUid {
        SopInstanceUid::parse(&format!("1.2.{n}")).expect("a UID")
    }

    fn uids(numbers: &[u32]) -> Vec<SopInstanceUid> {
        numbers.iter().copied().map(uid).collect()
    }

    #[test]
    fn what_a_node_has_and_is_not_here_is_told_once() {
        type Case<'c> = (Said, &'c [u32], (&'c [u32], usize), &'c [u32], &'c [Option<u32>], (usize, usize));
        let cases: [Case<'_>; 9] = [
            (Said::Instances(uids(&[1, 2, 3])), &[1, 2, 3], (&[], 0), &[], &[], (3, 0)),
            (Said::Instances(uids(&[1, 2, 3])), &[1, 2], (&[], 0), &[], &[Some(3)], (2, 0)),
            // It said so of one, named or not.
            (Said::Instances(uids(&[1, 2, 3])), &[1], (&[2], 0), &[], &[Some(3)], (1, 0)),
            (Said::Instances(uids(&[1, 2, 3])), &[1], (&[], 1), &[], &[Some(2), Some(3)], (1, 0)),
            // One was refused here.
            (Said::Instances(uids(&[1, 2, 3])), &[1], (&[], 0), &[2], &[Some(3)], (1, 0)),
            // One was here before, and could not be sent again.
            (Said::Instances(uids(&[1, 2])), &[1, 2], (&[], 1), &[], &[], (1, 1)),
            (Said::Number(3), &[1], (&[2], 0), &[], &[None], (1, 0)),
            (Said::Number(3), &[1, 2, 3, 4], (&[], 0), &[], &[], (3, 0)),
            (Said::Nothing, &[1], (&[], 1), &[], &[], (3, 1)),
        ];
        for (said, here, (named, unnamed), refused, expected, (completed, rest)) in cases {
            let case = format!("{said:?} {here:?} {named:?} {unnamed}");
            // It says of all three that they went over.
            let mut transfer = Transfer { total: Some(3), completed: 3, ..Transfer::default() };
            if let Said::Instances(list) = &said {
                transfer = Transfer { total: Some(list.len()), completed: list.len(), ..transfer };
            }
            for refused in refused {
                transfer.fail(Some(uid(*refused)), "refused");
            }
            let mut not_sent = NotSent { named: uids(named), unnamed };
            tell(&mut transfer, said, &uids(here).into_iter().collect(), &mut not_sent);
            let told = transfer.failures.iter().filter(|failure| failure.reason == SKIPPED);
            let told: Vec<_> = told.map(|failure| failure.instance.clone()).collect();
            assert_eq!(told, expected.iter().map(|n| n.map(uid)).collect::<Vec<_>>(), "{case}");
            assert_eq!((transfer.completed, not_sent.unnamed), (completed, rest), "{case}");
        }
    }

    #[test]
    fn what_was_refused_and_is_not_told_by_name_is_not_told_as_skipped() {
        let (mut transfer, mut rest) = (Transfer::default(), NotSent::default());
        for n in 0..150 {
            transfer.fail(Some(uid(n)), "refused");
        }
        let list = (0..=150).map(uid).collect();
        tell(&mut transfer, Said::Instances(list), &BTreeSet::new(), &mut rest);
        assert_eq!(transfer.failed, 151);
    }
}
