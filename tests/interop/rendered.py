"""Compares rendered pictures with what pydicom makes of the files that were stored: URL TOKEN FILE...

The first frame of each file as PNG, where the file says how it is windowed.
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
from displayed import expected
from pydicom import dcmread

# Rounding at each of three steps, and the ends of a window.
MEAN, NEARLY_ALL = 1, 4


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
