//! `filmless account` and `filmless token`: who comes in.

use clap::Subcommand;
use filmless_model::account::Role;
use filmless_model::actor::{Act, Acts};
use filmless_model::forwarding::Hours;

/// `filmless account`
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Make an account; asks for a password
    #[command(after_help = "Example:\n  filmless account add lan --role admin")]
    Add {
        /// 1 to 64 lower-case letters, digits and .-_@
        name: String,
        /// What the account is for: admin, radiologist, technologist, clinician (looks only), auditor (the log only) or service
        /// (a program)
        #[arg(long, value_parser = role)]
        role: Role,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Change a password; signs the account out everywhere
    Passwd {
        /// Whose
        name: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account another role
    Role {
        /// Whose
        name: String,
        /// As for `account add`
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Say in which hours an account may be used
    #[command(after_help = "Example:\n  filmless account hours lan 07:00-17:00+0700")]
    Hours {
        /// Whose
        name: String,
        /// As in the example; without them, at any time
        #[arg(value_parser = hours)]
        hours: Option<Hours>,
    },
    /// Take away the second factor of who has lost it
    ForgetSecondFactor {
        /// Whose
        name: String,
    },
    /// Block an account: its sessions end, its tokens are refused, nobody signs in
    Block {
        /// Whose
        name: String,
    },
    /// Let in again who was blocked, not seen for too long, or locked for wrong passwords
    Admit {
        /// Whose
        name: String,
    },
    /// Show all accounts
    List,
}

/// `filmless token`
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token; prints the secret, which is not shown again
    #[command(after_help = "\
Example:
  TOKEN=$(filmless token add --account lan)
  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8080/dicom-web/studies")]
    Add {
        /// Whose rights it carries
        #[arg(long, value_name = "NAME")]
        account: String,
        /// What it is for, in a few words
        #[arg(long, default_value = "")]
        label: String,
        /// What of its account's rights it carries, such as search,view,download; all of them unless told otherwise
        #[arg(long, value_parser = acts, default_value = "all")]
        acts: Acts,
        /// From when on it is refused, in days; never unless told
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        days: Option<u32>,
    },
    /// Show all tokens, without their secrets
    List,
    /// Make a token useless
    Revoke {
        /// Its ID, as `token list` shows it
        id: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| format!("roles are {}", Role::ALL.map(Role::as_str).join(", ")))
}

fn hours(text: &str) -> Result<Hours, &'static str> {
    Hours::try_from(text.to_owned())
}

fn acts(text: &str) -> Result<Acts, String> {
    let words = || Act::ALL.map(Act::as_str).join(", ");
    Acts::parse(text).ok_or_else(|| format!("acts are all, or some of {} with commas between them", words()))
}
