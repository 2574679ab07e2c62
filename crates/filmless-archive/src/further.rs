//! Further attributes: their values are read from the headers of the instances, behind the change feed.
//!
//! A job follows the feed, page by page. A store knows nothing of it and waits for nothing; a search by such an attribute
//! first sees to it that the feed is read to its end, if that is near, and is refused if it is not. So what was stored
//! before a search is found by it, whichever process stored it, and no answer is incomplete.

use std::collections::BTreeSet;
use std::sync::Arc;

use filmless_dicom::further;
use filmless_index::{FurtherRow, FurtherValue, FurtherValues};
use filmless_model::further::FurtherAttribute;
use filmless_model::query::Matching;

use crate::archive::{Archive, ArchiveError};
use crate::retrieve::read_headers;

/// Changes that are read together. It bounds how long stores wait for what is written then.
const PAGE: u32 = 64;

/// Owners whose values are removed together.
const RUBBISH: u32 = 1000;

/// The most further attributes. Each header is read for all.
pub const MAX_FURTHER_ATTRIBUTES: usize = 64;

/// What the job remembers from page to page.
#[derive(Debug, Default)]
pub struct Progress {
    /// Attributes that were far behind.
    far: BTreeSet<String>,
    /// What was indexed when rubbish was last looked for.
    swept: Option<Vec<i64>>,
}

impl Archive {
    /// The attributes that searches may name besides those of the columns, as of a moment ago.
    pub fn further_attributes(&self) -> Arc<[FurtherAttribute]> {
        self.further.borrow().clone()
    }

    /// Does the next piece of work for the further attributes; false if there is none left for now.
    pub async fn index_further(&self, progress: &mut Progress) -> Result<bool, ArchiveError> {
        let rows = self.index.further_attributes().await?;
        self.know(&rows);
        let keys: Vec<_> = rows.iter().map(|row| row.key).collect();
        if progress.swept.as_ref() != Some(&keys) {
            if self.index.remove_further_rubbish(RUBBISH).await? > 0 {
                return Ok(true);
            }
            progress.swept = Some(keys);
        }
        if rows.is_empty() {
            progress.far.clear();
            return Ok(false);
        }
        let last = self.index.last_change().await?;
        progress.tell(&rows, last, self.limits.changes_read_by_search.into());
        // What is nearly done first: a new attribute must not keep the others from what is stored now.
        let Some(from) = rows.iter().map(|row| row.indexed_through).filter(|through| *through < last).max() else {
            return Ok(false);
        };
        let _turn = self.reading_further.lock().await;
        self.read_page(&rows, from).await
    }

    /// Lets searches name what is indexed. Names of a later version of this program are passed over.
    fn know(&self, rows: &[FurtherRow]) {
        let attributes: Arc<[_]> = rows.iter().filter_map(|row| further::parse(&row.name).ok()).collect();
        self.further.send_if_modified(|known| {
            let is_new = **known != *attributes;
            *known = attributes;
            is_new
        });
    }

    /// Waits until these are read to the end of the feed, and reads what little is missing.
    pub(crate) async fn be_indexed(&self, keys: &[(FurtherAttribute, Matching)]) -> Result<(), ArchiveError> {
        if keys.is_empty() {
            return Ok(());
        }
        let wanted: BTreeSet<_> = keys.iter().map(|(attribute, _)| attribute.name()).collect();
        let name = || further::keywords(&keys[0].0);
        let last = self.index.last_change().await?;
        let near = i64::from(self.limits.changes_read_by_search);
        let mut turn = None;
        // A page is of one change at least.
        for _ in 0..=near {
            let mut rows = self.index.further_attributes().await?;
            rows.retain(|row| wanted.contains(&row.name));
            if rows.len() < wanted.len() {
                return Err(ArchiveError::NotIndexed(name()));
            }
            match rows.iter().map(|row| row.indexed_through).min() {
                Some(from) if last - from > near => return Err(ArchiveError::BeingIndexed(name())),
                Some(from) if from < last => {
                    // Whoever had the turn before may have read it.
                    match &turn {
                        None => turn = Some(self.reading_further.lock().await),
                        Some(_) => drop(self.read_page(&rows, from).await?),
                    }
                }
                _ => return Ok(()),
            }
        }
        Err(ArchiveError::BeingIndexed(name()))
    }

    /// Reads a page for those that are indexed as far as `from`; false if there is none.
    async fn read_page(&self, rows: &[FurtherRow], from: i64) -> Result<bool, ArchiveError> {
        let changes = self.index.changed_headers(from, PAGE).await?;
        let Some(through) = changes.last().map(|change| change.sequence) else { return Ok(false) };
        let attributes: Vec<_> =
            rows.iter().filter(|row| row.indexed_through == from).map(|row| (row.key, further::parse(&row.name).ok())).collect();
        let keys = attributes.iter().map(|(key, _)| *key).collect();
        let served = changes.into_iter().filter_map(|change| change.served);
        let headers: Vec<_> = served.map(|served| ((served.instance, served.version), served.dicom_json)).collect();
        let read = move |instance: &(i64, i64), json: Vec<u8>| -> Vec<FurtherValue> {
            let of = |(key, attribute): &(i64, Option<FurtherAttribute>)| {
                let (key, instance) = (*key, *instance);
                let values = attribute.as_ref().map(|attribute| further::values(attribute, &json)).unwrap_or_default();
                values.into_iter().map(move |(item, value)| FurtherValue { attribute: key, instance, item, value })
            };
            attributes.iter().flat_map(of).collect()
        };
        let found = read_headers(headers, read).await?;
        let instances = found.iter().map(|((instance, _), _)| *instance).collect();
        let values = found.into_iter().flat_map(|(_, values)| values).collect();
        let page = FurtherValues { attributes: keys, from, through, instances, values };
        // Where another process was first, the next look at the marks tells.
        self.index.keep_further_values(&page).await?;
        Ok(true)
    }
}

impl Progress {
    /// Says in the log and in the metrics how far it is.
    fn tell(&mut self, rows: &[FurtherRow], last: i64, near: i64) {
        let mut most = 0;
        for row in rows {
            let (attribute, changes) = (row.name.as_str(), last - row.indexed_through);
            most = changes.max(most);
            if changes > near && self.far.insert(row.name.clone()) {
                tracing::info!(attribute, changes, "indexing a further attribute; searches by it are refused until it is done");
            } else if changes == 0 && self.far.remove(attribute) {
                tracing::info!(attribute, "a further attribute is indexed");
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("filmless_further_changes_to_read").set(most as f64);
    }
}
