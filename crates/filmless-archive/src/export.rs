//! The export act: pictures that leave the archive on paper, as files or over the clipboard (PS3.15 A.5.3.4, Data Export).
//!
//! Others make the pictures. Here is decided whether they may leave and whether they are of the study that they are said to be
//! of, and it is written down before they do.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_dicom::loss::has_lost;
use filmless_dicom::spacing::{PixelSpacing, pixel_spacing};
use filmless_index::StoredInstance;
use filmless_model::actor::{Act, Actor};
use filmless_model::address::{Resource, SeriesAddress};
use filmless_model::audit::AuditEvent;
use filmless_model::export::{Export, ExportCode, ExportFilter, ExportFormat, ListedExport};
use filmless_model::frame::FrameNumber;
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid};

use crate::archive::{Archive, ArchiveError};
use crate::clock::now_ms;

/// A picture that is to leave, as whoever made it names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExportedImage {
    /// Of which series.
    pub series: SeriesInstanceUid,
    /// Of which instance.
    pub instance: SopInstanceUid,
    /// Which frame of it.
    pub frame: FrameNumber,
}

/// What is to leave.
#[derive(Debug, Clone)]
pub struct ExportOrder {
    /// Of which study.
    pub study: StudyInstanceUid,
    /// As what.
    pub format: ExportFormat,
    /// The pictures, in their order.
    pub images: Vec<ExportedImage>,
    /// Whether they say whose they are.
    pub with_identity: bool,
    /// Where to.
    pub address: IpAddr,
}

/// What is to be said of a picture, from the header of its instance.
#[derive(Debug, Clone)]
pub struct ImageFacts {
    /// Modality, Series Number, Instance Number and the frame of several, as far as they are known.
    pub name: String,
    /// Patient's Age (0010,1010), or nothing.
    pub patient_age: String,
    /// How large its pixels are.
    pub spacing: Option<PixelSpacing>,
    /// Whether it was compressed with loss.
    pub has_lost: bool,
}

impl ImageFacts {
    fn read(header: &InMemDicomObject, stored: &StoredInstance, frame: FrameNumber) -> Self {
        let text = |tag| header.get(tag).and_then(|element| element.to_str().ok()).map(|text| text.trim().to_owned());
        let numbered =
            |letter: char, tag| text(tag).filter(|number| !number.is_empty()).map(|number| format!("{letter}{number}"));
        let several = stored.version.frames.count() > 1;
        let parts = [
            text(tags::MODALITY),
            numbered('S', tags::SERIES_NUMBER),
            numbered('I', tags::INSTANCE_NUMBER),
            several.then(|| format!("F{}", frame.get())),
        ];
        Self {
            name: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            patient_age: text(tags::PATIENT_AGE).unwrap_or_default(),
            spacing: pixel_spacing(header, frame),
            has_lost: has_lost(header, &stored.version.transfer_syntax),
        }
    }
}

impl Archive {
    /// What is to be said of each of these pictures of these instances.
    pub async fn image_facts(
        &self,
        images: &[ExportedImage],
        instances: &[StoredInstance],
    ) -> Result<Vec<ImageFacts>, ArchiveError> {
        let mut facts = Vec::new();
        let mut last: Option<(&StoredInstance, InMemDicomObject)> = None;
        for (image, stored) in images.iter().zip(instances) {
            // Frames of one instance mostly stand side by side.
            let header = match last.take() {
                Some((same, header)) if same.version.id == stored.version.id => header,
                _ => self.header(stored).await?,
            };
            facts.push(ImageFacts::read(&header, stored, image.frame));
            last = Some((stored, header));
        }
        Ok(facts)
    }

    /// The instance of each picture. A picture that is not of the study is not found.
    pub async fn instances_to_export(&self, actor: &Actor, order: &ExportOrder) -> Result<Vec<StoredInstance>, ArchiveError> {
        self.permit_on(actor, order.format.act(), &order.study)?;
        self.permit_on(actor, Act::View, &order.study)?;
        let mut here = HashMap::new();
        let series_list: HashSet<_> = order.images.iter().map(|image| &image.series).collect();
        for series in series_list {
            let resource = Resource::Series(SeriesAddress { study: order.study.clone(), series: series.clone() });
            for stored in self.index.instances(&resource).await? {
                here.insert((stored.address.series.clone(), stored.address.instance.clone()), stored);
            }
        }
        let instance = |image: &ExportedImage| {
            let stored = here.get(&(image.series.clone(), image.instance.clone()));
            let stored = stored.filter(|stored| stored.version.frames.locate(image.frame).is_some());
            stored.cloned().ok_or(ArchiveError::NotFound)
        };
        if order.images.is_empty() { Err(ArchiveError::NotFound) } else { order.images.iter().map(instance).collect() }
    }

    /// Writes an export down, after which it may leave.
    pub async fn record_export(&self, actor: &Actor, order: &ExportOrder) -> Result<Export, ArchiveError> {
        self.record_export_under(actor, order, ExportCode::generate()).await
    }

    /// The same under a code that is printed on what leaves.
    pub async fn record_export_under(
        &self,
        actor: &Actor,
        order: &ExportOrder,
        code: ExportCode,
    ) -> Result<Export, ArchiveError> {
        self.instances_to_export(actor, order).await?;
        let mut seen = HashSet::new();
        let each_once = order.images.iter().map(|image| &image.instance).filter(|instance| seen.insert(*instance));
        let export = Export {
            code,
            exported_by: actor.name(),
            address: order.address,
            study: order.study.clone(),
            format: order.format,
            images: order.images.len() as u64,
            instances: each_once.take(Export::NAMED_INSTANCES).cloned().collect(),
            with_identity: order.with_identity,
            at_ms: now_ms(),
        };
        let event = AuditEvent::of(actor, order.format.act().into(), export.at_ms).about(&export.study).counting(export.images);
        self.recorded(event.with_detail(format!("{} {}", export.format.as_str(), export.code))).add_export(&export).await?;
        let (study, format, images) = (export.study.as_str(), export.format.as_str(), export.images);
        tracing::info!(study.uid = study, format, images, account = export.exported_by, "pictures were taken out");
        Ok(export)
    }

    /// Who took pictures out, last first.
    pub async fn exports(&self, actor: &Actor, filter: &ExportFilter, limit: u32) -> Result<Vec<ListedExport>, ArchiveError> {
        self.permit(actor, Act::ReviewLog)?;
        Ok(self.index.exports(filter, limit).await?)
    }
}
