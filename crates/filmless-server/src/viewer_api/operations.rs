//! Every path of the viewer's API and what it answers: the one table. The router, the OpenAPI document and the tests are
//! made from it.
//!
//! Longer than 500 lines because it is one table, read by lines.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use filmless_dicom::order_file;
use filmless_model::actor::Act;

use super::{
    about, accounts, asked_commitments, audit_log, availability, coercion_rules, conflicts, deletions, description, events,
    exports, forwarding, inbox, orders, peer_operations, peer_search, peers, performed_steps, prints, saved_filters, session,
    sessions, settings, storage_commitments, study_list, tokens,
};
use crate::http::App;

/// What one method does at a path below `/api`.
pub struct Operation {
    /// As the router reads it.
    pub path: &'static str,
    /// The method.
    pub method: &'static str,
    /// What it does, in one word.
    pub id: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Who may.
    pub may: May,
    /// Parameters of the query string, all whole numbers from 0.
    pub parameters: &'static [&'static str],
    /// Parameters of the query string that are texts.
    pub texts: &'static [&'static str],
    /// The body of a request.
    pub takes: Option<Shape>,
    /// The status of success.
    pub status: u16,
    /// The body of an answer.
    pub gives: Gives,
    /// Who answers.
    pub handler: fn() -> MethodRouter<Arc<App>>,
}

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Nobody in particular.
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in with a password: what concerns a person is not for their programs.
    Person,
    /// Whoever may do this.
    Act(Act),
}

/// The body of an answer.
pub enum Gives {
    /// None.
    Nothing,
    /// JSON.
    Json(Shape),
    /// Server-sent events, each with JSON as its data.
    Events(Shape),
    /// A file of this media type.
    File(&'static str),
}

/// What a JSON value looks like.
pub enum Shape {
    /// A string.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// An order with its steps, by the table of attributes (`filmless_model::order::attribute`).
    Order,
    /// What is said of an order itself.
    OrderWords,
    /// What is said of a step, with its status.
    StepWords,
    /// Any object.
    Document,
    /// This, or null; in a request it may be absent.
    Optional(&'static Shape),
    /// Any number of these.
    List(&'static Shape),
    /// An object with these members and no others.
    Object(&'static [(&'static str, Shape)]),
}

const TEXTS: Shape = Shape::List(&Shape::Text);
const STEPS: Shape = Shape::List(&Shape::Object(&[
    ("step", Shape::Text),
    ("state", Shape::Text),
    ("source", Shape::Text),
    ("id", Shape::Text),
    ("station", Shape::Text),
    ("modality", Shape::Text),
    ("patient_id", Shape::Text),
    ("start_date", Shape::Text),
    ("start_time", Shape::Text),
    ("end_date", Shape::Text),
    ("end_time", Shape::Text),
    (
        "scheduled",
        Shape::List(&Shape::Object(&[
            ("study", Shape::Text),
            ("accession_number", Shape::Text),
            ("requested_procedure_id", Shape::Text),
            ("scheduled_procedure_step_id", Shape::Text),
        ])),
    ),
    ("series", TEXTS),
    ("instances", Shape::Integer),
    ("missing", Shape::Integer),
    ("missing_instances", TEXTS),
]));
const OPTIONAL_TEXTS: Shape = Shape::Optional(&TEXTS);
const OPTIONAL_TEXT: Shape = Shape::Optional(&Shape::Text);
const OPTIONAL_INTEGER: Shape = Shape::Optional(&Shape::Integer);

/// Where a destination is: an object with one member, `peer` or `web`.
const TARGET: Shape = Shape::Document;

const DESTINATION: Shape = Shape::Object(&[
    ("name", Shape::Text),
    ("target", TARGET),
    ("has_authorization", Shape::Flag),
    ("active", Shape::Flag),
    ("parallel", Shape::Integer),
    ("bytes_per_second", OPTIONAL_INTEGER),
    ("hours", OPTIONAL_TEXT),
    ("commit", Shape::Flag),
    ("coercion", coercion_rules::RULES),
    ("failures", Shape::Integer),
    ("trouble", OPTIONAL_TEXT),
    ("next_ms", Shape::Integer),
    ("waiting", Shape::Integer),
    ("unproven", Shape::Integer),
    ("sent", Shape::Integer),
    ("failed", Shape::Integer),
]);

const CONDITIONS: Shape =
    Shape::List(&Shape::Object(&[("attribute", Shape::Text), ("values", TEXTS), ("not", Shape::Optional(&Shape::Flag))]));

const SENT_RULE: &[(&str, Shape)] = &[
    ("active", Shape::Optional(&Shape::Flag)),
    ("peers", Shape::Optional(&TEXTS)),
    ("conditions", Shape::Optional(&CONDITIONS)),
    ("hours", OPTIONAL_TEXT),
    ("destinations", TEXTS),
];

const RULE: Shape = Shape::Object(&[
    ("name", Shape::Text),
    ("active", Shape::Flag),
    ("peers", TEXTS),
    ("conditions", CONDITIONS),
    ("hours", OPTIONAL_TEXT),
    ("destinations", TEXTS),
]);

/// How far a step is.
const STATUSES: &[&str] = &["scheduled", "arrived", "in_progress", "completed", "discontinued", "cancelled"];
/// How the worklist is put to a peer.
const WORKLIST: Shape = Shape::Object(&[
    ("characters", Shape::OneOf(&["utf-8", "ascii"])),
    ("names", Shape::OneOf(&["as-ordered", "whole", "parsed"])),
    ("max_entries", OPTIONAL_INTEGER),
]);

/// A step in an image: columns and rows.
const STEP: Shape = Shape::List(&Shape::Number);

/// As what pictures leave.
const AUDITED_ACT: Shape = Shape::OneOf(&[
    "sign_in",
    "sign_out",
    "search",
    "view",
    "download",
    "print",
    "export",
    "store",
    "delete",
    "restore",
    "order",
    "administer",
]);
const EXPORT_FORMAT: Shape = Shape::OneOf(&["pdf", "png", "jpeg", "mp4", "webm", "clipboard"]);

/// Instances that go to a node, or come from it.
const GOING_OVER: Shape =
    Shape::Object(&[("study", Shape::Text), ("series", OPTIONAL_TEXT), ("instances", Shape::Optional(&TEXTS))]);
/// The same, with whether the node is asked to vouch for them.
const SENDING: Shape = Shape::Object(&[
    ("study", Shape::Text),
    ("series", OPTIONAL_TEXT),
    ("instances", Shape::Optional(&TEXTS)),
    ("commit", Shape::Optional(&Shape::Flag)),
]);
const TRANSFER_FAILURES: Shape = Shape::List(&Shape::Object(&[("instance", OPTIONAL_TEXT), ("reason", Shape::Text)]));
/// What a node said to that.
const ASKED_COMMITMENT: Shape = Shape::Object(&[
    ("transactions", TEXTS),
    ("state", Shape::OneOf(&["asked", "given", "refused"])),
    ("failures", TRANSFER_FAILURES),
]);
/// How far that is.
const PEER_OPERATION: Shape = Shape::Object(&[
    ("operation", Shape::Integer),
    ("peer", Shape::Text),
    ("act", Shape::OneOf(&["send", "fetch"])),
    ("study", Shape::Text),
    ("series", OPTIONAL_TEXT),
    ("state", Shape::OneOf(&["running", "done", "failed", "stopped"])),
    ("total", OPTIONAL_INTEGER),
    ("completed", Shape::Integer),
    ("warnings", Shape::Integer),
    ("failed", Shape::Integer),
    ("failures", TRANSFER_FAILURES),
    ("trouble", OPTIONAL_TEXT),
    ("commitment", Shape::Optional(&ASKED_COMMITMENT)),
    ("began_ms", Shape::Integer),
    ("ended_ms", OPTIONAL_INTEGER),
]);
/// What a node answers to a search.
const FOUND: Shape = Shape::Object(&[
    ("failure", OPTIONAL_TEXT),
    ("detail", OPTIONAL_TEXT),
    ("complete", Shape::Flag),
    ("answers", Shape::List(&Shape::Document)),
]);

/// A row of the study list.
const LISTED_STUDY: Shape = Shape::Object(&[
    ("study", Shape::Text),
    ("patient_name", Shape::Text),
    ("patient_id", Shape::Text),
    ("issuer_of_patient_id", Shape::Text),
    ("patient_sex", Shape::Text),
    ("patient_birth_date", Shape::Text),
    ("patient_age", Shape::Text),
    ("study_date", Shape::Text),
    ("study_time", Shape::Text),
    ("study_description", Shape::Text),
    ("accession_number", Shape::Text),
    ("modalities", TEXTS),
    ("body_parts", TEXTS),
    ("institutions", TEXTS),
    ("series", Shape::Integer),
    ("instances", Shape::Integer),
    ("priors", Shape::Integer),
    ("state", Shape::OneOf(&["arriving", "incomplete", "complete", "received"])),
    ("missing", Shape::Integer),
    ("awaited", Shape::Integer),
    ("read", Shape::OneOf(&["unread", "read", "changed"])),
]);
/// What narrows and orders the study list, as an account keeps it.
const LIST_FILTERS: Shape = Shape::Object(&[
    ("q", OPTIONAL_TEXT),
    ("by", OPTIONAL_TEXT),
    ("date", OPTIONAL_TEXT),
    ("modality", OPTIONAL_TEXT),
    ("part", OPTIONAL_TEXT),
    ("institution", OPTIONAL_TEXT),
    ("state", OPTIONAL_TEXT),
    ("read", OPTIONAL_TEXT),
    ("order", OPTIONAL_TEXT),
]);

/// What most operations have in common.
pub(super) const LIST: Operation = Operation {
    path: "",
    method: "GET",
    id: "",
    summary: "",
    may: May::Act(Act::ManagePeers),
    parameters: &[],
    texts: &[],
    takes: None,
    status: 200,
    gives: Gives::Nothing,
    handler: MethodRouter::new,
};

/// What those of accounts have in common besides.
const ACCOUNTS: Operation = Operation { may: May::Act(Act::ManageAccounts), ..LIST };

const ROLE: Shape = Shape::OneOf(&["admin", "radiologist", "technologist", "clinician", "auditor", "service"]);
const SESSIONS: Shape = Shape::List(&Shape::Object(&[
    ("session", Shape::Text),
    ("account", Shape::Text),
    ("began_ms", Shape::Integer),
    ("expires_ms", Shape::Integer),
    ("address", Shape::Text),
    ("agent", Shape::Text),
    ("current", Shape::Flag),
]));
const TOKENS: Shape = Shape::List(&Shape::Object(&[
    ("token", Shape::Text),
    ("account", Shape::Text),
    ("label", Shape::Text),
    ("acts", OPTIONAL_TEXTS),
    ("created_ms", Shape::Integer),
    ("expires_ms", OPTIONAL_INTEGER),
]));
const SENT_TOKEN: Shape = Shape::Object(&[("label", Shape::Text), ("acts", OPTIONAL_TEXTS), ("days", OPTIONAL_INTEGER)]);
const MADE_TOKEN: Shape = Shape::Object(&[("token", Shape::Text), ("secret", Shape::Text)]);
const INITIAL_PASSWORD: Shape = Shape::Object(&[("password", Shape::Text)]);

/// The table.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        path: "/session",
        method: "POST",
        id: "signIn",
        summary: "Checks a password and sets the session's cookie.",
        may: May::Anybody,
        takes: Some(Shape::Object(&[("account", Shape::Text), ("password", Shape::Text), ("code", OPTIONAL_TEXT)])),
        status: 204,
        handler: || post(session::sign_in),
        ..LIST
    },
    Operation {
        path: "/session",
        id: "showSession",
        summary: "Says who is signed in, and what the account may do.",
        may: May::SignedIn,
        gives: Gives::Json(Shape::Object(&[
            ("account", Shape::Text),
            ("role", ROLE),
            ("acts", TEXTS),
            ("must_change_password", Shape::Flag),
            ("must_add_second_factor", Shape::Flag),
            ("has_second_factor", Shape::Flag),
        ])),
        handler: || get(session::show),
        ..LIST
    },
    Operation {
        path: "/session",
        method: "DELETE",
        id: "signOut",
        summary: "Ends the session.",
        may: May::SignedIn,
        status: 204,
        handler: || delete(session::sign_out),
        ..LIST
    },
    Operation {
        path: "/session/password",
        method: "POST",
        id: "changePassword",
        summary: "Changes one's own password; all sessions of the account end, and a new one begins.",
        may: May::Person,
        takes: Some(Shape::Object(&[("password", Shape::Text), ("new_password", Shape::Text)])),
        status: 204,
        handler: || post(session::change_password),
        ..LIST
    },
    Operation {
        path: "/session/second-factor",
        method: "POST",
        id: "beginSecondFactor",
        summary: "Makes a secret for an app that shows digits (RFC 6238); it is not kept.",
        may: May::Person,
        gives: Gives::Json(Shape::Object(&[("secret", Shape::Text), ("uri", Shape::Text), ("picture", Shape::Text)])),
        handler: || post(session::begin_second_factor),
        ..LIST
    },
    Operation {
        path: "/session/second-factor",
        method: "PUT",
        id: "putSecondFactor",
        summary: "Gives one's account a second factor: a secret, and digits that show that it works.",
        may: May::Person,
        takes: Some(Shape::Object(&[("password", Shape::Text), ("secret", Shape::Text), ("code", Shape::Text)])),
        status: 204,
        handler: || put(session::put_second_factor),
        ..LIST
    },
    Operation {
        path: "/sessions",
        id: "listOwnSessions",
        summary: "From where one is signed in.",
        may: May::Person,
        gives: Gives::Json(SESSIONS),
        handler: || get(sessions::list_own),
        ..LIST
    },
    Operation {
        path: "/sessions/{session}",
        method: "DELETE",
        id: "endOwnSession",
        summary: "Ends a session of one's own.",
        may: May::Person,
        status: 204,
        handler: || delete(sessions::end_own),
        ..LIST
    },
    Operation {
        path: "/tokens",
        method: "POST",
        id: "addOwnToken",
        summary: "Makes a token for a program of one's own: for some acts, or without them for all; for some days, or without end. Its \
                  secret is shown this once.",
        may: May::Person,
        takes: Some(SENT_TOKEN),
        gives: Gives::Json(MADE_TOKEN),
        handler: || post(tokens::add_own),
        ..LIST
    },
    Operation {
        path: "/tokens",
        id: "listOwnTokens",
        summary: "The tokens of one's own account, without their secrets.",
        may: May::Person,
        gives: Gives::Json(TOKENS),
        handler: || get(tokens::list_own),
        ..LIST
    },
    Operation {
        path: "/tokens/{token}",
        method: "DELETE",
        id: "revokeOwnToken",
        summary: "Revokes a token of one's own.",
        may: May::Person,
        status: 204,
        handler: || delete(tokens::revoke_own),
        ..LIST
    },
    Operation {
        path: "/accounts",
        id: "listAccounts",
        summary: "All accounts, and which of them cannot sign in.",
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("account", Shape::Text),
            ("role", ROLE),
            ("must_change_password", Shape::Flag),
            ("blocked", Shape::Flag),
            ("idle", Shape::Flag),
            ("locked", Shape::Flag),
            ("created_ms", Shape::Integer),
            ("used_ms", Shape::Integer),
            ("second_factor", Shape::Flag),
            ("hours", OPTIONAL_TEXT),
        ]))),
        handler: || get(accounts::list),
        ..ACCOUNTS
    },
    Operation {
        path: "/accounts",
        method: "POST",
        id: "addAccount",
        summary: "Makes an account. Its first password is shown this once, and must be changed at the first sign-in.",
        takes: Some(Shape::Object(&[("account", Shape::Text), ("role", ROLE)])),
        gives: Gives::Json(INITIAL_PASSWORD),
        handler: || post(accounts::add),
        ..ACCOUNTS
    },
    Operation {
        path: "/accounts/{account}/second-factor",
        method: "DELETE",
        id: "removeSecondFactor",
        summary: "Takes away the second factor of who has lost it.",
        status: 204,
        handler: || delete(accounts::remove_second_factor),
        ..ACCOUNTS
    },
    Operation {
        path: "/accounts/{account}/sessions",
        id: "listSessions",
        summary: "From where an account is signed in.",
        gives: Gives::Json(SESSIONS),
        handler: || get(sessions::list_of),
        ..ACCOUNTS
    },
    Operation {
        path: "/accounts/{account}/sessions/{session}",
        method: "DELETE",
        id: "endSession",
        summary: "Ends a session of an account.",
        status: 204,
        handler: || delete(sessions::end_of),
        ..ACCOUNTS
    },
    Operation {
        path: "/accounts/{account}/tokens",
        method: "POST",
        id: "addToken",
        summary: "Makes a token of an account, as for one's own.",
        takes: Some(SENT_TOKEN),
        gives: Gives::Json(MADE_TOKEN),
        handler: || post(tokens::add_of),
        ..ACCOUNTS
    },
    Operation {
        path: "/accounts/{account}/tokens",
        id: "listTokens",
        summary: "The tokens of an account, without their secrets.",
        gives: Gives::Json(TOKENS),
        handler: || get(tokens::list_of),
        ..ACCOUNTS
    },
    Operation {
        path: "/accounts/{account}/tokens/{token}",
        method: "DELETE",
        id: "revokeToken",
        summary: "Revokes a token of an account.",
        status: 204,
        handler: || delete(tokens::revoke_of),
        ..ACCOUNTS
    },
    Operation {
        path: "/accounts/{account}/password",
        method: "POST",
        id: "resetPassword",
        summary: "Gives an account a new first password, which is shown this once; its sessions end.",
        gives: Gives::Json(INITIAL_PASSWORD),
        handler: || post(accounts::reset_password),
        ..ACCOUNTS
    },
    Operation {
        path: "/accounts/{account}",
        method: "PATCH",
        id: "changeAccount",
        summary: "Gives an account another role or other hours (none: always), blocks it, or lets in again who was blocked, idle or locked.",
        takes: Some(Shape::Object(&[
            ("role", Shape::Optional(&ROLE)),
            ("blocked", Shape::Optional(&Shape::Flag)),
            ("hours", OPTIONAL_TEXT),
        ])),
        status: 204,
        handler: || patch(accounts::change),
        ..ACCOUNTS
    },
    Operation {
        path: "/events",
        id: "followStudies",
        summary: "Follows changes, at most four times a second for a study.",
        may: May::Act(Act::Watch),
        gives: Gives::Events(Shape::Object(&[
            ("sequence", Shape::Integer),
            ("kind", Shape::Text),
            ("study", Shape::Text),
            ("series", Shape::Text),
        ])),
        handler: || get(events::follow),
        ..LIST
    },
    Operation {
        path: "/studies",
        id: "listStudies",
        summary: "Lists studies in an order, from the study behind a place on: what next of the page before says.",
        may: May::Act(Act::Search),
        parameters: &["limit"],
        texts: &[
            "patient_name",
            "patient_id",
            "issuer_of_patient_id",
            "accession_number",
            "study_description",
            "study_date",
            "modality",
            "body_part",
            "institution",
            "study",
            "state",
            "read",
            "order",
            "after",
        ],
        gives: Gives::Json(Shape::Object(&[("studies", Shape::List(&LISTED_STUDY)), ("next", OPTIONAL_TEXT)])),
        handler: || get(study_list::list),
        ..LIST
    },
    Operation {
        path: "/studies/choices",
        id: "listChoices",
        summary: "Lists the body parts and institutions that studies have, some hundred at most.",
        may: May::Act(Act::Search),
        gives: Gives::Json(Shape::Object(&[("body_parts", TEXTS), ("institutions", TEXTS)])),
        handler: || get(study_list::choices),
        ..LIST
    },
    Operation {
        path: "/studies/{study}/read",
        method: "PUT",
        id: "markRead",
        summary: "Notes that the account has read a study as it is now.",
        may: May::Act(Act::Search),
        status: 204,
        handler: || put(study_list::mark_read),
        ..LIST
    },
    Operation {
        path: "/studies/{study}/read",
        method: "DELETE",
        id: "markUnread",
        summary: "Has a study look unread to the account.",
        may: May::Act(Act::Search),
        status: 204,
        handler: || delete(study_list::mark_unread),
        ..LIST
    },
    Operation {
        path: "/saved-filters",
        id: "listSavedFilters",
        summary: "Lists the filters of the study list that the account keeps.",
        may: May::Act(Act::Search),
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("name", Shape::Text),
            ("filters", Shape::Document),
            ("opens", Shape::Flag),
        ]))),
        handler: || get(saved_filters::list),
        ..LIST
    },
    Operation {
        path: "/saved-filters/{name}",
        method: "PUT",
        id: "putSavedFilter",
        summary: "Keeps a filter for the account, in place of the one of its name; at most one of them opens the list.",
        may: May::Act(Act::Search),
        takes: Some(Shape::Object(&[("filters", LIST_FILTERS), ("opens", Shape::Optional(&Shape::Flag))])),
        status: 204,
        handler: || put(saved_filters::keep),
        ..LIST
    },
    Operation {
        path: "/saved-filters/{name}",
        method: "DELETE",
        id: "removeSavedFilter",
        summary: "Removes a filter of the account.",
        may: May::Act(Act::Search),
        status: 204,
        handler: || delete(saved_filters::remove),
        ..LIST
    },
    Operation {
        path: "/inbox",
        id: "listInbox",
        summary: "Lists who called without being known, last seen first.",
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("calling_ae_title", Shape::Text),
            ("called_ae_title", Shape::Text),
            ("address", Shape::Text),
            ("reason", Shape::Text),
            ("abstract_syntaxes", TEXTS),
            ("first_ms", Shape::Integer),
            ("at_ms", Shape::Integer),
            ("count", Shape::Integer),
        ]))),
        handler: || get(inbox::list),
        ..LIST
    },
    Operation {
        path: "/inbox/accept",
        method: "POST",
        id: "acceptCaller",
        summary: "Lets a caller of the inbox in, for what it asked to do.",
        takes: Some(Shape::Object(&[("calling_ae_title", Shape::Text), ("address", Shape::Text)])),
        status: 204,
        handler: || post(inbox::accept),
        ..LIST
    },
    Operation {
        path: "/peers",
        id: "listPeers",
        summary: "Lists the DICOM nodes that may call.",
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("ae_title", Shape::Text),
            ("address", OPTIONAL_TEXT),
            ("port", OPTIONAL_INTEGER),
            ("tls", Shape::Flag),
            ("allow", TEXTS),
            ("worklist", WORKLIST),
            ("certificate", OPTIONAL_TEXT),
            ("move_destinations", OPTIONAL_TEXTS),
            ("accepted_transfer_syntaxes", TEXTS),
            ("offered_transfer_syntaxes", TEXTS),
            ("max_associations", OPTIONAL_INTEGER),
            ("instance_availability", Shape::Flag),
            ("issuer_of_patient_id", OPTIONAL_TEXT),
            ("department", OPTIONAL_TEXT),
            ("machine_code", OPTIONAL_TEXT),
        ]))),
        handler: || get(peers::list),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}",
        method: "PUT",
        id: "putPeer",
        summary: "Adds a node or changes it; allow has store, query, retrieve, replace or worklist.",
        takes: Some(Shape::Object(&[
            ("address", OPTIONAL_TEXT),
            ("port", OPTIONAL_INTEGER),
            ("tls", Shape::Optional(&Shape::Flag)),
            ("allow", TEXTS),
            ("worklist", Shape::Optional(&WORKLIST)),
            ("certificate", OPTIONAL_TEXT),
            ("move_destinations", OPTIONAL_TEXTS),
            ("accepted_transfer_syntaxes", OPTIONAL_TEXTS),
            ("offered_transfer_syntaxes", OPTIONAL_TEXTS),
            ("max_associations", OPTIONAL_INTEGER),
            ("instance_availability", Shape::Optional(&Shape::Flag)),
            ("issuer_of_patient_id", OPTIONAL_TEXT),
            ("department", OPTIONAL_TEXT),
            ("machine_code", OPTIONAL_TEXT),
        ])),
        status: 204,
        handler: || put(peers::put),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/echo",
        method: "POST",
        id: "echoPeer",
        summary: "Asks a node whether it is there (C-ECHO). A node whose place is not known is a conflict (409).",
        gives: Gives::Json(Shape::Object(&[
            ("answers", Shape::Flag),
            ("failure", OPTIONAL_TEXT),
            ("detail", OPTIONAL_TEXT),
            ("duration_ms", Shape::Integer),
        ])),
        handler: || post(peers::echo),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/patients",
        id: "searchPatientsOfPeer",
        summary: "Searches patients of a node that has the Patient Root model (C-FIND).",
        parameters: &["limit"],
        texts: &["PatientID", "PatientName", "PatientBirthDate", "includefield"],
        gives: Gives::Json(FOUND),
        handler: || get(peer_search::patients),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/studies",
        id: "searchStudiesOfPeer",
        summary: "Searches studies of a node (C-FIND): attributes by keyword or tag, and includefield, as parameters of QIDO-RS.",
        parameters: &["limit"],
        texts: &["PatientID", "PatientName", "AccessionNumber", "StudyDate", "ModalitiesInStudy", "includefield"],
        gives: Gives::Json(FOUND),
        handler: || get(peer_search::studies),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/studies/{study}/series",
        id: "searchSeriesOfPeer",
        summary: "Searches series of a study of a node.",
        parameters: &["limit"],
        texts: &["Modality", "includefield"],
        gives: Gives::Json(FOUND),
        handler: || get(peer_search::series),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/studies/{study}/series/{series}/instances",
        id: "searchInstancesOfPeer",
        summary: "Searches instances of a series of a node.",
        parameters: &["limit"],
        texts: &["includefield"],
        gives: Gives::Json(FOUND),
        handler: || get(peer_search::instances),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/send",
        method: "POST",
        id: "sendToPeer",
        summary: "Begins to send a study, a series or instances of one to a node (C-STORE), and with commit to have it vouch for \
                  them (storage commitment); the answer says how to follow it.",
        takes: Some(SENDING),
        status: 202,
        gives: Gives::Json(PEER_OPERATION),
        handler: || post(peer_operations::send),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/fetch",
        method: "POST",
        id: "fetchFromPeer",
        summary: "Begins to have a node give us a study, a series or instances of one (C-GET, or else C-MOVE to us).",
        takes: Some(GOING_OVER),
        status: 202,
        gives: Gives::Json(PEER_OPERATION),
        handler: || post(peer_operations::fetch),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/operations",
        id: "listPeerOperations",
        summary: "Lists what was sent to a node and fetched from it since the service started, last begun first.",
        gives: Gives::Json(Shape::List(&PEER_OPERATION)),
        handler: || get(peer_operations::list),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/operations/{operation}",
        id: "showPeerOperation",
        summary: "Shows how far one of them is.",
        gives: Gives::Json(PEER_OPERATION),
        handler: || get(peer_operations::show),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}/operations/{operation}",
        method: "DELETE",
        id: "stopPeerOperation",
        summary: "Stops one of them where it is.",
        status: 204,
        handler: || delete(peer_operations::stop),
        ..LIST
    },
    Operation {
        path: "/peers/{ae_title}",
        method: "DELETE",
        id: "removePeer",
        summary: "Forgets a node.",
        status: 204,
        handler: || delete(peers::remove),
        ..LIST
    },
    coercion_rules::SHOW,
    coercion_rules::CHANGE,
    coercion_rules::PREVIEW,
    Operation {
        path: "/orders",
        method: "POST",
        id: "createOrder",
        summary: "Creates an order; without an accession number it is given one.",
        may: May::Act(Act::ManageOrders),
        takes: Some(Shape::Order),
        status: 201,
        gives: Gives::Json(Shape::Order),
        handler: || post(orders::create),
        ..LIST
    },
    Operation {
        path: "/orders",
        id: "listOrders",
        may: May::Act(Act::SearchOrders),
        summary: "Lists steps of orders in the order of their beginning: from and to are days (YYYYMMDD), status is one or \
                  several with commas between, q begins words of a name, a patient's ID or an accession number.",
        parameters: &["limit", "offset"],
        texts: &["from", "to", "modality", "status", "q"],
        gives: Gives::Json(Shape::List(&Shape::Object(&[("order", Shape::OrderWords), ("step", Shape::StepWords)]))),
        handler: || get(orders::list),
        ..LIST
    },
    Operation {
        path: "/orders/import",
        method: "POST",
        id: "importOrders",
        summary: "Takes in orders in CSV or a list in JSON, each by itself; the same again changes nothing.",
        may: May::Act(Act::ManageOrders),
        takes: Some(Shape::Order),
        gives: Gives::Json(Shape::Object(&[
            ("created", Shape::Integer),
            ("changed", Shape::Integer),
            ("unchanged", Shape::Integer),
            (
                "failed",
                Shape::List(&Shape::Object(&[("place", Shape::Integer), ("field", OPTIONAL_TEXT), ("reason", Shape::Text)])),
            ),
        ])),
        handler: || post(orders::import).layer(DefaultBodyLimit::max(order_file::MAX_BYTES)),
        ..LIST
    },
    Operation {
        path: "/orders/{accession_number}",
        id: "showOrder",
        summary: "Shows an order with its steps.",
        may: May::Act(Act::SearchOrders),
        gives: Gives::Json(Shape::Order),
        handler: || get(orders::show),
        ..LIST
    },
    Operation {
        path: "/orders/{accession_number}",
        method: "PUT",
        id: "changeOrder",
        summary: "Changes an order to what is sent; its steps keep their status, and the study its UID.",
        may: May::Act(Act::ManageOrders),
        takes: Some(Shape::Order),
        gives: Gives::Json(Shape::Order),
        handler: || put(orders::change),
        ..LIST
    },
    Operation {
        path: "/orders/{accession_number}/status",
        method: "POST",
        id: "setOrderStatus",
        summary: "Says by hand how far a step is, or every step.",
        may: May::Act(Act::ManageOrders),
        takes: Some(Shape::Object(&[("scheduled_procedure_step_id", OPTIONAL_TEXT), ("status", Shape::OneOf(STATUSES))])),
        status: 204,
        handler: || post(orders::progress),
        ..LIST
    },
    Operation {
        path: "/orders/{accession_number}",
        method: "DELETE",
        id: "cancelOrder",
        summary: "Cancels an order, unless a machine has begun with it.",
        may: May::Act(Act::ManageOrders),
        status: 204,
        handler: || delete(orders::cancel),
        ..LIST
    },
    Operation {
        path: "/conflicts",
        id: "listConflicts",
        summary: "Lists versions that disagreed with the archive when they came, newest first.",
        may: May::Act(Act::ManageConflicts),
        parameters: &["limit", "offset"],
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("kind", Shape::Text),
            ("study", Shape::Text),
            ("series", Shape::Text),
            ("instance", Shape::Text),
            ("later", Shape::Text),
            ("earlier", OPTIONAL_TEXT),
            ("later_is_served", Shape::Flag),
            ("at_ms", Shape::Integer),
        ]))),
        handler: || get(conflicts::list),
        ..LIST
    },
    Operation {
        path: "/storage-commitments",
        id: "listCommitments",
        summary: "Lists what machines asked us to vouch for, and whether they have heard, last asked for first.",
        parameters: &["limit"],
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("commitment", Shape::Integer),
            ("transaction", Shape::Text),
            ("peer", Shape::Text),
            ("state", Shape::Text),
            ("instances", Shape::Integer),
            ("failed", Shape::Integer),
            ("attempts", Shape::Integer),
            ("trouble", OPTIONAL_TEXT),
            ("requested_ms", Shape::Integer),
            ("at_ms", Shape::Integer),
        ]))),
        handler: || get(storage_commitments::list),
        ..LIST
    },
    Operation {
        path: "/storage-commitments/{commitment}/retry",
        method: "POST",
        id: "retryCommitment",
        summary: "Has a commitment that its machine has not heard of worked on anew.",
        status: 204,
        handler: || post(storage_commitments::retry),
        ..LIST
    },
    Operation {
        path: "/asked-commitments",
        id: "listAskedCommitments",
        summary: "Lists what we asked peers to vouch for, and what they said, last asked first.",
        parameters: &["limit"],
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("transaction", Shape::Text),
            ("peer", Shape::Text),
            ("state", Shape::OneOf(&["asked", "not asked", "given", "refused"])),
            ("instances", Shape::Integer),
            ("refused", Shape::Integer),
            ("reasons", TEXTS),
            ("trouble", OPTIONAL_TEXT),
            ("asked_ms", Shape::Integer),
            ("answered_ms", OPTIONAL_INTEGER),
        ]))),
        handler: || get(asked_commitments::list),
        ..LIST
    },
    Operation {
        path: "/availability-notifications",
        id: "listAvailabilityNotifications",
        summary: "Lists which peers are told that which studies are here, and how far that is, last due first.",
        parameters: &["limit"],
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("notification", Shape::Integer),
            ("peer", Shape::Text),
            ("study", Shape::Text),
            ("state", Shape::Text),
            ("attempts", Shape::Integer),
            ("trouble", OPTIONAL_TEXT),
            ("queued_ms", Shape::Integer),
            ("at_ms", Shape::Integer),
        ]))),
        handler: || get(availability::list),
        ..LIST
    },
    Operation {
        path: "/availability-notifications/{notification}/retry",
        method: "POST",
        id: "retryAvailabilityNotification",
        summary: "Has a peer told now of a study that it has not been told of.",
        status: 204,
        handler: || post(availability::retry),
        ..LIST
    },
    Operation {
        path: "/forwarding/destinations",
        id: "listDestinations",
        summary: "Lists the places that instances go to by themselves, how it goes with each, and how much is on its way there.",
        may: May::Act(Act::ManageForwarding),
        gives: Gives::Json(Shape::List(&DESTINATION)),
        handler: || get(forwarding::destinations),
        ..LIST
    },
    Operation {
        path: "/forwarding/destinations/{name}",
        method: "PUT",
        id: "putDestination",
        summary: "Adds a destination, or changes the one of that name; target is {peer: AE title} or {web: {url, authorization, transfer_syntax}}.",
        may: May::Act(Act::ManageForwarding),
        takes: Some(Shape::Object(&[
            ("target", TARGET),
            ("active", Shape::Optional(&Shape::Flag)),
            ("parallel", OPTIONAL_INTEGER),
            ("bytes_per_second", OPTIONAL_INTEGER),
            ("hours", OPTIONAL_TEXT),
            ("commit", Shape::Optional(&Shape::Flag)),
            ("coercion", Shape::Optional(&coercion_rules::RULES)),
        ])),
        status: 204,
        handler: || put(forwarding::put_destination),
        ..LIST
    },
    Operation {
        path: "/forwarding/destinations/{name}/instances",
        id: "listForwards",
        summary: "Lists instances on their way to a destination: state is waiting, unproven, sent or failed.",
        may: May::Act(Act::ManageForwarding),
        parameters: &["limit"],
        texts: &["state"],
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("study", Shape::Text),
            ("series", Shape::Text),
            ("instance", Shape::Text),
            ("attempts", Shape::Integer),
            ("trouble", OPTIONAL_TEXT),
            ("queued_ms", Shape::Integer),
            ("at_ms", Shape::Integer),
        ]))),
        handler: || get(forwarding::forwards),
        ..LIST
    },
    Operation {
        path: "/forwarding/destinations/{name}/send",
        method: "POST",
        id: "forward",
        summary: "Puts a study, a series or an instance on its way to a destination.",
        may: May::Act(Act::ManageForwarding),
        takes: Some(Shape::Object(&[("study", Shape::Text), ("series", OPTIONAL_TEXT), ("instance", OPTIONAL_TEXT)])),
        gives: Gives::Json(Shape::Object(&[("instances", Shape::Integer)])),
        handler: || post(forwarding::send),
        ..LIST
    },
    Operation {
        path: "/forwarding/destinations/{name}/retry",
        method: "POST",
        id: "retryForwards",
        summary: "Has what failed on its way to a destination sent again, and what waits after trouble sent now.",
        may: May::Act(Act::ManageForwarding),
        gives: Gives::Json(Shape::Object(&[("instances", Shape::Integer)])),
        handler: || post(forwarding::retry),
        ..LIST
    },
    Operation {
        path: "/forwarding/destinations/{name}",
        method: "DELETE",
        id: "removeDestination",
        summary: "Removes a destination that no rule names, with all that is on its way there.",
        may: May::Act(Act::ManageForwarding),
        status: 204,
        handler: || delete(forwarding::remove_destination),
        ..LIST
    },
    Operation {
        path: "/forwarding/rules",
        id: "listRules",
        summary: "Lists the rules that say which instances go where.",
        may: May::Act(Act::ManageForwarding),
        gives: Gives::Json(Shape::List(&RULE)),
        handler: || get(forwarding::rules),
        ..LIST
    },
    Operation {
        path: "/forwarding/rules/{name}",
        method: "PUT",
        id: "putRule",
        summary: "Adds a rule for what is stored from now on, or changes the one of that name.",
        may: May::Act(Act::ManageForwarding),
        takes: Some(Shape::Object(SENT_RULE)),
        status: 204,
        handler: || put(forwarding::put_rule),
        ..LIST
    },
    Operation {
        path: "/forwarding/rules/{name}/try",
        method: "POST",
        id: "tryRule",
        summary: "Says which of the newest instances a rule would mean; nothing is sent.",
        may: May::Act(Act::ManageForwarding),
        parameters: &["limit"],
        takes: Some(Shape::Object(SENT_RULE)),
        gives: Gives::Json(Shape::Object(&[
            ("looked_at", Shape::Integer),
            ("instances", Shape::Integer),
            ("studies", Shape::List(&Shape::Object(&[("study", Shape::Text), ("instances", Shape::Integer)]))),
        ])),
        handler: || post(forwarding::try_rule),
        ..LIST
    },
    Operation {
        path: "/forwarding/rules/{name}",
        method: "DELETE",
        id: "removeRule",
        summary: "Removes a rule; what it put on its way goes on.",
        may: May::Act(Act::ManageForwarding),
        status: 204,
        handler: || delete(forwarding::remove_rule),
        ..LIST
    },
    Operation {
        path: "/performed-procedure-steps",
        id: "listPerformedSteps",
        summary: "Lists what machines say that they did and what of it is missing, last started first; day is YYYYMMDD.",
        may: May::Act(Act::Search),
        parameters: &["day", "limit"],
        gives: Gives::Json(STEPS),
        handler: || get(performed_steps::list),
        ..LIST
    },
    Operation {
        path: "/studies/{study}/performed-procedure-steps",
        id: "listPerformedStepsOfStudy",
        summary: "Lists the performed procedure steps of a study, last started first.",
        may: May::Act(Act::Search),
        gives: Gives::Json(STEPS),
        handler: || get(performed_steps::of_study),
        ..LIST
    },
    Operation {
        path: "/audit-log",
        id: "listAuditLog",
        summary: "Lists who did what, last first: of an actor (an account, dimse: with an AE title, or operator), of the patient with a Patient ID, of a study, of one act, from a time on and before another (milliseconds since 1970), and before an entry.",
        may: May::Act(Act::ReviewLog),
        parameters: &["limit", "from_ms", "until_ms", "before"],
        texts: &["actor", "patient_id", "study", "act"],
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("sequence", Shape::Integer),
            ("at_ms", Shape::Integer),
            ("act", AUDITED_ACT),
            ("outcome", Shape::OneOf(&["done", "refused", "failed"])),
            ("actor", Shape::Text),
            ("ae_title", Shape::Text),
            ("address", Shape::Text),
            ("study", Shape::Text),
            ("patient_id", Shape::Text),
            ("issuer_of_patient_id", Shape::Text),
            ("count", OPTIONAL_INTEGER),
            ("purpose", Shape::Text),
            ("detail", Shape::Text),
        ]))),
        handler: || get(audit_log::list),
        ..LIST
    },
    Operation {
        path: "/exports",
        id: "listExports",
        summary: "Lists who printed and exported pictures, last first: of a study, by an account, of the patient with a Patient ID, from a time on and before another (milliseconds since 1970), and behind the export of a code.",
        may: May::Act(Act::ReviewLog),
        parameters: &["limit", "from_ms", "until_ms"],
        texts: &["study", "account", "patient_id", "before"],
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("code", Shape::Text),
            ("exported_by", Shape::Text),
            ("address", Shape::Text),
            ("study", Shape::Text),
            ("format", EXPORT_FORMAT),
            ("images", Shape::Integer),
            ("instances", TEXTS),
            ("with_identity", Shape::Flag),
            ("at_ms", Shape::Integer),
            ("patient_id", Shape::Text),
            ("patient_name", Shape::Text),
        ]))),
        handler: || get(exports::list),
        ..LIST
    },
    Operation {
        path: "/studies/{study}/exports",
        method: "POST",
        id: "recordExport",
        summary: "Writes down that pictures of a study are about to be copied or saved. Images of another study are not found (404).",
        may: May::Act(Act::Export),
        takes: Some(Shape::Object(&[
            ("format", Shape::OneOf(&["png", "jpeg", "mp4", "webm", "clipboard"])),
            ("with_identity", Shape::Flag),
            (
                "images",
                Shape::List(&Shape::Object(&[
                    ("series", Shape::Text),
                    ("instance", Shape::Text),
                    ("frames", Shape::List(&Shape::Integer)),
                ])),
            ),
        ])),
        gives: Gives::Json(Shape::Object(&[("code", Shape::Text)])),
        handler: || post(exports::record),
        ..LIST
    },
    Operation {
        path: "/studies/{study}/prints",
        method: "POST",
        id: "print",
        summary: "Makes pages to print of pictures (PNG or JPEG in Base 64) of images of a study, and writes that down.",
        may: May::Act(Act::Print),
        takes: Some(Shape::Object(&[
            ("paper", Shape::OneOf(&["a4", "a3", "film-8x10", "film-11x14", "film-14x17"])),
            ("landscape", Shape::Flag),
            ("rows", Shape::Integer),
            ("columns", Shape::Integer),
            ("language", Shape::OneOf(&["vi", "en", "both"])),
            ("title", Shape::Text),
            ("true_size", Shape::Flag),
            ("with_identity", Shape::Flag),
            (
                "pictures",
                Shape::List(&Shape::Object(&[
                    ("series", Shape::Text),
                    ("instance", Shape::Text),
                    ("frame", Shape::Integer),
                    ("right", STEP),
                    ("down", STEP),
                    ("file", Shape::Text),
                ])),
            ),
        ])),
        gives: Gives::File("application/pdf"),
        handler: || post(prints::make).layer(DefaultBodyLimit::max(prints::MAX_BODY_BYTES)),
        ..LIST
    },
    Operation {
        path: "/deletions",
        id: "listDeletions",
        summary: "Lists what was deleted, newest first.",
        may: May::Act(Act::Delete),
        parameters: &["limit"],
        gives: Gives::Json(Shape::List(&Shape::Object(&[
            ("deletion", Shape::Integer),
            ("study", Shape::Text),
            ("series", OPTIONAL_TEXT),
            ("instance", OPTIONAL_TEXT),
            ("deleted_by", Shape::Text),
            ("at_ms", Shape::Integer),
            ("restorable", Shape::Integer),
            ("destroyed", Shape::Integer),
        ]))),
        handler: || get(deletions::list),
        ..LIST
    },
    Operation {
        path: "/deletions/{deletion}/restore",
        method: "POST",
        id: "restore",
        summary: "Takes a deletion back, as far as it is not destroyed.",
        may: May::Act(Act::Delete),
        gives: Gives::Json(Shape::Object(&[("restored", Shape::Integer)])),
        handler: || post(deletions::restore),
        ..LIST
    },
    settings::SHOW,
    settings::CHANGE,
    settings::REMOVE,
    Operation {
        path: "/about",
        id: "about",
        summary: "Says which Filmless this is.",
        may: May::SignedIn,
        gives: Gives::Json(Shape::Object(&[("version", Shape::Text)])),
        handler: || get(about::show),
        ..LIST
    },
    Operation {
        path: "/openapi.json",
        id: "describe",
        summary: "Describes what is our own: this document.",
        may: May::SignedIn,
        gives: Gives::Json(Shape::Document),
        handler: || get(description::show),
        ..LIST
    },
];
