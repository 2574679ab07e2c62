//! Rendered pictures as a program of another maker sees them: frames and times of moving ones, and what ICC profiles mean.

use filmless_testkit::site::Site;
use serde_json::json;

use crate::peers;

/// Samples of 8 bits that two makers of colour conversions may differ by.
const ROUNDING: u64 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_move_and_have_the_colours_that_other_programs_expect() {
    let site = Site::embedded();
    let server = site.serve().await;
    let told = peers::interop("pictures.py", &[&server.dicomweb(), &server.token], &[""; 0]).await;
    // Hundredths of a second that add up to the times of the header; the last frame is shown as long as the one before.
    assert_eq!(told["durations"], json!([40, 120, 30, 40, 30, 500, 500]), "{told:#}");
    assert_eq!((&told["loop"], &told["frame_difference"], &told["dots"]), (&json!(0), &json!(0), &json!(3)), "{told:#}");
    assert_eq!((&told["profile"], &told["carried"]), (&json!(true), &json!(["RGB", "image/jpeg", "image/webp"])), "{told:#}");
    let number = |name: &str| told[name].as_u64().expect("a number");
    assert!(number("colour_difference") <= ROUNDING && number("unconverted") > 20, "{told:#}");
}
