//! Compressed frames to samples and back: every codec of Filmless, and the fence around those that may crash, loop or eat
//! memory.
//!
//! One frame in, one frame out: [`Codecs::decode`] takes what the data set says about its pixels ([`FrameSpec`]) and one
//! frame's codestream, and answers with samples in native little endian order, colour by pixel, with what decoding changed.
//! [`Codecs::encode`] is the way back, into the transfer syntaxes of [`Encoder`].
//! RLE, deflate and unwrapping run on a blocking thread here; JPEG, JPEG-LS, JPEG 2000 and JPEG XL run in worker processes
//! bounded in memory and time ([`worker`]), so that a hostile file costs one frame and never the server.
//!
//! Nothing here reads DICOM data sets, converts colour of native pixels or applies lookup tables: see filmless-dicom.

pub mod frame_spec;

pub mod error;

pub mod codec;

pub mod encoder;

pub mod pool;

pub mod worker;

pub mod protocol;

pub mod codestream;

pub mod colour;

mod pack;

mod nearness;

mod rle;

mod deflated;

mod jpeg;

mod jpeg_baseline;

mod jpeg_twelve_bit;

mod jpeg_lossless;

mod jpeg_ls;

mod jpeg2000;

mod jpeg2000_encoder;

mod jpeg2000_high_throughput;

mod jpeg_xl;

pub use codec::Codec;
pub use encoder::{Encoder, Loss};
pub use error::CodecError;
pub use frame_spec::{DecodedFrame, EncodedFrame, FrameSpec, Photometric};
pub use pool::{CodecLimits, Codecs};
