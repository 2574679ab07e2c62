//! Forwarding to web services: STOW-RS with us as the user agent (PS3.18 section 10.5, Store Transaction), some instances in a
//! request.

mod answer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use filmless_archive::forwarding::errand::{Errand, Outcome, Pace};
use filmless_archive::forwarding::{self, Courier};
use filmless_archive::{Archive, ArchiveError};
use filmless_dicom::coercion::PeerCoercion;
use filmless_dicom::target_syntax::TargetSyntax;
use filmless_index::{Forward, StoredInstance};
use filmless_model::forwarding::{Destination, Target};
use filmless_model::uid::TransferSyntaxUid;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, header};

use crate::courier::answer::Answer;
use crate::multipart::writer::Boundary;

/// The media type of a DICOM file.
const DICOM: &str = "application/dicom";
/// The most instances of one request.
const TOGETHER: usize = 32;
/// Nothing is added to a request that has so many bytes.
const TOGETHER_BYTES: u64 = 32 << 20;
/// How long a service may take to take the connection.
const CONNECT: Duration = Duration::from_secs(20);
/// How long a service may leave what is sent unread, or take to answer.
const STALLED: Duration = Duration::from_mins(2);
/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 4 << 20;

type File = BoxStream<'static, Result<Bytes, ArchiveError>>;

/// Forwards to web services.
pub struct WebCourier {
    archive: Arc<Archive>,
    /// Or why there is none, on a machine that lacks what it takes.
    client: Result<Client, String>,
}

impl WebCourier {
    /// Follows no redirection, so that no secret goes elsewhere.
    pub fn new(archive: Arc<Archive>) -> Self {
        // Whoever was first has installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().connect_timeout(CONNECT).redirect(Policy::none()).build();
        Self { archive, client: client.map_err(|error| reason(&error)) }
    }

    /// Opens the file of an instance in the transfer syntax that is wanted, if it can be had without loss, else as it is stored.
    async fn open(&self, instance: &StoredInstance, place: &Place<'_>) -> Result<File, ArchiveError> {
        let instance = &self.archive.coerced(instance.clone(), &place.coercion).await?;
        let stored = &instance.version.transfer_syntax;
        let target =
            place.transfer_syntax.filter(|wanted| *wanted != stored).and_then(|wanted| TargetSyntax::of(wanted.as_str()));
        let is_lossless = |target: &TargetSyntax| TargetSyntax::without_loss().any(|other| other == *target);
        if let Some(target) = target.filter(is_lossless) {
            match self.archive.made_file_in(instance, target).await {
                Err(ArchiveError::Undecodable(_) | ArchiveError::NoImage) => {}
                made => return made,
            }
        }
        self.archive.file(instance).await?.bytes(None).await
    }

    /// Opens what goes together, at most `limit` instances; those that cannot be opened are settled.
    async fn gather(&self, first: Forward, errand: &mut Errand, place: &Place<'_>, limit: usize) -> Vec<(Forward, File)> {
        let (mut opened, mut bytes, mut next) = (Vec::new(), 0, Some(first));
        while let Some(forward) = next {
            bytes += forward.instance.version.length_bytes;
            match self.open(&forward.instance, place).await {
                Ok(file) => opened.push((forward, file)),
                Err(error) => errand.settle(&forward, Outcome::NotNow(error.to_string())).await,
            }
            let is_full = opened.len() >= limit || bytes >= TOGETHER_BYTES;
            next = if is_full { None } else { errand.at_hand() };
        }
        opened
    }

    /// Sends files in one request. The error says why there is no answer.
    async fn post(&self, to: &Place<'_>, files: Vec<(&Forward, File)>, pace: Arc<Pace>) -> Result<Response, String> {
        let versions: Vec<_> = files.iter().map(|(forward, _)| forward.instance.version.id.to_string()).collect();
        let boundary = Boundary::of(&versions);
        let content_type = boundary.content_type(DICOM);
        let progress = Arc::new(AtomicU64::new(0));
        let body = reqwest::Body::wrap_stream(body(&boundary, files, pace, progress.clone()));
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let mut request = client
            .post(to.url)
            .header(header::CONTENT_TYPE, content_type)
            .header(header::ACCEPT, "application/dicom+json")
            .body(body);
        if let Some(authorization) = to.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        tokio::select! {
            answer = request.send() => answer.map_err(|error| reason(&error)),
            () = stalled(&progress) => Err("the service takes nothing any more and does not answer".to_owned()),
        }
    }
}

/// Where a web destination is.
struct Place<'a> {
    url: &'a str,
    authorization: Option<&'a str>,
    transfer_syntax: Option<&'a TransferSyntaxUid>,
    coercion: Arc<PeerCoercion>,
}

#[async_trait]
impl Courier for WebCourier {
    async fn deliver(&self, destination: &Destination, errand: &mut Errand) -> Result<(), String> {
        let Target::Web { url, authorization, transfer_syntax } = &destination.target else {
            return Err("the destination is no web service".to_owned());
        };
        let place = Place {
            url,
            authorization: authorization.as_deref(),
            transfer_syntax: transfer_syntax.as_ref(),
            coercion: forwarding::coercion(destination).map_err(|error| error.to_string())?,
        };
        let mut limit = TOGETHER;
        while let Some(first) = errand.next().await {
            let opened = self.gather(first, errand, &place, limit).await;
            if opened.is_empty() {
                continue;
            }
            let (forwards, files): (Vec<_>, Vec<_>) = opened.into_iter().unzip();
            let answer = self.post(&place, forwards.iter().zip(files).collect(), errand.pace()).await?;
            let status = answer.status();
            match status {
                StatusCode::OK | StatusCode::ACCEPTED | StatusCode::CONFLICT => {
                    let answer = Answer::read(&read(answer).await?);
                    for forward in &forwards {
                        errand.settle(forward, answer.outcome(forward.instance.address.instance.as_str())).await;
                    }
                }
                // Something about what was sent; one by one it shows which.
                StatusCode::BAD_REQUEST
                | StatusCode::PAYLOAD_TOO_LARGE
                | StatusCode::UNSUPPORTED_MEDIA_TYPE
                | StatusCode::UNPROCESSABLE_ENTITY => {
                    if let [forward] = forwards.as_slice() {
                        errand.settle(forward, Outcome::Never(format!("the service answers {status}"))).await;
                    } else {
                        limit = 1;
                        forwards.into_iter().rev().for_each(|forward| errand.put_back(forward));
                    }
                }
                _ => return Err(format!("the service answers {status}")),
            }
        }
        Ok(())
    }
}

/// The multipart body: each file behind its line and header.
fn body(
    boundary: &Boundary,
    files: Vec<(&Forward, File)>,
    pace: Arc<Pace>,
    progress: Arc<AtomicU64>,
) -> BoxStream<'static, Result<Bytes, ArchiveError>> {
    let mut parts: Vec<File> = Vec::with_capacity(files.len() * 2 + 1);
    let whole = |bytes: Bytes| futures::stream::iter([Ok(bytes)]).boxed();
    for (place, (_, file)) in files.into_iter().enumerate() {
        parts.push(whole(boundary.before_part(place == 0, DICOM, None, None)));
        parts.push(file);
    }
    parts.push(whole(boundary.end()));
    let pieces = pace.stream(futures::stream::iter(parts).flatten().boxed());
    let counted = pieces.inspect_ok(move |piece| {
        progress.fetch_add(piece.len() as u64, Ordering::Relaxed);
    });
    counted.boxed()
}

/// Ends when nothing was taken for a long time.
async fn stalled(progress: &AtomicU64) {
    let mut before = progress.load(Ordering::Relaxed);
    loop {
        tokio::time::sleep(STALLED).await;
        let now = progress.load(Ordering::Relaxed);
        if now == before {
            return;
        }
        before = now;
    }
}

/// An answer, if it is not too long.
async fn read(answer: Response) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut pieces = answer.bytes_stream();
    let read = async {
        while let Some(piece) = pieces.try_next().await.map_err(|error| reason(&error))? {
            if bytes.len() + piece.len() > MAX_ANSWER_BYTES {
                return Err("the answer of the service is too long".to_owned());
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(())
    };
    tokio::time::timeout(STALLED, read).await.map_err(|_| "the service does not end its answer".to_owned())??;
    Ok(bytes)
}

/// What went wrong, with its causes and without the address, which a list shows beside it.
fn reason(error: &reqwest::Error) -> String {
    let mut words = if error.is_connect() { "cannot connect".to_owned() } else { "the request broke off".to_owned() };
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words.chars().take(512).collect()
}
