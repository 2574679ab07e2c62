#!/usr/bin/env python3
"""Writes what other decoders make of our test images, for tests/it/pixels.rs to compare with.

    python3 -m venv venv
    venv/bin/pip install pydicom pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg pyjpegls imagecodecs numpy
    venv/bin/python samples.py FOLDER > samples.tsv

One line a frame: file, frame, photometric interpretation after decoding, and either `sha256` with the digest of all
samples (little endian, colour by pixel, a byte for a single bit) or, for lossy codecs, which may round differently,
`means` with the mean of each sample in each cell of a 4x4 grid.
"""

import hashlib
import pathlib
import sys
import warnings

import imagecodecs
import numpy
import pydicom
from pydicom.encaps import get_frame
from pydicom.pixels import pixel_array

JPEG_LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"}
JPEG_XL = {"1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112"}
JPEG_LOSSLESS = {"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"}
LOSSY = JPEG_LOSSY | {"1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.203"} | JPEG_XL - {"1.2.840.10008.1.2.4.110"}


def decode(path, data_set, index):
    """The samples of a frame as (rows, columns, samples), and their photometric interpretation."""
    syntax = data_set.file_meta.TransferSyntaxUID
    photometric = data_set.PhotometricInterpretation
    frames = int(data_set.get("NumberOfFrames") or 1)
    if syntax in JPEG_XL:
        stream = get_frame(data_set.PixelData, index, number_of_frames=frames)
        samples = imagecodecs.jpegxl_decode(stream)
        photometric = "RGB" if photometric.startswith("YBR") else photometric
    elif syntax in JPEG_LOSSY:
        samples = pixel_array(data_set, index=index, raw=False)
        photometric = "RGB" if data_set.SamplesPerPixel == 3 else photometric
    else:
        samples = pixel_array(data_set, index=index, raw=True)
        if photometric in ("YBR_RCT", "YBR_ICT"):
            photometric = "RGB"
        elif photometric == "YBR_FULL_422":
            photometric = "YBR_FULL"
    return samples.reshape(data_set.Rows, data_set.Columns, -1), photometric


def describe(samples, exact):
    if exact:
        little = samples.astype(samples.dtype.newbyteorder("<"))
        return "sha256\t" + hashlib.sha256(little.tobytes()).hexdigest()
    means = []
    for rows in numpy.array_split(samples, 4, axis=0):
        for cell in numpy.array_split(rows, 4, axis=1):
            means += [f"{mean:.2f}" for mean in cell.reshape(-1, samples.shape[2]).mean(axis=0)]
    return "means\t" + ",".join(means)


def main(folder):
    warnings.simplefilter("ignore")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name.startswith(("malformed", "video")):
            continue
        try:
            data_set = pydicom.dcmread(path)
            syntax = data_set.file_meta.TransferSyntaxUID
        except Exception:
            continue
        if "Rows" not in data_set or not any(k in data_set for k in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            continue
        frames = int(data_set.get("NumberOfFrames") or 1)
        for index in sorted({0, frames // 2, frames - 1}):
            try:
                samples, photometric = decode(path, data_set, index)
            except Exception as error:
                print(f"{name} frame {index + 1}: {error}", file=sys.stderr)
                continue
            # One file says lossless and is baseline.
            mislabelled = syntax in JPEG_LOSSLESS and b"\xff\xc3" not in data_set.PixelData[:65536]
            exact = syntax not in LOSSY and not mislabelled
            print(name, index + 1, photometric, describe(samples, exact), sep="\t")


main(pathlib.Path(sys.argv[1]))
