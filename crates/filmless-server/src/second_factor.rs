//! The second factor of a sign-in: six digits that an app on one's phone shows for half a minute (RFC 6238, TOTP).

use data_encoding::BASE32_NOPAD;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;
use totp_rs::{Builder, Secret, Totp};

use crate::secrets::{self, SecretError};

/// What the app calls us.
const ISSUER: &str = "Filmless";
/// The length of a secret in bytes (RFC 4226 section 4, R6: 160 bits are recommended).
const SECRET_BYTES: usize = 20;
/// The least width of the picture, in pixels.
const PICTURE_WIDTH: u32 = 200;

/// A new secret, in the three forms in which it reaches the app.
#[derive(Serialize)]
pub struct Enrolment {
    /// In Base 32, to be typed.
    secret: String,
    /// As the address that opens the app on the same phone.
    uri: String,
    /// That address as a QR code, an SVG picture.
    picture: String,
}

/// A new secret for an account.
pub fn enrolment(account: &str) -> Result<Enrolment, SecretError> {
    let secret = BASE32_NOPAD.encode(&secrets::random_bytes::<SECRET_BYTES>()?);
    let failed = |problem: &dyn std::fmt::Display| SecretError::SecondFactor(problem.to_string());
    let uri = generator(&secret, account).ok_or_else(|| failed(&"the secret is none"))?.to_url().map_err(|e| failed(&e))?;
    let code = QrCode::new(&uri).map_err(|e| failed(&e))?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(PICTURE_WIDTH, PICTURE_WIDTH).build();
    Ok(Enrolment { secret, uri, picture })
}

/// The half minute, counted from 1970, whose digits these are: this one, the one before or the one after, as clocks differ.
/// Whoever accepts one accepts none from then or before again.
pub fn step(secret: &str, code: &str, now_ms: i64) -> Option<i64> {
    let seconds = u64::try_from(now_ms / 1000).ok()?;
    let step = generator(secret, "").and_then(|generator| generator.check(code.trim(), seconds))?;
    i64::try_from(step).ok()
}

/// What makes the digits, unless the secret is none of ours.
fn generator(secret: &str, account: &str) -> Option<Totp> {
    let bytes = BASE32_NOPAD.decode(secret.as_bytes()).ok().filter(|bytes| bytes.len() == SECRET_BYTES)?;
    let builder = Builder::new().with_secret(Secret::from(bytes)).with_account_name(account).with_issuer(Some(ISSUER));
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "12345678901234567890", the secret of the examples in RFC 6238 appendix B, whose last six digits these are.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn digits_are_those_of_the_standard_for_a_minute_and_a_half() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let own = seconds / 30;
            assert_eq!(step(SECRET, code, seconds * 1000), Some(own), "{seconds}");
            assert_eq!(step(SECRET, code, (seconds + 30) * 1000), Some(own), "a late one");
            assert_eq!(step(SECRET, code, (seconds - 30) * 1000), Some(own), "an early one");
            assert_eq!(step(SECRET, code, (seconds + 60) * 1000), None, "a stale one");
        }
        assert_eq!(step(SECRET, " 287082 ", 59_000), Some(1));
        for code in ["", "28708", "2870820", "28708a", "287 082"] {
            assert_eq!(step(SECRET, code, 59_000), None, "{code:?}");
        }
        assert_eq!(step("not Base 32", "287082", 59_000), None);
        assert_eq!(step("GEZDGNBV", "287082", 59_000), None, "a secret has 160 bits");
    }

    #[test]
    fn a_new_secret_is_said_in_three_forms() {
        let made = enrolment("lan@bv.vn").expect("randomness");
        assert!(made.uri.starts_with("otpauth://totp/Filmless:lan"), "{}", made.uri);
        assert!(made.uri.contains(&made.secret), "{}", made.uri);
        assert!(made.picture.contains("<svg"), "{}", made.picture);
        assert_ne!(made.secret, enrolment("lan@bv.vn").expect("randomness").secret);
    }
}
