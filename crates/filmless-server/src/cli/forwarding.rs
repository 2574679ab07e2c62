//! `filmless forwarding`: its commands and flags.

use clap::Subcommand;
use filmless_model::forwarding::ForwardingName;
use filmless_model::uid::StudyInstanceUid;

/// `filmless forwarding`
#[derive(Debug, Subcommand)]
pub enum Forwarding {
    /// Show destinations, how much is on its way to each, and what is in the way
    List,
    /// Put a study on its way to a destination, whether or not it went there before
    #[command(after_help = "Example:\n  filmless forwarding send centre 1.2.826.0.1.3680043.8.498.1")]
    Send {
        /// To which
        #[arg(value_parser = ForwardingName::parse)]
        destination: ForwardingName,
        /// Its Study Instance UID
        #[arg(value_name = "STUDY", value_parser = StudyInstanceUid::parse)]
        study: StudyInstanceUid,
    },
    /// Show what could not be sent to a destination and why, last first
    Failed {
        /// To which
        #[arg(value_parser = ForwardingName::parse)]
        destination: ForwardingName,
        /// How many are shown
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Have what failed sent again, and what waits because of trouble sent now
    Retry {
        /// To which
        #[arg(value_parser = ForwardingName::parse)]
        destination: ForwardingName,
    },
    /// Rules, which say what goes where
    #[command(subcommand, arg_required_else_help = true)]
    Rule(ForwardingRule),
}

/// `filmless forwarding rule`
#[derive(Debug, Subcommand)]
pub enum ForwardingRule {
    /// Show them
    List,
    /// Show which of the newest instances a rule would mean, switched on or not; nothing is sent
    Try {
        /// Which
        #[arg(value_parser = ForwardingName::parse)]
        name: ForwardingName,
        /// How many changes of the archive are looked at
        #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
        last: u32,
    },
}
