//! Which frame a series opens with: the first in display order, which is that of `viewer/src/imaging/sortFrames.ts`. The
//! page names it, and the viewer opens where the page does, so a frame of an enhanced multi-frame image need not be found here.

use serde::{Deserialize, Serialize};

use super::data_set::Element;

/// Cosine above which two planes are parallel.
const PARALLEL: f64 = 0.999;
/// Positions that are as good as the same, in millimetres.
const TOLERANCE: f64 = 0.01;

/// What metadata say of an instance.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Instance {
    #[serde(rename = "00080018")]
    sop_instance_uid: Element,
    #[serde(rename = "00083002")]
    available_transfer_syntax_uid: Element,
    #[serde(rename = "00200013")]
    number: Element,
    #[serde(rename = "00200032")]
    position: Element,
    #[serde(rename = "00200037")]
    orientation: Element,
    #[serde(rename = "00280004")]
    photometric_interpretation: Element,
    #[serde(rename = "00280010")]
    rows: Element,
    #[serde(rename = "00280011")]
    columns: Element,
}

/// The frame that is shown first.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Picture {
    pub(super) series: String,
    pub(super) instance: String,
    pub(super) frame: u32,
    pub(super) rows: u32,
    pub(super) columns: u32,
    /// These decide in which form the viewer asks for the frame (`viewer/src/dicomweb/frameAccept.ts`).
    pub(super) transfer_syntax: String,
    pub(super) photometric: String,
}

type Vector = [f64; 3];

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// An instance that is a picture.
struct Candidate {
    instance: String,
    number: f64,
    normal: Option<Vector>,
    position: Option<Vector>,
    rows: u32,
    columns: u32,
    transfer_syntax: String,
    photometric: String,
}

impl Candidate {
    fn of(instance: &Instance) -> Option<Self> {
        let axes: Option<[f64; 6]> = instance.orientation.numbers().try_into().ok();
        let normal = axes.map(|axes| cross([axes[0], axes[1], axes[2]], [axes[3], axes[4], axes[5]]));
        Some(Self {
            instance: instance.sop_instance_uid.text()?,
            number: instance.number.number().unwrap_or(0.0),
            normal: normal.filter(|normal| dot(*normal, *normal) > PARALLEL),
            position: instance.position.numbers().try_into().ok(),
            rows: side(&instance.rows)?,
            columns: side(&instance.columns)?,
            transfer_syntax: instance.available_transfer_syntax_uid.text().unwrap_or_default(),
            photometric: instance.photometric_interpretation.text().unwrap_or_default(),
        })
    }
}

fn side(element: &Element) -> Option<u32> {
    let side = element.values.first()?.as_u64()?;
    u32::try_from(side).ok().filter(|side| (1..=u32::from(u16::MAX)).contains(side))
}

/// The direction in which the stack runs, if all of its planes agree: axial from head to foot, sagittal from right to left,
/// coronal from front to back.
fn direction(candidates: &[Candidate]) -> Option<Vector> {
    let normal = candidates.first()?.normal?;
    let agrees = |candidate: &Candidate| {
        candidate.position.is_some() && candidate.normal.is_some_and(|other| dot(other, normal) > PARALLEL)
    };
    if !candidates.iter().all(agrees) {
        return None;
    }
    let axis = (0..3).reduce(|a, b| if normal[b].abs() > normal[a].abs() { b } else { a })?;
    let is_right = if axis == 2 { normal[axis] < 0.0 } else { normal[axis] > 0.0 };
    Some(if is_right { normal } else { normal.map(|component| -component) })
}

/// The first frame of a series in display order; nothing if it has no picture.
pub(super) fn opening_frame(series: &str, instances: &[Instance]) -> Option<Picture> {
    let candidates: Vec<_> = instances.iter().filter_map(Candidate::of).collect();
    let direction = direction(&candidates);
    let along = |candidate: &Candidate| Some(dot(candidate.position?, direction?));
    let comes_before = |a: &Candidate, b: &Candidate| {
        let distance = along(a).unwrap_or(0.0) - along(b).unwrap_or(0.0);
        if distance.abs() > TOLERANCE { distance < 0.0 } else { (a.number, &a.instance) < (b.number, &b.instance) }
    };
    let first = candidates.into_iter().reduce(|best, other| if comes_before(&other, &best) { other } else { best })?;
    let Candidate { instance, rows, columns, transfer_syntax, photometric, .. } = first;
    Some(Picture { series: series.to_owned(), instance, frame: 1, rows, columns, transfer_syntax, photometric })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(instances: &[(&str, i32, &str, &str)]) -> Option<String> {
        let json = instances.iter().map(|(uid, number, position, orientation)| {
            format!(
                r#"{{"00080018":{{"Value":["{uid}"]}},"00200013":{{"Value":[{number}]}},"00200032":{{"Value":[{position}]}},
                "00200037":{{"Value":[{orientation}]}},"00280010":{{"Value":[4]}},"00280011":{{"Value":[4]}}}}"#
            )
        });
        let json = format!("[{}]", json.collect::<Vec<_>>().join(","));
        let instances: Vec<Instance> = serde_json::from_str(&json).expect("DICOM JSON");
        opening_frame("1", &instances).map(|picture| picture.instance)
    }

    #[test]
    fn a_series_opens_at_its_head_its_right_or_its_front() {
        let (axial, sagittal, coronal) = ("1,0,0,0,1,0", "0,1,0,0,0,-1", "1,0,0,0,0,-1");
        for (orientation, positions, expected) in [
            (axial, ["0,0,10", "0,0,20"], "1.2"),
            (sagittal, ["20,0,0", "10,0,0"], "1.2"),
            (coronal, ["0,20,0", "0,10,0"], "1.2"),
            // Of one place the number decides, and where one has no place as well.
            (axial, ["0,0,10", "0,0,10"], "1.1"),
            (axial, ["0,0,10", ""], "1.1"),
            ("", ["0,0,10", "0,0,20"], "1.1"),
        ] {
            let [a, b] = positions;
            let instances = [("1.1", 1, a, orientation), ("1.2", 2, b, orientation)];
            assert_eq!(opened(&instances).as_deref(), Some(expected), "{orientation} {positions:?}");
        }
    }

    #[test]
    fn what_is_no_picture_opens_nothing() {
        assert_eq!(opened(&[]), None);
        let instances: Vec<Instance> =
            serde_json::from_str(r#"[{"00080018":{"Value":["1.1"]},"00280010":{"Value":[0]}}]"#).expect("DICOM JSON");
        assert_eq!(opening_frame("1", &instances), None);
    }
}
