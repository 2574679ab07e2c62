"""Compares rendered pictures with what pydicom makes of the files that were stored: URL TOKEN FILE...

The first frame of each file as PNG. Grey is compared where the file says how it is windowed: by its first window, else by its first
VOI LUT, which is the order of the server; colours are compared as they are.
Prints {"compared": n, "differing": [...], "left_out": {"reason": n}}.
"""
import collections
import io
import json
import sys
import warnings

import numpy
import requests
from PIL import Image
from pydicom import dcmread
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, pixel_array

# Rounding at each of three steps, and the ends of a window.
MEAN, NEARLY_ALL = 1, 4


def stored_range(data_set):
    """The range that apply_voi_lut maps a window to."""
    bits = data_set.BitsStored
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if data_set.PixelRepresentation else (0, 2**bits - 1)
    slope, intercept = float(data_set.get("RescaleSlope", 1)), float(data_set.get("RescaleIntercept", 0))
    return low * slope + intercept, high * slope + intercept


def grey(data_set, samples):
    """The samples as a display shows them, 0 to 255."""
    values = apply_voi_lut(apply_modality_lut(samples, data_set), data_set, prefer_lut=False).astype(float)
    if "WindowCenter" in data_set:
        low, high = stored_range(data_set)
    else:
        low, high = 0, 2 ** int(data_set.VOILUTSequence[0].LUTDescriptor[2]) - 1
    picture = (values - low) / (high - low) * 255
    return 255 - picture if data_set.PhotometricInterpretation == "MONOCHROME1" else picture


def expected(data_set):
    """What pydicom makes of the first frame; a reason where it says nothing of what a display shows."""
    try:
        samples = pixel_array(data_set, index=0)
    except Exception:  # Whatever its decoders raise: they are not on trial.
        return None, "not decoded by pydicom"
    interpretation = data_set.PhotometricInterpretation
    if interpretation == "PALETTE COLOR":
        colours = apply_color_lut(samples, data_set).astype(float)
        return (colours / 257 if data_set.RedPaletteColorLookupTableDescriptor[2] == 16 else colours), None
    if not interpretation.startswith("MONOCHROME"):
        return samples.astype(float), None
    if "WindowCenter" not in data_set and "VOILUTSequence" not in data_set:
        return None, "no window"
    return grey(data_set, samples), None


def main():
    url, token, *files = sys.argv[1:]
    headers = {"Authorization": f"Bearer {token}", "Accept": "image/png"}
    compared, differing, left_out = 0, [], collections.Counter()
    warnings.simplefilter("ignore")
    for name in files:
        data_set = dcmread(name, force=True)
        if "PixelData" not in data_set:
            left_out["no pixels"] += 1
            continue
        path = f"studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}/instances/{data_set.SOPInstanceUID}"
        answer = requests.get(f"{url}/{path}/frames/1/rendered", headers=headers, timeout=60)
        if answer.status_code != 200:
            differing.append(f"{name}: {answer.status_code} {answer.text[:200]}")
            continue
        wanted, reason = expected(data_set)
        if reason:
            left_out[reason] += 1
            continue
        picture = numpy.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB" if wanted.ndim == 3 else "L"))
        if picture.shape != wanted.shape:
            differing.append(f"{name}: {picture.shape} and not {wanted.shape}")
            continue
        difference = numpy.abs(picture - wanted)
        compared += 1
        if difference.mean() > MEAN or numpy.percentile(difference, 99.9) > NEARLY_ALL:
            differing.append(f"{name}: {difference.mean():.2f} levels, {difference.max():.0f} at most")
    json.dump({"compared": compared, "differing": differing, "left_out": left_out}, sys.stdout)


main()
