//! WADO-RS: files, metadata, bulk data and frames, in the forms that clients ask for.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_testkit::instance::{EXPLICIT_VR_LITTLE_ENDIAN, Instance};
use filmless_testkit::part10::Part10;

use crate::site::{Answer, Site, instance_path, stored};

const AS_STORED: &str = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";

/// A series of three with two frames each.
async fn filled() -> (Site, Vec<Instance>) {
    let site = Site::new().await;
    let series = Instance { frames: 2, ..Instance::ct() }.series_of(3);
    site.fill(&series).await;
    (site, series)
}

fn data_set(file: &[u8]) -> Vec<u8> {
    Part10::parse(file).expect("a DICOM file").data_set
}

/// The pixels of an instance: the end of its data set.
fn pixels(instance: &Instance) -> Vec<u8> {
    let data_set = instance.data_set();
    let length = usize::from(instance.rows) * usize::from(instance.columns) * 2 * instance.frames as usize;
    data_set[data_set.len() - length..].to_vec()
}

async fn ranged(site: &Site, path: &str, accept: &str, range: &str) -> Answer {
    site.send(Method::GET, path, &[("accept", accept), ("range", range)], Body::empty()).await
}

#[tokio::test]
async fn studies_series_and_instances_come_back_as_they_were_sent() {
    let (site, series) = filled().await;
    let (study_path, series_path) =
        (format!("/studies/{}", series[0].study), format!("/studies/{}/series/{}", series[0].study, series[0].series));
    for (path, expected) in [(study_path, &series[..]), (series_path, &series[..]), (instance_path(&series[1]), &series[1..2])] {
        for accept in [AS_STORED, "*/*", "multipart/related; type=application/dicom", "undefined"] {
            let answer = site.get(&path, accept).await;
            assert_eq!(answer.header("content-length"), answer.body.len().to_string());
            let parts = answer.parts();
            assert_eq!(parts.len(), expected.len(), "{path} {accept}");
            for (part, instance) in parts.iter().zip(expected) {
                assert_eq!(data_set(&part.body), instance.data_set());
                let content_type = format!("Content-Type: application/dicom; transfer-syntax={EXPLICIT_VR_LITTLE_ENDIAN}\r\n");
                assert!(part.head.contains(&content_type), "{}", part.head);
            }
        }
    }
}

#[tokio::test]
async fn one_instance_may_come_alone_and_in_ranges() {
    let (site, series) = filled().await;
    let path = instance_path(&series[0]);
    let whole = site.get(&path, "application/dicom").await;
    assert_eq!(whole.header("content-type"), format!("application/dicom; transfer-syntax={EXPLICIT_VR_LITTLE_ENDIAN}"));
    assert_eq!(data_set(&whole.body), series[0].data_set());
    let part = ranged(&site, &path, "application/dicom", "bytes=128-131").await;
    assert_eq!((part.status, &part.body[..]), (StatusCode::PARTIAL_CONTENT, &b"DICM"[..]));
    assert_eq!(part.header("content-range"), format!("bytes 128-131/{}", whole.body.len()));
    ranged(&site, &path, "application/dicom", "bytes=99999999-").await.assert_problem(416, "range-not-satisfiable");
    let study = format!("/studies/{}", series[0].study);
    site.get(&study, "application/dicom").await.assert_problem(406, "not-acceptable");
    site.get(&path, "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.100").await.assert_problem(406, "not-acceptable");
    site.get(&path, "text/html").await.assert_problem(406, "not-acceptable");
    let by_parameter = site.get(&format!("{path}?accept=application/dicom"), "text/html").await;
    assert_eq!(by_parameter.body, whole.body);
}

#[tokio::test]
async fn frames_come_in_the_order_asked_for() {
    let (site, series) = filled().await;
    let path = instance_path(&series[0]);
    let pixels = pixels(&series[0]);
    let (first, second) = pixels.split_at(pixels.len() / 2);
    let octets = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
    for (list, accept, expected) in [
        ("/frames/1", octets, vec![first]),
        ("/frames/2", "*/*", vec![second]),
        ("/frames/2,1", octets, vec![second, first]),
        ("/frames/1,1,2", "*/*", vec![first, first, second]),
        ("/frames", octets, vec![first, second]),
        ("/pixeldata", octets, vec![first, second]),
    ] {
        let answer = site.get(&format!("{path}{list}"), accept).await;
        assert!(answer.header("content-type").starts_with("multipart/related; type=\"application/octet-stream\""));
        let parts = answer.parts();
        let bodies: Vec<_> = parts.iter().map(|part| part.body.as_slice()).collect();
        assert_eq!(bodies, expected, "{list}");
        let content_type = format!("Content-Type: application/octet-stream; transfer-syntax={EXPLICIT_VR_LITTLE_ENDIAN}\r\n");
        assert!(parts[0].head.contains(&content_type), "{}", parts[0].head);
    }
    let single = site.get(&format!("{path}/frames/2"), "application/octet-stream").await;
    assert_eq!(&single.body[..], second);
    assert_eq!(single.header("content-length"), second.len().to_string());
    site.get(&format!("{path}/frames/1,2"), "application/octet-stream").await.assert_problem(406, "not-acceptable");
    site.get(&format!("{path}/frames/1"), "image/jpx").await.assert_problem(406, "not-acceptable");
    site.get(&format!("{path}/frames/3"), "*/*").await.assert_problem(404, "no-such-frame");
    for list in ["0", "a", "1,,2", "-1", "1-2"] {
        site.get(&format!("{path}/frames/{list}"), "*/*").await.assert_problem(400, "malformed-path");
    }
}

#[tokio::test]
async fn ranges_of_a_frame_join_also_within_multipart() {
    let (site, series) = filled().await;
    let path = format!("{}/frames/1", instance_path(&series[0]));
    for accept in ["application/octet-stream", "multipart/related; type=application/octet-stream"] {
        let whole = site.get(&path, accept).await;
        let mut joined = Vec::new();
        for range in ["bytes=0-99", "bytes=100-"] {
            let part = ranged(&site, &path, accept, range).await;
            assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
            assert_eq!(part.header("etag"), whole.header("etag"));
            joined.extend_from_slice(&part.body);
        }
        assert_eq!(joined, whole.body, "{accept}");
    }
}

#[tokio::test]
async fn metadata_has_absolute_links_that_lead_to_the_bytes() {
    let (site, series) = filled().await;
    let path = instance_path(&series[0]);
    let answer = site.get(&format!("{path}/metadata"), "application/dicom+json").await;
    assert_eq!(answer.header("content-type"), "application/dicom+json");
    let json = answer.json();
    assert_eq!(json[0]["00080018"]["Value"][0], series[0].sop_instance.to_string());
    assert_eq!(json[0]["00083002"]["Value"][0], EXPLICIT_VR_LITTLE_ENDIAN);
    let link = json[0]["7FE00010"]["BulkDataURI"].as_str().expect("a link").to_owned();
    let bulkdata = link.strip_prefix("http://pacs.test/dicom-web").expect("an absolute link");
    assert!(bulkdata.starts_with(&path), "{bulkdata}");
    let whole = site.get(bulkdata, "*/*").await;
    assert_eq!((whole.status, whole.header("content-type")), (StatusCode::OK, "application/octet-stream"));
    assert_eq!(whole.body, pixels(&series[0]));
    let parts = site.get(bulkdata, "multipart/related; type=\"application/octet-stream\"").await.parts();
    assert_eq!(parts[0].body, whole.body);
    let part = ranged(&site, bulkdata, "*/*", "bytes=-4").await;
    assert_eq!(part.body, whole.body[whole.body.len() - 4..]);
    for outside in ["0-4", "99999999-1", "18446744073709551615-2", "200-0", "x-y"] {
        site.get(&format!("{path}/bulkdata/{outside}"), "*/*").await.assert_problem(404, "no-such-bulkdata");
    }

    let study = site.get(&format!("/studies/{}/metadata", series[0].study), "*/*").await.json();
    assert_eq!(study.as_array().map(Vec::len), Some(3));
    site.get(&format!("{path}/metadata"), "application/dicom+xml").await.assert_problem(406, "not-acceptable");
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let (site, series) = filled().await;
    let path = instance_path(&series[0]);
    let study = format!("/studies/{}", series[0].study);
    for path in [format!("{study}/metadata"), format!("{path}/frames/1"), path.clone(), study.clone()] {
        let first = site.get(&path, "*/*").await;
        assert!(first.header("cache-control").starts_with("private"), "{path}");
        let headers = [("accept", "*/*"), ("if-none-match", first.header("etag"))];
        let again = site.send(Method::GET, &path, &headers, Body::empty()).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(again.header("etag"), first.header("etag"));
    }
    let before = site.get(&format!("{study}/metadata"), "*/*").await;
    site.fill(&[series[2].next()]).await;
    let headers = [("if-none-match", before.header("etag"))];
    let after = site.send(Method::GET, &format!("{study}/metadata"), &headers, Body::empty()).await;
    assert_eq!(after.status, StatusCode::OK);
}

#[tokio::test]
async fn a_compressed_frame_goes_out_as_it_is_stored_or_decoded() {
    let (compressed, native) = (Site::new().await, Site::new().await);
    let compressed_path = format!("{}/frames/1", stored(&compressed, "dicom/transfer-syntaxes/same-mr-image/4.dcm").await);
    let native_path = format!("{}/frames/1", stored(&native, "dicom/transfer-syntaxes/same-mr-image/1.dcm").await);
    let samples = native.get(&native_path, "application/octet-stream").await.body;
    assert_eq!(samples.len(), 384 * 384 * 2);

    for accept in ["application/octet-stream", "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"] {
        let decoded = compressed.get(&compressed_path, accept).await;
        assert_eq!(decoded.header("content-type"), "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1");
        assert!(decoded.body == samples, "the decoded samples differ");
    }
    let parts = compressed.get(&compressed_path, "*/*").await.parts();
    assert!(parts[0].body == samples, "the decoded samples differ");

    let codestream = compressed.get(&compressed_path, "image/dicom-rle").await;
    assert_eq!(codestream.header("content-type"), "image/dicom-rle; transfer-syntax=1.2.840.10008.1.2.5");
    let as_stored = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
    let parts = compressed.get(&compressed_path, as_stored).await.parts();
    assert_eq!(parts[0].body, codestream.body);
    assert!(parts[0].head.contains("Content-Type: application/octet-stream; transfer-syntax=1.2.840.10008.1.2.5\r\n"));
    let parts = compressed.get(&compressed_path, "multipart/related; type=\"image/*\"").await.parts();
    assert!(parts[0].head.contains("Content-Type: image/dicom-rle; "));
    compressed.get(&compressed_path, "image/jpx").await.assert_problem(406, "not-acceptable");
}

#[tokio::test]
async fn codestreams_are_made_for_who_asks_for_them() {
    let site = Site::new().await;
    let path = stored(&site, "dicom/transfer-syntaxes/same-mr-image/1.dcm").await;
    let frames = format!("{path}/frames/1");
    let rle = "1.2.840.10008.1.2.5";
    for (accept, expected) in [
        ("image/dicom-rle", format!("image/dicom-rle; transfer-syntax={rle}")),
        ("image/dicom-rle; transfer-syntax=*, application/octet-stream", format!("image/dicom-rle; transfer-syntax={rle}")),
        ("*/*; transfer-syntax=1.2.840.10008.1.2.5", "multipart/related".to_owned()),
        (
            "application/octet-stream, image/dicom-rle",
            format!("application/octet-stream; transfer-syntax={EXPLICIT_VR_LITTLE_ENDIAN}"),
        ),
    ] {
        let answer = site.get(&frames, accept).await;
        assert!(answer.header("content-type").starts_with(&expected), "{accept}: {}", answer.header("content-type"));
    }
    let named = format!("application/dicom; transfer-syntax={rle}");
    let answer = site.get(&path, &named).await;
    assert_eq!(answer.header("content-type"), named);
    let file = Part10::parse(&answer.body).expect("a DICOM file");
    assert_eq!(file.transfer_syntax, rle);
    let codestream = site.get(&frames, "image/dicom-rle").await.body;
    assert!(file.data_set.windows(codestream.len()).any(|window| window == codestream), "the frame is another");
    assert_eq!(site.get(&path, "*/*; transfer-syntax=*").await.parts().len(), 1);
    let again = Site::new().await;
    let stored_again = again.store("/studies", &[answer.body.to_vec()]).await;
    assert_eq!(stored_again.status, StatusCode::OK, "{}", stored_again.text());
    assert_eq!(
        again.get(&frames, "application/octet-stream").await.body,
        site.get(&frames, "application/octet-stream").await.body
    );
}

#[tokio::test]
async fn loss_is_for_who_names_it() {
    let site = Site::new().await;
    let path = stored(&site, "dicom/transfer-syntaxes/same-mr-image/1.dcm").await;
    let uid = path.rsplit('/').next().expect("of the instance");
    for accept in ["application/dicom", "application/dicom; transfer-syntax=*", "*/*; transfer-syntax=*", "*/*"] {
        let answer = site.get(&path, accept).await;
        assert!(answer.body.windows(uid.len()).any(|window| window == uid.as_bytes()), "{accept}");
    }
    // A directory lists what is stored.
    site.get(&path, "application/zip; transfer-syntax=1.2.840.10008.1.2.4.91").await.assert_problem(406, "not-acceptable");
    // Sixteen bits have no place in it.
    for path in [&path, &format!("{path}/frames/1")] {
        site.get(path, "*/*; transfer-syntax=1.2.840.10008.1.2.4.50").await.assert_problem(406, "not-acceptable");
    }
}

#[tokio::test]
async fn what_has_no_place_in_a_transfer_syntax_goes_out_in_the_next_acceptable_one() {
    let (bits, plan) = (Site::new().await, Site::new().await);
    let path = stored(&bits, "dicom/seg/liver.dcm").await;
    let rle = "transfer-syntax=1.2.840.10008.1.2.5";
    bits.get(&path, &format!("application/dicom; {rle}")).await.assert_problem(406, "not-acceptable");
    bits.get(&format!("{path}/frames/1"), "image/dicom-rle").await.assert_problem(406, "not-acceptable");
    let answer = bits.get(&format!("{path}/frames/1"), "image/dicom-rle, application/octet-stream;q=0.1").await;
    assert!(answer.header("content-type").starts_with("application/octet-stream"));
    let answer = bits.get(&path, &format!("application/dicom; {rle}, application/dicom;q=0.1")).await;
    assert_eq!(answer.header("content-type"), "application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
    let path = stored(&plan, "dicom/rt/rtplan.dcm").await;
    plan.get(&path, &format!("application/dicom; {rle}")).await.assert_problem(406, "not-acceptable");
}

#[tokio::test]
async fn big_endian_and_deflated_pixels_are_decoded_for_web_clients() {
    let (little, big, deflated) = (Site::new().await, Site::new().await, Site::new().await);
    let octets = "application/octet-stream; transfer-syntax=*";
    let frame = |path: String| format!("{path}/frames/15");
    let little_path = frame(stored(&little, "dicom/rt/rtdose.dcm").await);
    let big_path = frame(stored(&big, "dicom/rt/rtdose_expb.dcm").await);
    let (expected, swapped) = (little.get(&little_path, octets).await, big.get(&big_path, octets).await);
    assert_eq!(expected.body.len(), 10 * 10 * 4);
    assert_eq!((swapped.status, &swapped.body), (StatusCode::OK, &expected.body));
    assert_eq!(swapped.header("content-type"), "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1");
    let deflated_path = format!("{}/frames/1", stored(&deflated, "dicom/sc/image_dfl.dcm").await);
    let inflated = deflated.get(&deflated_path, octets).await;
    assert_eq!(inflated.body.len(), 512 * 512, "{} {}", inflated.status, inflated.text());
}

#[tokio::test]
async fn bytes_in_big_endian_words_go_out_in_their_own_order() {
    let (little, big) = (Site::new().await, Site::new().await);
    let little_path = stored(&little, "dicom/sc/SC_rgb_small_odd.dcm").await;
    let big_path = stored(&big, "dicom/sc/SC_rgb_small_odd_big_endian.dcm").await;
    let octets = "application/octet-stream";
    let frame = async |site: &Site, path: &str| site.get(&format!("{path}/frames/1"), octets).await.body;
    let expected = frame(&little, &little_path).await;
    // Three rows of three pixels, red, green and blue.
    assert_eq!((expected.len(), &expected[..3]), (27, &[166, 141, 52][..]));
    assert_eq!(frame(&big, &big_path).await, expected);
    let instance = big.get(&big_path, "application/dicom; transfer-syntax=1.2.840.10008.1.2.1").await;
    assert_eq!(instance.status, StatusCode::OK);
    assert_eq!(instance.body[instance.body.len() - 28..][..27], expected);
    assert_eq!(
        big.get(&format!("{big_path}/rendered"), "image/png").await.body,
        little.get(&format!("{little_path}/rendered"), "image/png").await.body
    );
}

#[tokio::test]
async fn instances_are_transcoded_to_explicit_vr_little_endian_unless_their_pixels_are_lossy() {
    let explicit = "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.1";
    let lossy = "1.2.840.10008.1.2.4.50";
    for (file, accept, expected) in [
        ("dicom/transfer-syntaxes/same-mr-image/4.dcm", "*/*", EXPLICIT_VR_LITTLE_ENDIAN),
        ("dicom/transfer-syntaxes/same-mr-image/4.dcm", explicit, EXPLICIT_VR_LITTLE_ENDIAN),
        ("dicom/transfer-syntaxes/same-mr-image/4.dcm", AS_STORED, "1.2.840.10008.1.2.5"),
        ("dicom/rt/rtdose.dcm", "multipart/related; type=application/dicom", EXPLICIT_VR_LITTLE_ENDIAN),
        ("dicom/rt/rtplan.dcm", "*/*", EXPLICIT_VR_LITTLE_ENDIAN),
        ("dicom/rt/rtdose_expb.dcm", "*/*", EXPLICIT_VR_LITTLE_ENDIAN),
        ("dicom/sc/image_dfl.dcm", "*/*", EXPLICIT_VR_LITTLE_ENDIAN),
        ("dicom/us/us_cine_10f_jpeg.dcm", "*/*", lossy),
    ] {
        let site = Site::new().await;
        let path = stored(&site, file).await;
        let parts = site.get(&path, accept).await.parts();
        assert!(parts[0].head.contains(&format!("; transfer-syntax={expected}\r\n")), "{file} {accept}: {}", parts[0].head);
        let part = Part10::parse(&parts[0].body).expect("a DICOM file");
        assert_eq!(part.transfer_syntax, expected, "{file} {accept}");
        if expected == EXPLICIT_VR_LITTLE_ENDIAN {
            let single = site.get(&path, "application/dicom").await;
            assert!(single.body == parts[0].body, "{file}");
            let again = Site::new().await;
            let answer = again.store("/studies", &[parts[0].body.clone()]).await;
            assert_eq!(answer.status, StatusCode::OK, "{file}: {}", answer.text());
        }
    }
    let (native, rle) = (Site::new().await, Site::new().await);
    let native_path = stored(&native, "dicom/transfer-syntaxes/same-mr-image/1.dcm").await;
    let rle_path = stored(&rle, "dicom/transfer-syntaxes/same-mr-image/4.dcm").await;
    let pixels = 384 * 384 * 2;
    let (expected, transcoded) = (native.get(&native_path, "*/*").await.parts(), rle.get(&rle_path, "*/*").await.parts());
    let end = |body: &[u8]| body[body.len() - pixels..].to_vec();
    assert!(end(&expected[0].body) == end(&transcoded[0].body), "the pixels differ");
}

#[tokio::test]
async fn images_are_rendered_and_have_thumbnails() {
    let (site, series) = filled().await;
    let path = instance_path(&series[0]);
    let series_path = format!("/studies/{}/series/{}", series[0].study, series[0].series);
    let study_path = format!("/studies/{}", series[0].study);
    let (jpeg, png) = (&[0xFF, 0xD8, 0xFF][..], &b"\x89PNG"[..]);
    for (path, accept, media_type, magic) in [
        (format!("{path}/rendered"), "*/*", "image/jpeg", jpeg),
        (format!("{path}/rendered"), "image/png", "image/png", png),
        (format!("{path}/rendered?accept=image/png&window=100,200,linear&viewport=8,8"), "*/*", "image/png", png),
        (format!("{path}/frames/2/rendered?quality=10"), "image/*", "image/jpeg", jpeg),
        (format!("{path}/frames/2/rendered"), "image/webp, image/*;q=0.5", "image/webp", b"RIFF"),
        (format!("{path}/frames/2/rendered"), "image/gif", "image/gif", b"GIF89a"),
        (format!("{series_path}/rendered"), "image/gif", "image/gif", b"GIF89a"),
        (format!("{path}/frames/2/thumbnail"), "image/jpeg", "image/jpeg", jpeg),
        (format!("{path}/thumbnail"), "*/*", "image/jpeg", jpeg),
        (format!("{series_path}/rendered"), "*/*", "image/jpeg", jpeg),
        (format!("{series_path}/thumbnail"), "*/*", "image/jpeg", jpeg),
        (format!("{study_path}/thumbnail"), "image/webp, image/png;q=0.5", "image/png", png),
        (format!("{study_path}/rendered"), "undefined", "image/jpeg", jpeg),
    ] {
        let answer = site.get(&path, accept).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), media_type, "{path}");
        assert!(answer.body.starts_with(magic), "{path}");
    }
    let parts = site.get(&format!("{path}/frames/1,2/rendered"), "multipart/related; type=image/jpeg").await.parts();
    assert!(parts.len() == 2 && parts.iter().all(|part| part.body.starts_with(jpeg)));
    site.get(&format!("{path}/rendered"), "image/avif").await.assert_problem(406, "not-acceptable");
    site.get(&format!("{path}/thumbnail"), "image/gif, image/webp").await.assert_problem(406, "not-acceptable");
    site.get(&format!("{path}/rendered?viewport=0,0"), "*/*").await.assert_problem(400, "bad-parameter");
    site.get(&format!("{path}/frames/3/rendered"), "*/*").await.assert_problem(404, "no-such-frame");
}

/// How many pictures a GIF has: each is told how to be shown by a Graphic Control Extension.
fn pictures(gif: &[u8]) -> usize {
    assert!(gif.starts_with(b"GIF89a") && gif.ends_with(b";"), "it is not whole");
    gif.windows(4).filter(|window| window.starts_with(&[0x21, 0xF9, 4])).count()
}

#[tokio::test]
async fn many_frames_become_a_picture_that_moves() {
    let site = Site::new().await;
    let path = stored(&site, "dicom/nm-pt/nm_64x64x13f_16bit_evle.dcm").await;
    let moving = site.get(&format!("{path}/rendered"), "image/gif").await;
    assert_eq!((moving.header("content-type"), pictures(&moving.body)), ("image/gif", 13));
    assert!(moving.body.windows(11).any(|window| window == b"NETSCAPE2.0"), "it begins again at its end");
    let parameter = site.get(&format!("{path}/rendered?accept=image/gif"), "*/*").await;
    assert!(parameter.body == moving.body);
    let chosen = site.get(&format!("{path}/frames/3,1/rendered?viewport=32,32"), "image/gif").await;
    assert_eq!(pictures(&chosen.body), 2);
    assert_eq!(pictures(&site.get(&format!("{path}/frames/3/rendered"), "image/gif").await.body), 1);
    assert_eq!(site.get(&format!("{path}/rendered"), "*/*").await.header("content-type"), "image/jpeg");
    let known = [("accept", "image/gif"), ("if-none-match", moving.header("etag"))];
    assert_eq!(site.open(&format!("{path}/rendered"), &known).await.status(), StatusCode::NOT_MODIFIED);
    site.get(&format!("{path}/frames/14/rendered"), "image/gif").await.assert_problem(404, "no-such-frame");
    let long = Instance { frames: 40, ..Instance::ct() };
    site.fill(std::slice::from_ref(&long)).await;
    let rendered = format!("{}/rendered", instance_path(&long));
    assert_eq!(pictures(&site.get(&rendered, "image/gif").await.body), 40);
    site.get(&format!("{rendered}?viewport=4096,4096"), "image/gif").await.assert_problem(406, "undecodable");
}

#[tokio::test]
async fn colours_have_the_profile_of_their_slide() {
    let site = Site::new().await;
    let path = format!("{}/rendered", stored(&site, "dicom/wsi/sm_image.dcm").await);
    for (media_type, place) in [("image/jpeg", &b"ICC_PROFILE\0"[..]), ("image/png", b"iCCP"), ("image/webp", b"ICCP")] {
        let [plain, no, yes, srgb] =
            ["", "?iccprofile=no", "?iccprofile=yes", "?iccprofile=srgb"].map(|query| format!("{path}{query}"));
        let has_profile = |body: &[u8]| body.windows(place.len()).any(|window| window == place);
        let plain = site.get(&plain, media_type).await;
        assert!(!has_profile(&plain.body) && site.get(&no, media_type).await.body == plain.body, "{media_type}");
        let (yes, srgb) = (site.get(&yes, media_type).await, site.get(&srgb, media_type).await);
        assert!(has_profile(&yes.body) && has_profile(&srgb.body) && yes.body != srgb.body, "{media_type}");
    }
    let refused = site.get(&format!("{path}?iccprofile=adobergb"), "*/*").await;
    refused.assert_problem(400, "bad-parameter");
    assert_eq!(refused.json()["parameter"], "iccprofile");
}

#[tokio::test]
async fn words_are_burned_in_for_who_asks() {
    let site = Site::new().await;
    let path = stored(&site, "dicom/transfer-syntaxes/same-mr-image/1.dcm").await;
    let mut pictures = Vec::new();
    for query in ["", "?annotation=patient", "?annotation=technique", "?annotation=patient,technique"] {
        let picture = site.get(&format!("{path}/rendered{query}"), "image/png").await;
        assert_eq!(picture.status, StatusCode::OK, "{query}: {}", picture.text());
        assert!(!pictures.contains(&picture.body), "{query}");
        pictures.push(picture.body);
    }
    let refused = site.get(&format!("{path}/rendered?annotation=name"), "*/*").await;
    refused.assert_problem(400, "bad-parameter");
    assert_eq!(refused.json()["parameter"], "annotation");
    let thumbnail = site.get(&format!("{path}/thumbnail?annotation=patient"), "*/*").await;
    assert_eq!(thumbnail.body, site.get(&format!("{path}/thumbnail"), "*/*").await.body);
}

#[tokio::test]
async fn what_has_no_pixels_says_so() {
    let site = Site::new().await;
    let path = stored(&site, "dicom/rt/rtplan.dcm").await;
    for rest in ["/rendered", "/thumbnail", "/frames"] {
        site.get(&format!("{path}{rest}"), "*/*").await.assert_problem(406, "no-pixels");
    }
    site.get(&format!("{path}/frames/1"), "*/*").await.assert_problem(404, "no-such-frame");
    let study = path.split("/series").next().expect("a study");
    site.get(&format!("{study}/thumbnail"), "*/*").await.assert_problem(406, "no-pixels");
    assert_eq!(site.get(&path, AS_STORED).await.parts().len(), 1);
}
