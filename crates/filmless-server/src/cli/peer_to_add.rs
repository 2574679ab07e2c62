//! The flags of `filmless peer add`: a peer as the command line says it.

use clap::Args;
use filmless_model::ae_title::AeTitle;
use filmless_model::certificate::CertificateBinding;
use filmless_model::machine::{LongString, Machine, MachineCode};
use filmless_model::peer::{MoveDestinations, Peer, PeerRights, WorklistCharacters, WorklistNames, WorklistOptions};
use filmless_model::uid::TransferSyntaxUid;

/// What is set for a peer; what is left out is not set.
#[derive(Debug, Args)]
pub struct PeerToAdd {
    /// How it calls itself: 1 to 16 characters
    #[arg(value_parser = super::ae_title)]
    pub ae_title: AeTitle,
    /// The address or name it must call from; any if left out
    #[arg(long, value_name = "HOST")]
    pub address: Option<String>,
    /// The port where it can be called
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Call it by TLS, with the certificates of [dicom.tls]
    #[arg(long, requires_all = ["address", "port"])]
    pub tls: bool,
    /// store, query, retrieve, replace (instances that others stored), worklist (of orders); separated by commas
    #[arg(long, value_name = "RIGHTS", value_parser = rights)]
    pub allow: PeerRights,
    /// utf-8, or ascii for a machine that cannot show Vietnamese letters: its worklist has no marks
    #[arg(long, value_name = "SET", default_value = "utf-8", value_parser = worklist_characters)]
    pub worklist_characters: WorklistCharacters,
    /// How its worklist puts names: as-ordered, whole (one component) or parsed (family, given, middle)
    #[arg(long, value_name = "FORM", default_value = "as-ordered", value_parser = worklist_names)]
    pub worklist_names: WorklistNames,
    /// The most entries its worklist may have
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub worklist_max_entries: Option<u32>,
    /// The certificate it must show by TLS: its SHA-256, or CN= and the common name of its subject; any or none if left out
    #[arg(long, value_name = "CERTIFICATE", value_parser = certificate)]
    pub certificate: Option<CertificateBinding>,
    /// Where it may have instances moved to: all, none, or AE titles separated by commas
    #[arg(long, value_name = "AE_TITLES", default_value = "all", value_parser = move_destinations)]
    pub move_to: MoveDestinations,
    /// The UIDs of the transfer syntaxes that it may send in, the preferred first, separated by commas; all if left out
    #[arg(long, value_name = "UIDS", value_delimiter = ',', value_parser = transfer_syntax)]
    pub accept_transfer_syntaxes: Vec<TransferSyntaxUid>,
    /// Those that instances are sent to it in; as stored, else uncompressed, if left out
    #[arg(long, value_name = "UIDS", value_delimiter = ',', value_parser = transfer_syntax)]
    pub offer_transfer_syntaxes: Vec<TransferSyntaxUid>,
    /// The most associations it may have at a time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_associations: Option<u32>,
    /// Tell it when a study is here (Instance Availability Notification), if it may retrieve
    #[arg(long, requires_all = ["address", "port"])]
    pub instance_availability: bool,
    /// Who issues the patient IDs that it writes
    #[arg(long, value_name = "TEXT", value_parser = long_string)]
    pub issuer_of_patient_id: Option<LongString>,
    /// The department it belongs to
    #[arg(long, value_name = "TEXT", value_parser = long_string)]
    pub department: Option<LongString>,
    /// Its code in claims to the health insurance (mã máy), as CL.1.01234.5
    #[arg(long, value_name = "CODE", value_parser = machine_code)]
    pub machine_code: Option<MachineCode>,
}

impl From<PeerToAdd> for Peer {
    fn from(added: PeerToAdd) -> Self {
        Self {
            address: added.address.map(|host| host.trim().to_owned()).filter(|host| !host.is_empty()),
            port: added.port,
            tls: added.tls,
            rights: added.allow,
            worklist: WorklistOptions {
                characters: added.worklist_characters,
                names: added.worklist_names,
                max_entries: added.worklist_max_entries,
            },
            certificate: added.certificate,
            move_destinations: added.move_to,
            accepted_transfer_syntaxes: added.accept_transfer_syntaxes,
            offered_transfer_syntaxes: added.offer_transfer_syntaxes,
            max_associations: added.max_associations,
            instance_availability: added.instance_availability,
            machine: Machine {
                issuer_of_patient_id: added.issuer_of_patient_id,
                department: added.department,
                code: added.machine_code,
            },
            ..Self::named(added.ae_title)
        }
    }
}

fn certificate(text: &str) -> Result<CertificateBinding, String> {
    CertificateBinding::parse(text).ok_or_else(|| {
        "a certificate is named by CN= and a common name, or by the 64 digits of `openssl x509 -fingerprint -sha256`".to_owned()
    })
}

fn rights(text: &str) -> Result<PeerRights, String> {
    PeerRights::parse(text).map_err(|word| format!("there is no right {word:?}; rights are {}", PeerRights::WORDS.join(", ")))
}

fn worklist_characters(text: &str) -> Result<WorklistCharacters, String> {
    let words = || WorklistCharacters::ALL.map(WorklistCharacters::as_str).join(" and ");
    WorklistCharacters::parse(text).ok_or_else(|| format!("there are {}", words()))
}

fn worklist_names(text: &str) -> Result<WorklistNames, String> {
    WorklistNames::parse(text).ok_or_else(|| format!("there are {}", WorklistNames::ALL.map(WorklistNames::as_str).join(", ")))
}

fn move_destinations(text: &str) -> Result<MoveDestinations, String> {
    match text {
        "all" => Ok(MoveDestinations::All),
        "none" => Ok(MoveDestinations::Only(Vec::new())),
        titles => titles.split(',').map(super::ae_title).collect::<Result<_, _>>().map(MoveDestinations::Only),
    }
}

fn transfer_syntax(text: &str) -> Result<TransferSyntaxUid, String> {
    TransferSyntaxUid::parse(text).map_err(|error| error.to_string())
}

fn long_string(text: &str) -> Result<LongString, String> {
    LongString::parse(text).ok_or_else(|| "it has 1 to 64 characters, without backslash".to_owned())
}

fn machine_code(text: &str) -> Result<MachineCode, String> {
    MachineCode::parse(text).ok_or_else(|| "it has four parts with dots between, as CL.1.01234.5".to_owned())
}
