//! Every path of this door and what it answers: the one table. Routes, `Allow`, the Capabilities Description and the table
//! of paths in CONFORMANCE.md are made from it; a test asks the router for everything it says, and for what it does not.

use axum::routing::{MethodRouter, delete, get, options, post};
use filmless_model::actor::Act;
use filmless_model::query::QueryRetrieveLevel;

use crate::router::Door;
use crate::{bulkdata, capabilities, changes, delete, frames, medium, metadata, rendered, retrieve, search, store, wado_uri};

/// A path below the base, with its transactions.
pub struct Resource {
    /// As the router reads it.
    pub path: &'static str,
    /// At most one for each method.
    pub transactions: &'static [Transaction],
}

/// What one method does at a path.
pub struct Transaction {
    /// `GET` stands for `HEAD` as well.
    pub method: &'static str,
    /// As PS3.18 annex H (Capabilities Description) calls it, in one word; our own ones alike.
    pub name: &'static str,
    /// The section of PS3.18; none for our own.
    pub section: Option<&'static str>,
    /// What one must be allowed to do; nothing but to be known where that is absent.
    pub needs: Option<Act>,
    /// The level of a search. It has every attribute that is searched by as a parameter.
    pub searches: Option<QueryRetrieveLevel>,
    /// Parameters of the query string.
    pub parameters: &'static [Parameter],
    /// Media types of the request's body.
    pub takes: Payload,
    /// Media types of the answer. Which of them a resource has depends on what is stored.
    pub offers: Payload,
    /// Status codes besides [`COMMON_STATUSES`].
    pub statuses: &'static [u16],
    /// Who answers.
    pub handler: fn() -> MethodRouter<Door>,
}

/// A parameter of the query string.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The type of its value in XML Schema.
    pub kind: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

/// Every path may answer so: nobody signed in, not permitted, no such method, a query string that is too long, a failure,
/// and what cannot be done for now.
pub const COMMON_STATUSES: [u16; 6] = [401, 403, 405, 414, 500, 503];

const fn parameter(name: &'static str, kind: &'static str, meaning: &'static str) -> Parameter {
    Parameter { name, kind, meaning }
}

const ACCEPT: Parameter = parameter("accept", "xs:string", "media types, before those of the Accept header");

const ACCEPT_ONLY: &[Parameter] = &[ACCEPT];

const SEARCH_PARAMETERS: &[Parameter] = &[
    ACCEPT,
    parameter("charset", "xs:string", "left aside: answers are in UTF-8"),
    parameter("includefield", "xs:string", "attributes to be returned besides, by keyword or tag, with commas; or all"),
    parameter("fuzzymatching", "xs:boolean", "the words of a name begin words of the stored one, in any order"),
    parameter("limit", "xs:nonNegativeInteger", "the most results"),
    parameter("offset", "xs:nonNegativeInteger", "how many results are passed over"),
    parameter("count", "xs:boolean", "our own: counts all results"),
    parameter("emptyvaluematching", "xs:boolean", "the key \"\" matches what has no value"),
    parameter("multiplevaluematching", "xs:boolean", "of several values each must be there"),
];

const WINDOW: Parameter =
    parameter("window", "xs:string", "center,width,function; the function is linear, linear-exact or sigmoid");
const VIEWPORT: Parameter = parameter("viewport", "xs:string", "width,height and perhaps ,x,y,width,height of the source");
const QUALITY: Parameter = parameter("quality", "xs:positiveInteger", "of JPEG, from 1 to 100");

const ANNOTATION: Parameter = parameter("annotation", "xs:string", "patient, technique: what is burned in");

const THUMBNAIL_PARAMETERS: &[Parameter] = &[ACCEPT, WINDOW, VIEWPORT, QUALITY];

const RENDERING_PARAMETERS: &[Parameter] = &[
    ACCEPT,
    WINDOW,
    VIEWPORT,
    QUALITY,
    ANNOTATION,
    parameter("iccprofile", "xs:string", "no, yes for the profile of the instance, or srgb for colours of that"),
];

const WADO_URI_PARAMETERS: &[Parameter] = &[
    parameter("requestType", "xs:string", "WADO"),
    parameter("studyUID", "xs:string", "Study Instance UID"),
    parameter("seriesUID", "xs:string", "Series Instance UID"),
    parameter("objectUID", "xs:string", "SOP Instance UID"),
    parameter("contentType", "xs:string", "media types, before those of the Accept header"),
    parameter("charset", "xs:string", "left aside: texts are in UTF-8"),
    parameter("transferSyntax", "xs:string", "of application/dicom: a UID, or * for the stored one"),
    parameter("frameNumber", "xs:positiveInteger", "the frame to show"),
    parameter("rows", "xs:positiveInteger", "pixels at most, down"),
    parameter("columns", "xs:positiveInteger", "pixels at most, across"),
    parameter("region", "xs:string", "left,top,right,bottom in parts of the frame, from 0 to 1"),
    parameter("windowCenter", "xs:decimal", "with windowWidth"),
    parameter("windowWidth", "xs:decimal", "with windowCenter"),
    parameter("imageQuality", "xs:positiveInteger", "of JPEG, from 1 to 100"),
    ANNOTATION,
];

const CHANGE_PARAMETERS: &[Parameter] = &[
    ACCEPT,
    parameter("since", "xs:nonNegativeInteger", "changes after this sequence"),
    parameter("limit", "xs:nonNegativeInteger", "the most changes"),
];

/// Media types, by how what has them comes.
#[derive(Debug, Clone, Copy)]
pub struct Payload {
    /// As the body.
    alone: Types,
    /// As parts of a multipart body.
    in_parts: Types,
}

/// Lists one behind the other.
type Types = &'static [&'static [&'static str]];

impl Payload {
    const NONE: Self = Self::new(&[], &[]);

    const fn new(alone: Types, in_parts: Types) -> Self {
        Self { alone, in_parts }
    }

    /// The media types as they stand in `Accept` and `Content-Type`, those of bodies without parts first.
    pub fn media_types(&self) -> Vec<String> {
        let all = |types: Types| types.iter().flat_map(|list| list.iter());
        let alone = all(self.alone).map(|essence| (*essence).to_owned());
        alone.chain(all(self.in_parts).map(|essence| format!("multipart/related; type=\"{essence}\""))).collect()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.alone.is_empty() && self.in_parts.is_empty()
    }
}

const FILE: &[&str] = &["application/dicom"];
const JSON: &[&str] = &["application/dicom+json", "application/json"];
const METADATA_JSON: &[&str] = &["application/dicom+json"];
const XML: &[&str] = &["application/dicom+xml"];
const DATA_SETS: Payload = Payload::new(&[JSON], &[XML]);
const SMALL_PICTURES: &[&str] = &["image/jpeg", "image/png"];
const PICTURES: &[&str] = &["image/jpeg", "image/png", "image/webp"];
/// All frames in one, so that there are no parts.
const MOVING: &[&str] = &["image/gif"];
/// What is no picture, and is rendered as a whole.
const DOCUMENTS: &[&str] = &[
    "text/html",
    "text/plain",
    "image/svg+xml",
    "application/pdf",
    "text/xml",
    "model/stl",
    "model/obj",
    "model/mtl",
    "video/mp4",
    "video/mpeg",
    "video/mp2t",
    "video/h264",
    "video/h265",
];
const BYTES: &[&str] = &["application/octet-stream"];
const CODESTREAMS: &[&str] = &[
    "image/jpeg",
    "image/dicom-rle",
    "image/jls",
    "image/jp2",
    "image/jpx",
    "image/jphc",
    "image/jxl",
    "video/mpeg",
    "video/mp4",
    "video/h265",
];

/// What most transactions have in common.
const RETRIEVE: Transaction = Transaction {
    method: "GET",
    name: "RetrieveStudy",
    needs: Some(Act::Download),
    section: Some("10.4"),
    searches: None,
    parameters: ACCEPT_ONLY,
    takes: Payload::NONE,
    offers: Payload::new(&[FILE, &[medium::ZIP]], &[FILE]),
    statuses: &[200, 206, 304, 400, 404, 406, 416],
    handler: || get(retrieve::retrieve),
};

const METADATA: Transaction = Transaction {
    name: "RetrieveStudyMetadata",
    needs: Some(Act::View),
    offers: DATA_SETS,
    statuses: &[200, 304, 400, 404, 406],
    handler: || get(metadata::metadata),
    ..RETRIEVE
};

const RENDERED: Transaction = Transaction {
    name: "RetrieveRenderedStudy",
    needs: Some(Act::View),
    parameters: RENDERING_PARAMETERS,
    offers: Payload::new(&[PICTURES, MOVING, DOCUMENTS], &[PICTURES, DOCUMENTS]),
    handler: || get(rendered::rendered),
    ..RETRIEVE
};

const THUMBNAIL: Transaction = Transaction {
    name: "RetrieveStudyThumbnail",
    needs: Some(Act::View),
    parameters: THUMBNAIL_PARAMETERS,
    offers: Payload::new(&[SMALL_PICTURES], &[SMALL_PICTURES]),
    handler: || get(rendered::thumbnail),
    ..RENDERED
};

const RETRIEVE_FRAMES: Transaction = Transaction {
    name: "RetrieveFrames",
    needs: Some(Act::View),
    offers: Payload::new(&[BYTES, CODESTREAMS], &[BYTES, CODESTREAMS]),
    handler: || get(frames::frames),
    ..RETRIEVE
};

const STORE: Transaction = Transaction {
    method: "POST",
    name: "StoreInstances",
    needs: Some(Act::Store),
    section: Some("10.5"),
    takes: Payload::new(&[FILE, METADATA_JSON, XML], &[FILE, METADATA_JSON, XML]),
    offers: Payload::new(&[JSON, XML], &[]),
    statuses: &[200, 202, 400, 406, 408, 409, 413, 415],
    handler: || post(store::store),
    ..RETRIEVE
};

const SEARCH: Transaction = Transaction {
    name: "SearchForStudies",
    needs: Some(Act::Search),
    section: Some("10.6"),
    searches: Some(QueryRetrieveLevel::Study),
    parameters: SEARCH_PARAMETERS,
    offers: DATA_SETS,
    statuses: &[200, 204, 304, 400, 406, 413],
    handler: || get(search::studies),
    ..RETRIEVE
};

const SEARCH_SERIES: Transaction = Transaction {
    name: "SearchForSeries",
    searches: Some(QueryRetrieveLevel::Series),
    handler: || get(search::series),
    ..SEARCH
};

const SEARCH_INSTANCES: Transaction = Transaction {
    name: "SearchForInstances",
    searches: Some(QueryRetrieveLevel::Instance),
    handler: || get(search::instances),
    ..SEARCH
};

const DELETE: Transaction = Transaction {
    method: "DELETE",
    name: "DeleteStudy",
    needs: Some(Act::Delete),
    section: None,
    parameters: &[],
    offers: Payload::NONE,
    statuses: &[204, 400, 404],
    handler: || delete(delete::delete),
    ..RETRIEVE
};

const CAPABILITIES: Transaction = Transaction {
    method: "OPTIONS",
    name: "RetrieveCapabilities",
    needs: None,
    section: Some("8.9"),
    offers: Payload::new(&[&capabilities::MEDIA_TYPES], &[]),
    statuses: &[200, 304, 400, 406],
    handler: || options(capabilities::capabilities),
    ..RETRIEVE
};

/// The table.
pub static RESOURCES: &[Resource] = &[
    Resource {
        path: "/",
        transactions: &[
            Transaction { method: "GET", section: None, handler: || get(capabilities::capabilities), ..CAPABILITIES },
            CAPABILITIES,
        ],
    },
    Resource { path: "/studies", transactions: &[SEARCH, STORE] },
    Resource {
        path: "/studies/{study}",
        transactions: &[RETRIEVE, Transaction { name: "StoreStudyInstances", ..STORE }, DELETE],
    },
    Resource { path: "/studies/{study}/metadata", transactions: &[METADATA] },
    Resource { path: "/studies/{study}/rendered", transactions: &[RENDERED] },
    Resource { path: "/studies/{study}/thumbnail", transactions: &[THUMBNAIL] },
    Resource { path: "/studies/{study}/series", transactions: &[Transaction { name: "SearchForStudySeries", ..SEARCH_SERIES }] },
    Resource {
        path: "/studies/{study}/instances",
        transactions: &[Transaction { name: "SearchForStudyInstances", ..SEARCH_INSTANCES }],
    },
    Resource {
        path: "/studies/{study}/series/{series}",
        transactions: &[Transaction { name: "RetrieveSeries", ..RETRIEVE }, Transaction { name: "DeleteSeries", ..DELETE }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/metadata",
        transactions: &[Transaction { name: "RetrieveSeriesMetadata", ..METADATA }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/rendered",
        transactions: &[Transaction { name: "RetrieveRenderedSeries", ..RENDERED }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/thumbnail",
        transactions: &[Transaction { name: "RetrieveSeriesThumbnail", ..THUMBNAIL }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/instances",
        transactions: &[Transaction { name: "SearchForStudySeriesInstances", ..SEARCH_INSTANCES }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/instances/{instance}",
        transactions: &[Transaction { name: "RetrieveInstance", ..RETRIEVE }, Transaction { name: "DeleteInstance", ..DELETE }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/instances/{instance}/metadata",
        transactions: &[Transaction { name: "RetrieveInstanceMetadata", ..METADATA }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/instances/{instance}/rendered",
        transactions: &[Transaction { name: "RetrieveRenderedInstance", ..RENDERED }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/instances/{instance}/thumbnail",
        transactions: &[Transaction { name: "RetrieveInstanceThumbnail", ..THUMBNAIL }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/instances/{instance}/frames",
        transactions: &[Transaction { name: "RetrieveAllFrames", ..RETRIEVE_FRAMES }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/instances/{instance}/pixeldata",
        transactions: &[Transaction { name: "RetrievePixelData", ..RETRIEVE_FRAMES }],
    },
    Resource { path: "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}", transactions: &[RETRIEVE_FRAMES] },
    Resource {
        path: "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered",
        transactions: &[Transaction {
            name: "RetrieveRenderedFrames",
            offers: Payload::new(&[PICTURES, MOVING], &[PICTURES]),
            ..RENDERED
        }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail",
        transactions: &[Transaction { name: "RetrieveFrameThumbnail", ..THUMBNAIL }],
    },
    Resource {
        path: "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{bulkdata}",
        transactions: &[Transaction {
            name: "RetrieveBulkdata",
            needs: Some(Act::View),
            offers: Payload::new(&[BYTES], &[BYTES]),
            handler: || get(bulkdata::bulkdata),
            ..RETRIEVE
        }],
    },
    Resource { path: "/series", transactions: &[SEARCH_SERIES] },
    Resource { path: "/instances", transactions: &[SEARCH_INSTANCES] },
    Resource {
        path: "/wado",
        transactions: &[Transaction {
            name: "RetrieveInstanceByUri",
            needs: Some(Act::View),
            section: Some("9"),
            parameters: WADO_URI_PARAMETERS,
            offers: Payload::new(&[FILE, PICTURES, MOVING, DOCUMENTS], &[]),
            handler: || get(wado_uri::wado),
            ..RETRIEVE
        }],
    },
    Resource {
        path: "/changes",
        transactions: &[Transaction {
            name: "FollowChanges",
            needs: Some(Act::Watch),
            section: None,
            parameters: CHANGE_PARAMETERS,
            offers: Payload::new(&[&changes::MEDIA_TYPES], &[]),
            statuses: &[200, 400, 406],
            handler: || get(changes::changes),
            ..RETRIEVE
        }],
    },
];

impl Resource {
    /// Whether a method is one of its transactions.
    pub fn has(&self, method: &str) -> bool {
        self.transactions.iter().any(|transaction| transaction.method == method)
    }

    /// Its methods, as they stand in `Allow`.
    pub fn allow(&self) -> String {
        let with_head = |transaction: &Transaction| match transaction.method {
            "GET" => "GET, HEAD",
            method => method,
        };
        let methods = self.transactions.iter().map(with_head);
        methods.chain((!self.has("OPTIONS")).then_some("OPTIONS")).collect::<Vec<_>>().join(", ")
    }
}
