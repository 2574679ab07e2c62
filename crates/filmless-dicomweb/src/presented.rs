//! An image as a presentation state shows it (PS3.18 section 10.4.1.1.3, Rendered Resources): of those that the state is for, the
//! first that the archive has in the same study.

use std::sync::Arc;

use bytes::Bytes;
use filmless_archive::ArchiveError;
use filmless_dicom::presentation::PresentationState;
use filmless_dicom::render::RenderOptions;
use filmless_index::StoredInstance;
use filmless_model::actor::Actor;
use filmless_model::address::InstanceAddress;
use filmless_model::frame::FrameNumber;
use filmless_model::version::VersionId;

use crate::category::Category;
use crate::problem::Problem;
use crate::router::Door;

/// How many images of a state are looked for.
const MAX_LOOKED_FOR: usize = 32;

/// A state with an image that it is for.
pub struct Presented {
    state: Arc<PresentationState>,
    image: StoredInstance,
    frame: FrameNumber,
}

impl Presented {
    /// Reads a state, and finds its image with the rights of who asks.
    pub async fn find(door: &Door, actor: &Actor, stored: &StoredInstance) -> Result<Self, Problem> {
        let state = PresentationState::new(door.archive.header(stored).await?);
        for named in state.images().into_iter().take(MAX_LOOKED_FOR) {
            let study = stored.address.study.clone();
            let address = InstanceAddress { study, series: named.series, instance: named.instance };
            match door.archive.instance(actor, &address).await {
                Ok(image) if Category::of(&image) == Category::Image => {
                    return Ok(Self { state: Arc::new(state), image, frame: named.frame });
                }
                Ok(_) | Err(ArchiveError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Problem::StateNotShown("none of the images that the presentation state is for is here, in the same study"))
    }

    /// The version of the image: another one is another picture.
    pub fn image_version(&self) -> VersionId {
        self.image.version.id
    }

    /// The image through the state.
    pub async fn picture(&self, door: &Door, options: RenderOptions) -> Result<Bytes, Problem> {
        let pixels = door.archive.pixels(&self.image).await?;
        Ok(pixels.render_through(self.state.clone(), self.frame, options).await?.into())
    }
}

/// A state has a window and a displayed area of its own; who names others is told so.
pub fn check(options: &RenderOptions) -> Result<(), Problem> {
    if options.window.is_some() {
        return Err(Problem::bad_parameter("window", "a presentation state has its own"));
    }
    if options.viewport.is_some_and(|viewport| viewport.source.is_some()) {
        return Err(Problem::bad_parameter("viewport", "what of the image is shown the presentation state says"));
    }
    Ok(())
}
