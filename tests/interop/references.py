"""Writes what a display shows of files, as pydicom reads them: FOLDER FILE...

One file a series, and one for each kind of image; none that is black. Each becomes a PNG of its first frame in FOLDER. Prints
{"pictures": [{"name", "study", "series", "picture", "aspect", "edge"}], "left_out": {"reason": n}} and writes the same as
FOLDER/pictures.json; aspect is the height of a pixel in widths of it,
edge the side that the chest wall of a mammogram is at.
"""
import collections
import json
import sys
import warnings
from pathlib import Path

import numpy
from PIL import Image
from displayed import expected
from pydicom import dcmread

# The viewer shows slides and segmentations by other means.
NOT_AS_PICTURES = ("SM", "SEG")
KIND = ("Modality", "SOPClassUID", "PhotometricInterpretation", "BitsStored", "PixelRepresentation", "PlanarConfiguration")


def aspect(data_set):
    """Height by width of a pixel (PS3.3 C.7.6.3.1.7), from the functional groups where the image has them."""
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio"):
        found = [element for element in data_set.iterall() if element.keyword == keyword and element.value]
        if found:
            down, across = (float(value) for value in found[0].value)
            return down / across if down > 0 and across > 0 else 1
    return 1


def edge(data_set):
    """Of a mammogram: where the patient's back is (PS3.3 C.7.6.1.1.1, Patient Orientation)."""
    row = (data_set.get("PatientOrientation") or [""])[0] if data_set.get("Modality") == "MG" else ""
    return {"A": "left", "P": "right"}.get(row[:1])


def main():
    folder, files = Path(sys.argv[1]), sys.argv[2:]
    pictures, left_out, seen = [], collections.Counter(), set()
    warnings.simplefilter("ignore")
    for name in sorted(files):
        data_set = dcmread(name, force=True)
        if "PixelData" not in data_set or "SeriesInstanceUID" not in data_set:
            left_out["no pixels"] += 1
            continue
        kind = (data_set.file_meta.TransferSyntaxUID, *(str(data_set.get(keyword)) for keyword in KIND))
        if kind in seen or data_set.get("SeriesInstanceUID") in seen:
            left_out["one of its kind is there"] += 1
            continue
        wanted, reason = expected(data_set)
        if reason:
            left_out[reason] += 1
            continue
        if wanted.max() < 20 or data_set.get("Modality") in NOT_AS_PICTURES:
            left_out["not to be seen"] += 1
            continue
        seen.update([kind, data_set.SeriesInstanceUID])
        picture = f"{len(pictures)}.png"
        Image.fromarray(numpy.clip(numpy.rint(wanted), 0, 255).astype("uint8")).save(folder / picture)
        pictures.append(
            {
                "name": Path(name).name,
                "file": name,
                "modality": data_set.get("Modality"),
                "study": data_set.StudyInstanceUID,
                "series": data_set.SeriesInstanceUID,
                "picture": picture,
                "aspect": aspect(data_set),
                "edge": edge(data_set),
            }
        )
    told = {"pictures": pictures, "left_out": left_out}
    (folder / "pictures.json").write_text(json.dumps(told))
    json.dump(told, sys.stdout)


main()
