//! `filmless serve --demo`: something to look at within a minute, on this machine only.

use std::sync::Arc;

use anyhow::{Context, bail};
use filmless_archive::Archive;
use filmless_archive::clock::now_ms;
use filmless_index::Index;
use filmless_model::account::{Account, AccountName, Role};
use filmless_model::actor::Actor;

use crate::cli::Serve;
use crate::commands::console::note;
use crate::commands::{import, recorded};
use crate::config::Config;
use crate::secrets;

/// The account of the demo.
const ACCOUNT: &str = "admin";
/// Files stored at the same time.
const JOBS: usize = 4;

/// A demo lets anyone on this machine store: it must not be reachable from another.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    if config.dicom.tls.address().is_some() {
        bail!("--demo does without TLS; remove dicom.tls.listen, or serve without --demo");
    }
    for (key, address) in config.doors() {
        if !address.ip().to_canonical().is_loopback() {
            bail!("--demo listens on 127.0.0.1 only, but {key} is {address}; remove that setting, or serve without --demo");
        }
    }
    if config.public_url().is_some() {
        bail!("--demo is for this machine only, but http.public_url is set; remove it, or serve without --demo");
    }
    Ok(())
}

/// Takes in the samples where the archive is empty, and gives the account a new password, which it returns.
pub(super) async fn prepare(archive: &Arc<Archive>, index: &dyn Index, options: &Serve) -> anyhow::Result<String> {
    let password = secrets::random_password()?;
    let to_hash = password.clone();
    let password_hash =
        tokio::task::spawn_blocking(move || secrets::hash_password(&to_hash)).await.context("hashing stopped")??;
    let name = AccountName::parse(ACCOUNT).context("the demo's account")?;
    let index = recorded(index, format!("account {name} of the demo"));
    if !index.set_password(&name, &password_hash, false).await? {
        index.add_account(&Account::new(name, Role::Admin, password_hash, now_ms())).await?;
    }
    if archive.last_change(&Actor::Operator).await? == 0 {
        if options.samples.is_dir() {
            note(format_args!("importing the sample studies of {}", options.samples.display()));
            let tally =
                import::import_paths(archive, std::slice::from_ref(&options.samples), JOBS, import::Report::quiet()).await?;
            // Some samples are odd on purpose: what became of those is no news to a newcomer.
            note(format_args!("{} sample instances are in the archive", tally.stored));
        } else {
            note(format_args!(
                "no sample studies: there is no folder {}; --samples DIR names another",
                options.samples.display()
            ));
        }
    }
    Ok(password)
}

/// What a person needs to begin, in a box.
pub(super) fn invitation(url: &str, dicom: &str, password: &str) -> String {
    let lines = [
        "Filmless demo: on this machine only, not for patients".to_owned(),
        String::new(),
        format!("open      {url}"),
        format!("account   {ACCOUNT}"),
        format!("password  {password}"),
        format!("DICOM     {dicom}, any calling AE title may store"),
    ];
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let bar = "─".repeat(width + 2);
    let body: Vec<_> = lines.iter().map(|line| format!("│ {line:<width$} │")).collect();
    format!("┌{bar}┐\n{}\n└{bar}┘", body.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_is_straight() {
        let text = invitation("http://127.0.0.1:8080/", "FILMLESS@127.0.0.1:11112", "abcde-fghjk");
        let widths: Vec<_> = text.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{text}");
        assert!(text.contains("abcde-fghjk"));
    }

    #[test]
    fn a_demo_is_refused_where_others_can_reach_it() {
        for (http, dicom, public_url, fine) in [
            ("127.0.0.1:8080", "127.0.0.1:11112", "", true),
            ("[::1]:8080", "127.0.0.1:11112", "", true),
            ("0.0.0.0:8080", "127.0.0.1:11112", "", false),
            ("127.0.0.1:8080", "10.0.0.1:11112", "", false),
            ("127.0.0.1:8080", "127.0.0.1:11112", "https://pacs.example.org", false),
        ] {
            let mut config = Config::default();
            config.http.listen = http.parse().expect("an address");
            config.dicom.listen = dicom.parse().expect("an address");
            public_url.clone_into(&mut config.http.public_url);
            assert_eq!(check(&config).is_ok(), fine, "{http} {dicom} {public_url}");
        }
    }
}
