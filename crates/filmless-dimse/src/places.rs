//! How many associations each peer has at a time. How many all of them have is bounded by the listener.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use filmless_model::ae_title::AeTitle;

/// The associations under way, by the AE title of who asked for them.
#[derive(Debug, Default)]
pub(crate) struct Places {
    taken: Arc<Mutex<HashMap<AeTitle, u32>>>,
}

impl Places {
    /// Takes a place for an association of `peer`; `None` if it has `limit` of them already.
    pub(crate) fn take(&self, peer: &AeTitle, limit: Option<u32>) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.get(peer).copied().unwrap_or_default();
        if limit.is_some_and(|limit| count >= limit) {
            return None;
        }
        taken.insert(peer.clone(), count + 1);
        Some(Place { taken: Arc::clone(&self.taken), peer: peer.clone() })
    }
}

/// A place of a peer; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    taken: Arc<Mutex<HashMap<AeTitle, u32>>>,
    peer: AeTitle,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.peer) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(taken.remove(&self.peer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_as_many_places_as_it_may_and_others_have_theirs() {
        let title = |text| AeTitle::parse(text).expect("a title");
        let (ct, mr) = (title("CT1"), title("MR1"));
        let places = Places::default();
        let unlimited = places.take(&ct, None).expect("no limit");
        let second = places.take(&ct, Some(2)).expect("the second of two");
        assert!(places.take(&ct, Some(2)).is_none());
        assert!(places.take(&mr, Some(1)).is_some(), "another peer");
        drop(unlimited);
        let third = places.take(&ct, Some(2)).expect("one was given back");
        drop((second, third));
        assert!(places.taken.lock().expect("not poisoned").is_empty());
    }
}
