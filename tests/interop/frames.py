"""Compares every frame of stored files with what pydicom decodes from the files: URL TOKEN FILE...

Each frame is asked for twice: as it is stored (compared with the bytes in the file), and as native pixels in Explicit VR
Little Endian (compared with pydicom's decoders).
Prints {"frames": n, "decoded": n, "refused": {"transfer syntax": n}, "unreadable": [...], "differing": [...]}: those that we
refuse to decode, and the files that pydicom cannot read.
"""
import collections
import json
import sys

import numpy
import requests
from pydicom import dcmread
from pydicom.encaps import generate_frames
from pydicom.pixels import iter_pixels
from pydicom.uid import JPEG2000, JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless, UID

EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
# Decoders of lossy codecs may round (ITU-T T.83) and may interpolate chroma differently; lossless ones agree to the bit.
LOSSY = {JPEG2000, JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless, UID("1.2.840.10008.1.2.4.203"), UID("1.2.840.10008.1.2.4.112")}
LOSSY_MEAN = 1.0


def only_part(response):
    """The body of the only part of a multipart/related answer."""
    boundary = response.headers["Content-Type"].split("boundary=")[1].split(";")[0].strip('"').encode()
    part = response.content.split(b"--" + boundary)[1]
    return part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")


def stored_frames(data_set):
    """The frames as the file has them; None where a frame is not a run of whole bytes."""
    count = int(data_set.get("NumberOfFrames", 1))
    if data_set.file_meta.TransferSyntaxUID.is_encapsulated:
        return [bytes(f) for f in generate_frames(data_set.PixelData, number_of_frames=count)]
    if data_set.BitsAllocated % 8:
        return None
    samples = 2 if data_set.PhotometricInterpretation == "YBR_FULL_422" else data_set.SamplesPerPixel
    length = data_set.Rows * data_set.Columns * samples * data_set.BitsAllocated // 8
    return [data_set.PixelData[n * length : (n + 1) * length] for n in range(count)]


def is_dct(codestream):
    """Whether a JPEG codestream is lossy (SOF0 to SOF2), whatever the transfer syntax claims: some devices mislabel it."""
    return codestream[:2] == b"\xff\xd8" and any(marker in codestream[:2048] for marker in (b"\xff\xc0\x00\x0b", b"\xff\xc0\x00\x11"))


def native(data_set, decoded):
    """A decoded frame in the type that PS3.5 section 8 writes it in: colour by pixel, little endian, bits packed."""
    if data_set.BitsAllocated == 1:
        return numpy.packbits(decoded, bitorder="little")
    wanted = {8: "u1", 16: "<u2", 32: "<u4"}[data_set.BitsAllocated]
    return numpy.ascontiguousarray(decoded).astype(wanted.replace("u", "i") if decoded.dtype.kind == "i" else wanted)


def compare(data_set, stored, decoded, got):
    """What is wrong with a frame in Explicit VR Little Endian; None if nothing is."""
    if not data_set.file_meta.TransferSyntaxUID.is_encapsulated and stored is not None and data_set.is_little_endian:
        return None if got[: len(stored)] == stored else "native pixels changed"
    pixels = native(data_set, decoded)
    got = got[: pixels.nbytes]
    if len(got) != pixels.nbytes:
        return f"{len(got)} bytes; pydicom decodes {pixels.nbytes}"
    got = numpy.frombuffer(got, pixels.dtype).reshape(pixels.shape).astype(numpy.int64)
    differences = numpy.abs(got - pixels.astype(numpy.int64))
    if data_set.file_meta.TransferSyntaxUID in LOSSY or is_dct(stored or b""):
        return None if differences.mean() <= LOSSY_MEAN else f"differs by {differences.mean():.2f} on average"
    return None if differences.max() == 0 else f"differs by {differences.max()}"


def main():
    url, token, *files = sys.argv[1:]
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    frames = decoded = 0
    refused = collections.Counter()
    unreadable, differing = [], []
    for name in files:
        data_set = dcmread(name)
        if "PixelData" not in data_set:
            continue
        syntax = data_set.file_meta.TransferSyntaxUID
        instance = f"{url}/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}/instances/{data_set.SOPInstanceUID}"
        stored = stored_frames(data_set)
        # Frames of JPEG come out in RGB, as every reader of JPEG gives them.
        in_rgb = syntax in (JPEGBaseline8Bit, JPEGExtended12Bit) and "YBR" in data_set.PhotometricInterpretation
        expected = iter_pixels(data_set, raw=not in_rgb)
        for number in range(1, int(data_set.get("NumberOfFrames", 1)) + 1):
            try:
                pixels = next(expected)
            except Exception as error:
                unreadable.append(f"{name}: {error}")
                break
            answer = session.get(f"{instance}/frames/{number}", headers={"Accept": 'multipart/related; type="*/*"; transfer-syntax=*'})
            if answer.status_code != 200:
                differing.append(f"{name}: frame {number} as stored: {answer.status_code} {answer.text[:200]}")
                break
            frames += 1
            got = only_part(answer)
            # A frame may be padded to an even length, in the file and on the way.
            if stored is not None and data_set.is_little_endian and got.rstrip(b"\0") != stored[number - 1].rstrip(b"\0"):
                differing.append(f"{name}: frame {number} is not the one in the file ({len(got)} and {len(stored[number - 1])} bytes)")

            accept = f'multipart/related; type="application/octet-stream"; transfer-syntax={EXPLICIT_VR_LITTLE_ENDIAN}'
            answer = session.get(f"{instance}/frames/{number}", headers={"Accept": accept})
            if answer.status_code == 406:
                refused[syntax.name] += 1
                continue
            if answer.status_code != 200:
                differing.append(f"{name}: frame {number} decoded: {answer.status_code} {answer.text[:200]}")
                break
            wrong = compare(data_set, stored and stored[number - 1], pixels, only_part(answer))
            if wrong:
                differing.append(f"{name} ({syntax.name}, {data_set.PhotometricInterpretation}): frame {number}: {wrong}")
                break
            decoded += 1
    json.dump({"frames": frames, "decoded": decoded, "refused": refused, "unreadable": unreadable, "differing": differing}, sys.stdout)


main()
