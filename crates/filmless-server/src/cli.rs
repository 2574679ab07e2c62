//! The command line: every command, flag and word of help. What they do stands in [`crate::commands`].

mod accounts;
mod forwarding;
mod peer_to_add;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use filmless_dicom::further;
use filmless_dicom::remote_search::Level;
use filmless_model::ae_title::AeTitle;
use filmless_model::audit::AuditedAct;
use filmless_model::further::FurtherAttribute;
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid};
use jiff::civil::Date;

pub use accounts::{Account, Token};
pub use forwarding::{Forwarding, ForwardingRule};
pub use peer_to_add::PeerToAdd;

const EXAMPLES: &str = "\
First steps:
  filmless account add lan --role admin       make an account; asks for a password
  filmless peer add CT1 --address 10.0.0.21 --allow store
                                              let the CT scanner send
  filmless serve                              start; open http://127.0.0.1:8080
  filmless import /media/cdrom                take in a disc, a folder or a ZIP file

Just looking:
  filmless serve --demo --data /tmp/demo      sample studies, a password is printed

When something is wrong:
  filmless doctor                             names the setting or service at fault
  filmless check                              compares every row with its bytes

Settings: config/filmless.toml shows every key; http.listen is also FILMLESS_HTTP__LISTEN.";

/// Filmless: keeps studies, finds them and shows them, in place of printed film.
#[derive(Debug, Parser)]
#[command(name = "filmless", version, after_help = EXAMPLES, disable_help_subcommand = true, arg_required_else_help = true)]
pub struct Cli {
    /// Where settings and data are.
    #[command(flatten)]
    pub place: Place,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Settings file (TOML); without it /etc/filmless/filmless.toml if that exists
    #[arg(long, value_name = "FILE", global = true, help_heading = "Everywhere")]
    pub config: Option<PathBuf>,
    /// Folder of the embedded database and store [default: ./data]
    #[arg(long, value_name = "DIR", global = true, help_heading = "Everywhere")]
    pub data: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the archive: the DICOM and HTTP doors, and the viewer
    Serve(Serve),
    /// Take in files, folders, ZIP files and DICOMDIR media
    Import(Import),
    /// People and programs that sign in
    #[command(subcommand, arg_required_else_help = true)]
    Account(Account),
    /// Secrets for programs that use DICOMweb
    #[command(subcommand, arg_required_else_help = true)]
    Token(Token),
    /// Scanners, workstations and other archives that may call
    #[command(subcommand, arg_required_else_help = true)]
    Peer(Peer),
    /// What is shown of what machines send in place of what they sent: character sets, and rules
    #[command(subcommand, arg_required_else_help = true)]
    Coercion(Coercion),
    /// What goes to other places by itself: how much is on its way, what failed, and what rules mean
    #[command(subcommand, arg_required_else_help = true)]
    Forwarding(Forwarding),
    /// Orders: what is to be done at which machine (its worklist)
    #[command(subcommand, arg_required_else_help = true)]
    Order(Order),
    /// The log of who did what: shown, and checked that nobody bent it
    #[command(subcommand, arg_required_else_help = true)]
    Audit(Audit),
    /// Attributes to search by besides those that every archive has
    #[command(subcommand, arg_required_else_help = true)]
    IndexAttribute(IndexAttribute),
    /// Take back what was deleted, or show it
    Restore(Restore),
    /// Bring the database up to date (`serve` does so by itself)
    Migrate,
    /// Check configuration, database, store, ports, clock and disk
    Doctor,
    /// Compare every row with its bytes, and every blob with its row
    Check,
    /// Decode frames for another filmless process; not for people
    #[command(hide = true)]
    CodecWorker,
}

/// `filmless serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Try Filmless out: sample studies, an account `admin` whose password is printed, any local AE title may store.
    /// Only on 127.0.0.1
    #[arg(long)]
    pub demo: bool,
    /// Folder of sample studies for --demo
    #[arg(long, value_name = "DIR", default_value = "testdata/dicom", requires = "demo")]
    pub samples: PathBuf,
}

/// `filmless import`
#[derive(Debug, Args)]
#[command(after_help = "\
Running it again is safe: what is already stored is not stored twice, so an interrupted import resumes.
Exit code: 0 all stored, 1 something failed, 2 the import could not run.")]
pub struct Import {
    /// Files, folders, ZIP files, discs (a folder with a DICOMDIR, or the DICOMDIR itself)
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Files stored at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
}

/// `filmless index-attribute`
#[derive(Debug, Subcommand)]
pub enum IndexAttribute {
    /// Let searches match an attribute; a running server reads its values while it serves
    #[command(after_help = "\
Examples:
  filmless index-attribute add BodyPartThickness
  filmless index-attribute add ProcedureCodeSequence.CodeValue
  filmless index-attribute add '0009xx01:LO:ACME 1.1'")]
    Add {
        /// Keyword, tag or path of them; a private one with representation and creator
        #[arg(value_parser = further_attribute)]
        attribute: FurtherAttribute,
    },
    /// Show them, and how far each is indexed
    List,
    /// Let searches match an attribute no more, and drop its values
    Remove {
        /// As `index-attribute list` shows it
        #[arg(value_parser = further_attribute)]
        attribute: FurtherAttribute,
    },
}

/// `filmless order`
#[derive(Debug, Subcommand)]
pub enum Order {
    /// Take in orders from a CSV or JSON file, or from standard input
    #[command(after_help = "\
A CSV file has the names of its columns in its first line, and a row for each step; rows with one accession_number are steps of
one order. A JSON file has a list of orders. At least these: accession_number, patient_id, patient_name,
requested_procedure_description, modality, scheduled_station_ae_title, scheduled_procedure_step_start_date.
An order that is there already is changed to what the file says; the same file again changes nothing.
Exit code: 0 all taken, 1 something is wrong in some orders, which are listed by line, 2 the import could not run.")]
    Import {
        /// The file; - is standard input
        file: PathBuf,
    },
}

/// `filmless coercion`
#[derive(Debug, Subcommand)]
pub enum Coercion {
    /// Show the rules for a peer, or those for all peers
    Show {
        /// For whom
        #[arg(long, value_name = "AE_TITLE", value_parser = ae_title)]
        peer: Option<AeTitle>,
    },
    /// Set the rules for a peer, or for all peers, from a JSON file
    #[command(after_help = "\
Example of a file, for a machine that writes names in TCVN3 (ABC) without saying so:
  {\"character_set\": {\"assume\": \"tcvn3\"},
   \"rules\": [{\"when\": [{\"attribute\": \"IssuerOfPatientID\", \"missing\": true}],
              \"attribute\": \"IssuerOfPatientID\", \"action\": \"set\", \"value\": \"BVDK\"}]}
CONFORMANCE.md lists conditions and actions. The stored bytes stay as they came.")]
    Set {
        /// The file
        file: PathBuf,
        /// For whom
        #[arg(long, value_name = "AE_TITLE", value_parser = ae_title)]
        peer: Option<AeTitle>,
    },
    /// Coerce nothing any more of what a peer, or all peers together, send
    Remove {
        /// For whom
        #[arg(long, value_name = "AE_TITLE", value_parser = ae_title)]
        peer: Option<AeTitle>,
    },
    /// Show what rules would change of what a peer sent last; nothing is kept
    Preview {
        /// Whose instances
        #[arg(value_name = "AE_TITLE", value_parser = ae_title)]
        peer: AeTitle,
        /// Rules that are not set yet, from a JSON file
        #[arg(long)]
        file: Option<PathBuf>,
        /// How many instances are looked at
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=50))]
        last: u32,
    },
}

/// `filmless restore`
#[derive(Debug, Args)]
#[command(after_help = "\
Without a number it shows what was deleted. Deleted instances are destroyed archive.keep_deleted_days later.")]
pub struct Restore {
    /// Which deletion to take back
    #[arg(value_name = "DELETION")]
    pub deletion: Option<i64>,
}

/// `filmless audit`
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Find entries of the log that were changed, removed or put in between. Exit code 1 if there are any
    Verify,
    /// Show entries of the log, last first
    #[command(after_help = "\
Examples:
  filmless audit show --patient P0042
  filmless audit show --actor lan --since 2026-11-01 --until 2026-11-30 --json")]
    Show(AuditShow),
}

/// `filmless audit show`
#[derive(Debug, Args)]
pub struct AuditShow {
    /// Of this account; of a machine (`dimse:` and its AE title); of commands (`operator`)
    #[arg(long, default_value = "")]
    pub actor: String,
    /// About this Patient ID
    #[arg(long, default_value = "")]
    pub patient: String,
    /// About this study, by its UID
    #[arg(long, default_value = "")]
    pub study: String,
    /// Of this act, such as `view` or `delete`; a word that is none shows all
    #[arg(long, value_parser = audited_act)]
    pub act: Option<AuditedAct>,
    /// Not before this day (UTC)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub since: Option<Date>,
    /// Not after this day (UTC)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<Date>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
    /// The entries as they are kept, one JSON text on each line
    #[arg(long)]
    pub json: bool,
}

fn audited_act(word: &str) -> Result<AuditedAct, String> {
    let words = AuditedAct::ALL.map(AuditedAct::as_str).join(", ");
    AuditedAct::parse(word).ok_or_else(|| format!("not one of {words}"))
}

/// `filmless peer`
#[derive(Debug, Subcommand)]
pub enum Peer {
    /// Let a DICOM node call, or change what it may do
    #[command(after_help = "\
Examples:
  filmless peer add CT1 --address 10.0.0.21 --allow store
  filmless peer add WORKSTATION --address ws1.example.org --port 104 --allow query,retrieve
  filmless peer add US1 --address 10.0.0.30 --allow store,worklist --worklist-characters ascii
  filmless peer add MR1 --allow store --certificate CN=mr1.example.org
  filmless peer add PACS2 --address pacs2.example.org --port 2762 --tls --allow store,query,retrieve
  filmless peer add RIS --allow query,retrieve --move-to WORKSTATION --max-associations 2
  filmless peer add XA1 --allow store --accept-transfer-syntaxes 1.2.840.10008.1.2.4.80,1.2.840.10008.1.2.1")]
    Add(Box<PeerToAdd>),
    /// Show all that is set for a peer
    Show {
        /// Its AE title
        #[arg(value_parser = ae_title)]
        ae_title: AeTitle,
    },
    /// Show all peers
    List,
    /// Ask a peer whether it is there (C-ECHO)
    Echo {
        /// Its AE title
        #[arg(value_parser = ae_title)]
        ae_title: AeTitle,
    },
    /// Send a study, a series or instances to a peer (C-STORE)
    #[command(after_help = "\
Example:
  filmless peer send WORKSTATION --study 1.2.840.113619.2.55.3.1
  filmless peer send PACS2 --study 1.2.840.113619.2.55.3.1 --commit
Exit code: 0 all went over, 1 some did not, which are listed with the reason, 2 it could not be tried.")]
    Send {
        /// Its AE title
        #[arg(value_parser = ae_title)]
        ae_title: AeTitle,
        /// What goes over.
        #[command(flatten)]
        which: Which,
        /// Have it vouch for what was sent (storage commitment); it answers the server that runs here, if not at once
        #[arg(long)]
        commit: bool,
    },
    /// Search what a peer has (C-FIND)
    #[command(after_help = "\
Examples:
  filmless peer find PACS2 PatientID=BN0042
  filmless peer find PACS2 'PatientName=NGUYEN*' StudyDate=20260101- ModalitiesInStudy=CT
  filmless peer find PACS2 --level series StudyInstanceUID=1.2.840.113619.2.55.3.1
Keys are attributes by keyword or tag; one without a value is only shown. Answers are DICOM JSON, one a line.")]
    Find {
        /// Its AE title
        #[arg(value_parser = ae_title)]
        ae_title: AeTitle,
        /// ATTRIBUTE=VALUE, as often as needed
        #[arg(value_name = "KEY", required = true)]
        keys: Vec<String>,
        /// What is searched: patient, study, series or instance
        #[arg(long, default_value = "study", value_parser = level)]
        level: Level,
        /// At most so many answers
        #[arg(long, value_name = "N", default_value_t = 200)]
        limit: usize,
    },
    /// Have a peer give us a study, a series or instances (C-GET, or else C-MOVE to the running server)
    #[command(after_help = "\
Example:
  filmless peer fetch PACS2 --study 1.2.840.113619.2.55.3.1
A peer that serves no C-GET sends to the server that runs here, which it must know by AE title, address and port, and here it
must be allowed to store.
Exit code: 0 all came, 1 some did not, which are listed with the reason, 2 it could not be tried.")]
    Fetch {
        /// Its AE title
        #[arg(value_parser = ae_title)]
        ae_title: AeTitle,
        /// What goes over.
        #[command(flatten)]
        which: Which,
    },
    /// Forget a peer
    Remove {
        /// Its AE title
        #[arg(value_parser = ae_title)]
        ae_title: AeTitle,
    },
    /// Show who called without being known
    Inbox,
    /// Let a caller of the inbox in, from the address it called from
    Accept {
        /// Its AE title, as `peer inbox` shows it
        #[arg(value_parser = ae_title)]
        ae_title: AeTitle,
        /// Which one, if it called from several addresses
        #[arg(long, value_name = "HOST")]
        address: Option<std::net::IpAddr>,
    },
}

/// Which instances go over.
#[derive(Debug, Args)]
pub struct Which {
    /// The study
    #[arg(long, value_name = "UID", value_parser = StudyInstanceUid::parse)]
    pub study: StudyInstanceUid,
    /// One of its series; all if left out
    #[arg(long, value_name = "UID", value_parser = SeriesInstanceUid::parse)]
    pub series: Option<SeriesInstanceUid>,
    /// An instance of the series, as often as needed; all if left out
    #[arg(long = "instance", value_name = "UID", requires = "series", value_parser = SopInstanceUid::parse)]
    pub instances: Vec<SopInstanceUid>,
}

fn level(text: &str) -> Result<Level, String> {
    match text {
        "patient" => Ok(Level::Patient),
        "study" => Ok(Level::Study),
        "series" => Ok(Level::Series),
        "instance" => Ok(Level::Instance),
        _ => Err("is patient, study, series or instance".to_owned()),
    }
}

fn ae_title(text: &str) -> Result<AeTitle, String> {
    AeTitle::parse(text).map_err(|error| error.to_string())
}

fn further_attribute(text: &str) -> Result<FurtherAttribute, String> {
    further::parse(text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_every_command_has_help() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        let mut waiting = vec![command];
        while let Some(command) = waiting.pop() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            waiting.extend(command.get_subcommands().cloned());
        }
    }

    #[test]
    fn the_commands_of_scripts_are_understood() {
        for line in [
            "filmless account add bench --role admin --password-stdin --data d",
            "filmless token add --account bench --data d",
            "filmless peer add BENCH --address 127.0.0.1 --allow store,query,retrieve --data d",
            "filmless peer add BENCH --port 104 --allow store --config f",
            "filmless peer add US1 --allow worklist --worklist-characters ascii --worklist-names whole --worklist-max-entries 9",
            "filmless peer add BENCH --allow store --certificate CN=bench",
            "filmless peer add RIS --allow retrieve --move-to WS1,WS2 --max-associations 2 --offer-transfer-syntaxes 1.2.840.10008.1.2",
            "filmless peer add CT1 --allow store --move-to none --issuer-of-patient-id 01234 --machine-code CL.1.01234.5",
            "filmless peer show CT1",
            "filmless --data d serve",
            "filmless serve --demo --samples testdata/dicom",
            "filmless import --data d a b c",
            "filmless forwarding send Trung-tâm 1.2.3",
            "filmless forwarding rule try ct --last 100 --data d",
            "filmless token revoke 0198",
            "filmless restore",
            "filmless order import orders.csv --data d",
            "filmless restore 7 --data d",
            "filmless index-attribute add PatientWeight --data d",
            "filmless index-attribute remove 0009xx01:LO:ACME",
            "filmless index-attribute list",
        ] {
            let words: Vec<_> = line.split(' ').collect();
            assert!(Cli::try_parse_from(&words).is_ok(), "{line}: {:?}", Cli::try_parse_from(&words).err());
        }
        for line in [
            "filmless peer add CT1 --allow fly",
            "filmless peer add CT1 --allow worklist --worklist-characters tcvn3",
            "filmless peer add CT1 --allow worklist --worklist-max-entries 0",
            "filmless peer add CT1 --allow store --certificate O=Hospital",
            "filmless peer add CT1 --allow store --max-associations 0",
            "filmless peer add CT1 --allow store --move-to SEVENTEEN_LETTERS",
            "filmless peer add CT1 --allow store --accept-transfer-syntaxes JPEG",
            "filmless peer add CT1 --allow store --machine-code CL",
            "filmless peer add SEVENTEEN_LETTERS --allow store",
            "filmless account add x --role king",
            "filmless forwarding send centre 1.2.x",
            "filmless forwarding failed a/b",
            "filmless index-attribute add PatientID",
        ] {
            let words: Vec<_> = line.split(' ').collect();
            assert!(Cli::try_parse_from(&words).is_err(), "{line}");
        }
    }
}
