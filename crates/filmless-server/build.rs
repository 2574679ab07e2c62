//! Makes sure that there is a viewer to embed: where `make viewer` was not run, a page that says so stands in for it.

use std::fs;
use std::path::Path;

const STAND_IN: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Filmless</title>
<p>The viewer was not built: run <code>make viewer</code> and start again. DICOMweb is at <code>/dicom-web</code>.</p>
</html>
";

fn main() {
    // Ignored by git, and emptied by the viewer's own build.
    let dist = Path::new("../../viewer/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    let page = dist.join("index.html");
    if !page.exists() {
        fs::create_dir_all(dist).and_then(|()| fs::write(&page, STAND_IN)).expect("viewer/dist can be written");
    }
}
