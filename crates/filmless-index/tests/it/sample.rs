//! Synthetic versions to commit, and an index of each engine to commit them to.

use std::collections::BTreeMap;
use std::sync::Arc;

use filmless_index::{Committed, Index, IndexConfig, Known, Origin, VersionCommit, migrate, open};
use filmless_model::address::{InstanceAddress, Resource};
use filmless_model::attribute::{Attribute, Value};
use filmless_model::frame::{ByteRange, FrameIndex};
use filmless_model::query::{Match, Matching, Query, QueryRetrieveLevel};
use filmless_model::record::{InstanceRecord, InstanceVersion, PatientKey, RequestAttributes};
use filmless_model::uid::{SeriesInstanceUid, SopClassUid, SopInstanceUid, StudyInstanceUid, TransferSyntaxUid};
use filmless_model::version::{Digest, VersionId};
use filmless_testkit::postgres::PostgresCluster;
use tempfile::TempDir;

/// Runs each test on each engine.
macro_rules! on_each_engine {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test(crate::sample::Fixture::sqlite().await).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                if let Some(fixture) = crate::sample::Fixture::postgres().await {
                    super::$test(fixture).await;
                }
            })*
        }
    };
}

pub(crate) use on_each_engine;

/// A fresh index.
pub(crate) struct Fixture {
    pub(crate) index: Arc<dyn Index>,
    pub(crate) config: IndexConfig,
    _folder: Option<TempDir>,
}

impl Fixture {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = IndexConfig::new(format!("sqlite:{}", folder.path().join("index.db").display()));
        Self::of(config, Some(folder)).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let cluster = tokio::task::spawn_blocking(PostgresCluster::shared).await.expect("the cluster starts")?;
        Some(Self::of(IndexConfig::new(cluster.create_database().await), None).await)
    }

    async fn of(config: IndexConfig, folder: Option<TempDir>) -> Self {
        migrate(&config).await.expect("an empty database migrates");
        let index = open(&config).await.expect("a migrated index opens");
        Self { index, config, _folder: folder }
    }

    pub(crate) async fn commit(&self, sample: &Sample) -> Committed {
        store(&*self.index, sample).await
    }

    pub(crate) async fn known(&self, sample: &Sample) -> Known {
        self.index.known(&sample.commit().record, &sample.digest()).await.expect("asked")
    }

    /// Whether the next instance of the sample's series is expected to be new.
    pub(crate) fn is_arriving(&self, sample: &Sample) -> bool {
        self.index.expected(&sample.commit().record).is_some()
    }

    pub(crate) async fn search(&self, query: &Query) -> Vec<Match> {
        self.index.search(query).await.expect("a search succeeds")
    }

    /// The values of one attribute in the answers to a search at its level.
    pub(crate) async fn find(
        &self,
        returned: Attribute,
        level: QueryRetrieveLevel,
        matches: &[(Attribute, Matching)],
    ) -> Vec<String> {
        let query = Query { matches: matches.to_vec(), ..Query::new(level) };
        self.search(&query).await.iter().map(|answer| answer.text(returned).unwrap_or_default().to_owned()).collect()
    }

    /// How many instances are visible in all.
    pub(crate) async fn visible(&self) -> u64 {
        self.index.count(&Query::new(QueryRetrieveLevel::Instance)).await.expect("a count succeeds")
    }
}

pub(crate) fn single(text: &str) -> Matching {
    Matching::Single(text.to_owned())
}

/// A version of an instance. Numbers become UIDs, so that a test reads `study: 1`.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) issuer: String,
    pub(crate) patient: String,
    pub(crate) study: u32,
    pub(crate) series: u32,
    pub(crate) instance: u32,
    /// Other contents, other bytes.
    pub(crate) contents: u32,
    pub(crate) source: &'static str,
    pub(crate) may_replace: bool,
    pub(crate) values: BTreeMap<Attribute, Value>,
    pub(crate) folded: BTreeMap<Attribute, String>,
    pub(crate) request_attributes: Vec<RequestAttributes>,
}

impl Sample {
    pub(crate) fn new(study: u32, series: u32, instance: u32) -> Self {
        Self {
            issuer: "BVND1".to_owned(),
            patient: format!("P{study}"),
            study,
            series,
            instance,
            contents: 0,
            source: "dimse:CT1",
            may_replace: false,
            values: BTreeMap::new(),
            folded: BTreeMap::new(),
            request_attributes: Vec::new(),
        }
    }

    pub(crate) fn text(mut self, attribute: Attribute, text: &str) -> Self {
        self.values.insert(attribute, Value::Text(text.to_owned()));
        self
    }

    pub(crate) fn number(mut self, attribute: Attribute, number: i64) -> Self {
        self.values.insert(attribute, Value::Number(number));
        self
    }

    pub(crate) fn name(mut self, attribute: Attribute, name: &str, folded: &str) -> Self {
        self.folded.insert(attribute, folded.to_owned());
        self.text(attribute, name)
    }

    /// An item of the Request Attributes Sequence.
    pub(crate) fn request(mut self, item: &[(Attribute, &str)]) -> Self {
        self.request_attributes.push(item.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect());
        self
    }

    pub(crate) fn address(&self) -> InstanceAddress {
        InstanceAddress { study: study_uid(self.study), series: series_uid(self.series), instance: instance_uid(self.instance) }
    }

    pub(crate) fn digest(&self) -> Digest {
        let mut bytes = [0; 32];
        let parts = [self.study, self.series, self.instance, self.contents];
        for (to, part) in bytes.chunks_exact_mut(4).zip(parts) {
            to.copy_from_slice(&part.to_le_bytes());
        }
        Digest::new(bytes)
    }

    pub(crate) fn commit(&self) -> VersionCommit {
        let address = self.address();
        let mut values = self.values.clone();
        for (attribute, text) in [
            (Attribute::PatientId, self.patient.as_str()),
            (Attribute::IssuerOfPatientId, self.issuer.as_str()),
            (Attribute::StudyInstanceUid, address.study.as_str()),
            (Attribute::SeriesInstanceUid, address.series.as_str()),
            (Attribute::SopInstanceUid, address.instance.as_str()),
        ] {
            values.insert(attribute, Value::Text(text.to_owned()));
        }
        VersionCommit {
            record: InstanceRecord {
                patient: PatientKey { issuer: self.issuer.clone(), patient_id: self.patient.clone() },
                address,
                sop_class: SopClassUid::parse("1.2.840.10008.5.1.4.1.1.2").expect("CT Image Storage"),
                values,
                request_attributes: self.request_attributes.clone(),
                folded: self.folded.clone(),
            },
            version: InstanceVersion {
                coercion: None,
                id: VersionId::new(),
                digest: self.digest(),
                length_bytes: 530_660,
                transfer_syntax: TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("Explicit VR Little Endian"),
                data_set_offset: 380,
                frames: FrameIndex::Native {
                    pixel_data: ByteRange { offset: 6_372, length: 524_288 },
                    frame_length_bits: 4_194_304,
                    count: 1,
                    swapped_words: false,
                },
                source: self.source.to_owned(),
                stored_ms: 1_763_676_000_000 + i64::from(self.contents),
            },
            dicom_json: format!("header of {} contents {}", self.instance, self.contents).into_bytes(),
            may_replace: self.may_replace,
            origin: Origin::Arrived,
            known: Known::default(),
        }
    }
}

/// Asks what is expected or known of a sample, then commits it, as the archive does.
pub(crate) async fn store(index: &dyn Index, sample: &Sample) -> Committed {
    let commit = sample.commit();
    let known = match index.expected(&commit.record) {
        Some(known) => known,
        None => index.known(&commit.record, &commit.version.digest).await.expect("asked"),
    };
    index.commit_version(VersionCommit { known, ..commit }).await.expect("a commit succeeds")
}

pub(crate) fn study_uid(n: u32) -> StudyInstanceUid {
    StudyInstanceUid::parse(&format!("1.2.3.1.{n}")).expect("digits and full stops")
}

pub(crate) fn series_uid(n: u32) -> SeriesInstanceUid {
    SeriesInstanceUid::parse(&format!("1.2.3.2.{n}")).expect("digits and full stops")
}

pub(crate) fn instance_uid(n: u32) -> SopInstanceUid {
    SopInstanceUid::parse(&format!("1.2.3.3.{n}")).expect("digits and full stops")
}

pub(crate) fn study(n: u32) -> Resource {
    Resource::Study(study_uid(n))
}
