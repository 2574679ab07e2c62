//! What DICOM over TLS needs: files that fit together, certificates that are valid, a key that only the service can read.

use std::os::unix::fs::PermissionsExt;

use filmless_archive::clock::now_ms;
use filmless_dimse::tls::Validity;

use super::{Findings, Verdict};
use crate::commands::format_time;
use crate::config::Config;

/// A certificate that ends so soon deserves a look: 30 days.
const SOON_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Permission bits of who has no business with a key.
const OTHERS: u32 = 0o007;

/// Looks at the files, if TLS is to be spoken.
pub(super) fn examine(config: &Config, findings: &mut Findings) -> std::io::Result<()> {
    let Some(files) = config.dicom.tls.files() else { return Ok(()) };
    let loaded = match files.load() {
        Ok(loaded) => loaded,
        Err(error) => {
            let advice = "change certificate, key and client_ca of [dicom.tls]";
            return findings.tell(Verdict::Fault, "dicom.tls", format_args!("{error}\n{advice}"));
        }
    };
    findings.tell(Verdict::Fine, "dicom.tls", "the key is that of the certificate")?;
    let now_ms = now_ms();
    for (what, certificates) in [("certificate", &loaded.certificates), ("client_ca", &loaded.client_ca)] {
        for certificate in certificates {
            let (verdict, detail) = judge(certificate, now_ms);
            findings.tell(verdict, what, detail)?;
        }
    }
    match std::fs::metadata(&files.key) {
        Ok(metadata) if metadata.permissions().mode() & OTHERS != 0 => findings.tell(
            Verdict::Warning,
            "dicom.tls.key",
            format_args!("{0}: every user of this machine can read it\nclose it: chmod o= {0}", files.key.display()),
        ),
        _ => Ok(()),
    }
}

fn judge(certificate: &Validity, now_ms: i64) -> (Verdict, String) {
    let name = certificate.common_name.as_deref().unwrap_or("without a common name");
    let Validity { not_before_ms, not_after_ms, .. } = *certificate;
    if now_ms < not_before_ms {
        return (Verdict::Fault, format!("{name}: not valid before {} UTC", format_time(not_before_ms)));
    }
    if now_ms > not_after_ms {
        return (Verdict::Fault, format!("{name}: expired at {} UTC; have a new one issued", format_time(not_after_ms)));
    }
    let verdict = if not_after_ms - now_ms < SOON_MS { Verdict::Warning } else { Verdict::Fine };
    (verdict, format!("{name}: valid until {} UTC", format_time(not_after_ms)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_ends_soon_deserves_a_look() {
        let certificate = Validity { common_name: Some("pacs".to_owned()), not_before_ms: 0, not_after_ms: 2 * SOON_MS };
        for (now_ms, verdict) in
            [(-1, Verdict::Fault), (1, Verdict::Fine), (SOON_MS + 1, Verdict::Warning), (2 * SOON_MS + 1, Verdict::Fault)]
        {
            assert_eq!(judge(&certificate, now_ms).0, verdict, "{now_ms}");
        }
    }
}
