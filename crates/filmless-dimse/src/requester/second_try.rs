//! What a node did not send when it was asked first, mostly for want of a context: an association has too few of them for every
//! class in every transfer syntax. The node is asked where these instances are and of which class, gives them in contexts for
//! just these classes, and moves to our door what is left then.

use std::collections::{BTreeMap, BTreeSet};

use filmless_dicom::remote_search::Level;
use filmless_model::uid::{SeriesInstanceUid, SopClassUid, SopInstanceUid, StudyInstanceUid, TransferSyntaxUid};
use tokio::sync::watch;

use crate::message::End;
use crate::requester::c_find::{models, proposal};
use crate::requester::fetched_classes::COMPRESSED;
use crate::requester::fetching::{GET, MOVE, Retrieved, Storing, Way, receiving};
use crate::requester::not_sent::NotSent;
use crate::requester::whereabouts::Place;
use crate::requester::{Association, MAX_CONTEXTS, Proposal, RemoteNode, RequestError, Requester, Transfer, Wanted};

/// So many classes have room on an association beside C-GET, each in every transfer syntax by itself.
const CLASSES_AT_ONCE: usize = (MAX_CONTEXTS - 1) / (COMPRESSED.len() + 1);
/// So many instances a request names: a value with a length of 16 bits has room for them (PS3.5 section 7.1.2, Data Element
/// Structure with Explicit VR).
const NAMED_AT_ONCE: usize = 500;
impl Requester {
    /// Fetches what a node has not sent; afterwards `rest` is what it still has not.
    pub(super) async fn fetch_rest(
        &self,
        (storing, node): (Storing<'_>, &RemoteNode),
        (wanted, rest): (&Wanted, &mut NotSent),
        can_move: bool,
        progress: &watch::Sender<Transfer>,
    ) -> Result<(), RequestError> {
        let places = match self.places(node, wanted, rest).await {
            Ok(places) => places,
            Err(RequestError::Stopped) => return Err(RequestError::Stopped),
            // It can still move them.
            Err(error) => {
                tracing::info!(peer.ae = %node.ae_title, %error, "a node does not say where what it did not send is");
                Vec::new()
            }
        };
        let classes: BTreeSet<_> = places.iter().filter_map(|place| place.sop_class.clone()).collect();
        for classes in classes.into_iter().collect::<Vec<_>>().chunks(CLASSES_AT_ONCE) {
            let of_them = |place: &&Place| place.sop_class.as_ref().is_some_and(|class| classes.contains(class));
            let requests = requests(&wanted.study, places.iter().filter(of_them));
            match self.get_again((storing, node), classes, (&requests, rest), progress).await {
                Err(error) if !can_move || matches!(error, RequestError::Stopped) => return Err(error),
                _ => (),
            }
        }
        if !can_move || rest.is_empty() {
            return Ok(());
        }
        let missing: BTreeSet<_> = rest.named.iter().collect();
        let left: Vec<_> = places.iter().filter(|place| missing.contains(&place.instance)).collect();
        let is_known = rest.unnamed == 0 && left.len() == missing.len();
        let requests = if is_known { requests(&wanted.study, left.into_iter()) } else { vec![wanted.clone()] };
        self.move_rest(node, (&requests, rest), progress).await
    }

    /// Where the node has what it did not send; nothing if it does not name all of that.
    async fn places(&self, node: &RemoteNode, wanted: &Wanted, rest: &NotSent) -> Result<Vec<Place>, RequestError> {
        if rest.unnamed > 0 {
            return Ok(Vec::new());
        }
        let mut association = self.associate(node, &models(Level::Series)).await?;
        let found = association.whereabouts(wanted, Some(&rest.named)).await;
        Ok(association.concluded(found).await??.places)
    }

    /// Has them sent by C-GET in contexts for these classes.
    async fn get_again(
        &self,
        (storing, node): (Storing<'_>, &RemoteNode),
        classes: &[SopClassUid],
        (requests, rest): (&[Wanted], &mut NotSent),
        progress: &watch::Sender<Transfer>,
    ) -> Result<(), RequestError> {
        let storage = classes.iter().flat_map(|class| {
            let compressed = COMPRESSED.map(|uid| Proposal {
                abstract_syntax: class.clone(),
                transfer_syntaxes: vec![TransferSyntaxUid::parse(uid).expect("a UID of the standard")],
            });
            [proposal(class.as_str())].into_iter().chain(compressed)
        });
        let proposals: Vec<_> = [proposal(GET)].into_iter().chain(storage).collect();
        let mut association = self.associate_in_roles(node, &proposals, &receiving(classes)).await?;
        let done = association.retrieve_each(GET, requests, Way::Get(storing), (rest, progress)).await;
        association.concluded(done).await?
    }

    /// Has them sent to our door.
    async fn move_rest(
        &self,
        node: &RemoteNode,
        (requests, rest): (&[Wanted], &mut NotSent),
        progress: &watch::Sender<Transfer>,
    ) -> Result<(), RequestError> {
        let mut association = self.associate(node, &[proposal(MOVE)]).await?;
        // What it moves may have come already: it is not counted as it comes, but as what is no longer missing.
        let (uncounted, _) = watch::channel(Transfer::default());
        let missing = rest.count();
        let done = association.retrieve_each(MOVE, requests, Way::Move(self.config.ae_title.as_str()), (rest, &uncounted)).await;
        progress.send_modify(|transfer| transfer.completed += missing.saturating_sub(rest.count()));
        association.concluded(done).await?
    }
}

impl Association {
    async fn retrieve_each(
        &mut self,
        model: &str,
        requests: &[Wanted],
        way: Way<'_>,
        (rest, progress): (&mut NotSent, &watch::Sender<Transfer>),
    ) -> Result<Result<(), RequestError>, End> {
        let Some(context) = self.context_of(model) else { return Ok(Err(RequestError::NothingAccepted)) };
        for request in requests {
            let Retrieved { not_sent, ended } = self.retrieve(&context, request, way, progress).await?;
            match ended {
                // Nothing is said of any of them, nor will it be of others.
                Err(error) if not_sent.is_empty() => return Ok(Err(error)),
                _ => settle(rest, request, not_sent),
            }
        }
        Ok(Ok(()))
    }
}

/// Of what was asked for, this has not come.
fn settle(rest: &mut NotSent, request: &Wanted, not_sent: NotSent) {
    if request.instances.is_empty() {
        // Asked for was all, with what had come before.
        if not_sent.count() < rest.count() {
            *rest = not_sent;
        }
        return;
    }
    let asked: BTreeSet<_> = request.instances.iter().collect();
    rest.named.retain(|instance| !asked.contains(instance));
    rest.named.extend(not_sent.named);
    rest.unnamed += not_sent.unnamed;
}

/// Requests at IMAGE level.
fn requests<'p>(study: &StudyInstanceUid, places: impl Iterator<Item = &'p Place>) -> Vec<Wanted> {
    let mut by_series: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for place in places {
        by_series.entry(&place.series).or_default().push(place.instance.clone());
    }
    let wanted = |series: &SeriesInstanceUid, instances: &[SopInstanceUid]| Wanted {
        study: study.clone(),
        series: Some(series.clone()),
        instances: instances.to_vec(),
    };
    let of_series = |(series, instances): (&SeriesInstanceUid, Vec<_>)| {
        instances.chunks(NAMED_AT_ONCE).map(|instances| wanted(series, instances)).collect::<Vec<_>>()
    };
    by_series.into_iter().flat_map(of_series).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(n: usize) -> SopInstanceUid {
        SopInstanceUid::parse(&format!("1.2.{n}")).expect("a UID")
    }

    #[test]
    fn requests_are_by_series_and_of_few_enough_instances() {
        let place = |series: &str, n| Place {
            series: SeriesInstanceUid::parse(series).expect("a UID"),
            instance: instance(n),
            sop_class: None,
        };
        let mut places: Vec<_> = (0..=NAMED_AT_ONCE).map(|n| place("1.3.1", n)).collect();
        places.push(place("1.3.2", 9999));
        let study = StudyInstanceUid::parse("1.4").expect("a UID");
        let requests = requests(&study, places.iter());
        let shape: Vec<_> =
            requests.iter().map(|wanted| (wanted.series.as_ref().map(ToString::to_string), wanted.instances.len())).collect();
        let series = |uid: &str| Some(uid.to_owned());
        assert_eq!(shape, [(series("1.3.1"), NAMED_AT_ONCE), (series("1.3.1"), 1), (series("1.3.2"), 1)]);
    }

    #[test]
    fn what_has_come_is_no_longer_missing() {
        let wanted = |instances: &[usize]| Wanted {
            study: StudyInstanceUid::parse("1.4").expect("a UID"),
            series: None,
            instances: instances.iter().map(|n| instance(*n)).collect(),
        };
        let not_sent = |named: &[usize], unnamed| NotSent { named: named.iter().map(|n| instance(*n)).collect(), unnamed };
        for (before, asked, said, after) in [
            (not_sent(&[1, 2, 3], 0), wanted(&[1, 2]), not_sent(&[2], 0), not_sent(&[3, 2], 0)),
            (not_sent(&[1, 2], 0), wanted(&[1, 2]), not_sent(&[], 1), not_sent(&[], 1)),
            (not_sent(&[], 3), wanted(&[]), not_sent(&[7], 0), not_sent(&[7], 0)),
            (not_sent(&[1], 0), wanted(&[]), not_sent(&[], 9), not_sent(&[1], 0)),
        ] {
            let mut rest = before;
            settle(&mut rest, &asked, said);
            assert_eq!(rest, after, "{asked:?}");
        }
    }
}
