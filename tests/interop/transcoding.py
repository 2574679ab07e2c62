"""Compares what instances are transcoded into with the files that were stored: URL TOKEN SCRATCH FILE...

Each instance is asked for in every transfer syntax that is written. pydicom reads the answer; so does dcmtk
where it has a decoder, and pydicom reads what dcmtk decoded. Without loss every sample must be what pydicom decodes from the
stored file; with loss samples must be near, and the instance must say that it is another, and of which it was made.
The first frame is asked for as a codestream too, and must be the first of the instance.
Prints {"transcoded": n, "by_dcmtk": n, "refused": {"transfer syntax": n}, "unread": [...], "differing": [...]}.
"""
import collections
import io
import json
import subprocess
import sys
import zlib
from pathlib import Path

import numpy
import requests
from pydicom import dcmread
from pydicom.encaps import generate_frames
from pydicom.pixels import pixel_array
from pydicom.uid import ExplicitVRLittleEndian

DEFLATED_IMAGE_FRAME = "1.2.840.10008.1.2.8.1"
# pydicom and dcmtk have no decoder of it: what is around the codestreams is looked at.
JPEG_XL = "1.2.840.10008.1.2.4.110"

# Transfer syntax: media type of its frames, and the decoder of dcmtk, which is to leave colours as they are.
# Without a media type there is no way to ask for frames alone.
TARGETS = {
    "1.2.840.10008.1.2.1.99": (None, ["dcmconv", "--write-xfer-little"]),
    DEFLATED_IMAGE_FRAME: (None, None),
    "1.2.840.10008.1.2.5": ("image/dicom-rle", ["dcmdrle"]),
    "1.2.840.10008.1.2.4.70": ("image/jpeg", ["dcmdjpeg", "--conv-never"]),
    "1.2.840.10008.1.2.4.80": ("image/jls", ["dcmdjpls"]),
    "1.2.840.10008.1.2.4.90": ("image/jp2", None),
    JPEG_XL: ("image/jxl", None),
    "1.2.840.10008.1.2.4.201": ("image/jphc", None),
    "1.2.840.10008.1.2.4.202": ("image/jphc", None),
}
# With loss: the defined term of the method, and how far samples may be from those that are stored, as part of their range, but of
# JPEG of all there can be; the root of the mean square, but of JPEG-LS the largest.
LOSSY = {
    "1.2.840.10008.1.2.4.50": ("ISO_10918_1", 1 / 32),
    "1.2.840.10008.1.2.4.81": ("ISO_14495_1", 1 / 512),
    "1.2.840.10008.1.2.4.91": ("ISO_15444_1", 1 / 256),
    "1.2.840.10008.1.2.4.203": ("ISO_15444_15", 1 / 256),
}
TARGETS |= {
    "1.2.840.10008.1.2.4.50": ("image/jpeg", ["dcmdjpeg"]),
    "1.2.840.10008.1.2.4.81": ("image/jls", ["dcmdjpls"]),
    "1.2.840.10008.1.2.4.91": ("image/jp2", None),
    "1.2.840.10008.1.2.4.203": ("image/jphc", None),
}


def samples(data_set):
    """What pydicom decodes, colours as they are, and only the bits that are stored."""
    array = pixel_array(data_set, raw=True).astype(numpy.int64)
    bits = data_set.BitsStored
    array &= (1 << bits) - 1
    if data_set.PixelRepresentation:
        array -= (array >> (bits - 1)) << bits
    return array


def inflate_frames(data_set):
    """Makes Deflated Image Frame Compression native, which pydicom does not know (PS3.5 section A.4.13)."""
    frames = generate_frames(data_set.PixelData, number_of_frames=int(data_set.get("NumberOfFrames", 1)))
    frames = [zlib.decompressobj(-15).decompress(frame) for frame in frames]
    if data_set.BitsAllocated == 1:
        pixels = data_set.Rows * data_set.Columns
        bits = [numpy.unpackbits(numpy.frombuffer(frame, numpy.uint8), bitorder="little")[:pixels] for frame in frames]
        frames = [numpy.packbits(numpy.concatenate(bits), bitorder="little").tobytes()]
    native = b"".join(frames)
    data_set.PixelData = native + b"\0" * (len(native) % 2)
    data_set["PixelData"].is_undefined_length = False
    data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian


def shades(data_set):
    """What is shown: YBR as RGB, and only the bits that are stored."""
    if data_set.SamplesPerPixel == 1:
        return samples(data_set)
    return pixel_array(data_set, raw=False).astype(numpy.int64)


def loss(stored, got, syntax):
    """What is wrong with what an instance that was compressed with loss says of itself; None if nothing is."""
    method, _ = LOSSY[syntax]
    last = lambda value: value[-1] if isinstance(value, list | tuple) or hasattr(value, "append") else value
    expected = {
        "Image Type": (got.ImageType[0], "DERIVED"),
        "Lossy Image Compression": (got.LossyImageCompression, "01"),
        "method": (last(got.LossyImageCompressionMethod), method),
        "source": (got.SourceImageSequence[-1].ReferencedSOPInstanceUID, stored.SOPInstanceUID),
        "derivation": (got.DerivationCodeSequence[-1].CodeValue, "113040"),
        "file": (got.file_meta.MediaStorageSOPInstanceUID, got.SOPInstanceUID),
    }
    wrong = [f"{name} {found}" for name, (found, wanted) in expected.items() if found != wanted]
    if not got.SOPInstanceUID.startswith("2.25.") or float(last(got.LossyImageCompressionRatio)) <= 0:
        wrong.append(f"{got.SOPInstanceUID} {got.LossyImageCompressionRatio}")
    return ", ".join(wrong) or None


def distance(expected, got, syntax):
    """Why samples are not near enough; None if they are."""
    if got.shape != expected.shape:
        return f"{got.shape} in place of {expected.shape}"
    method, part = LOSSY[syntax]
    frames = zip(expected, got) if expected.ndim > 3 or expected.ndim == 3 and expected.shape[-1] > 4 else [(expected, got)]
    for one, other in frames:
        differences = numpy.abs(one - other)
        far = differences.max() if method == "ISO_14495_1" else numpy.sqrt((differences**2).mean())
        if far > max(1, (256 if method == "ISO_10918_1" else numpy.ptp(one)) * part):
            return f"{far} from samples with a range of {numpy.ptp(one)}"
    return None


def is_dct(pixel_data):
    """Whether the first fragment is a lossy JPEG (SOF0 to SOF2), whatever the transfer syntax claims: decoders may round."""
    start = pixel_data[:2048].find(b"\xff\xd8\xff")
    return start >= 0 and any(marker in pixel_data[start : start + 2048] for marker in (b"\xff\xc0\x00\x0b", b"\xff\xc0\x00\x11"))


def difference(expected, got, colour):
    """What is wrong with an answer; None if nothing is."""
    if got.shape != expected.shape:
        return f"{got.shape} in place of {expected.shape}"
    largest = numpy.abs(got - expected).max(initial=0)
    return None if largest == 0 else f"differs by {largest} ({colour})"


def main():
    url, token, scratch, *files = sys.argv[1:]
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    transcoded = by_dcmtk = 0
    refused = collections.Counter()
    unread = []
    differing = []
    for name in files:
        stored = dcmread(name)
        try:
            expected = samples(stored)
        except Exception:  # No pixels, or none that pydicom decodes.
            unread.append(name)
            continue
        if is_dct(stored.PixelData):
            unread.append(name)
            continue
        instance = f"{url}/studies/{stored.StudyInstanceUID}/series/{stored.SeriesInstanceUID}/instances/{stored.SOPInstanceUID}"
        for syntax, (media_type, decoder) in TARGETS.items():
            complain = lambda what: differing.append(f"{name} ({stored.file_meta.TransferSyntaxUID.name}) into {syntax}: {what}")
            answer = session.get(instance, headers={"Accept": f"application/dicom; transfer-syntax={syntax}"})
            if answer.status_code == 406:
                refused[syntax] += 1
                continue
            if answer.status_code != 200:
                complain(f"{answer.status_code} {answer.text[:200]}")
                continue
            got = dcmread(io.BytesIO(answer.content))
            own = stored.file_meta.TransferSyntaxUID == syntax
            is_lossy = syntax in LOSSY and not own
            is_same = got.SOPInstanceUID == stored.SOPInstanceUID
            if got.file_meta.TransferSyntaxUID != syntax or is_same == is_lossy:
                complain(f"{got.file_meta.TransferSyntaxUID} {got.SOPInstanceUID}")
            if syntax == DEFLATED_IMAGE_FRAME:
                inflate_frames(got)
            try:
                if is_lossy:
                    wrong = loss(stored, got, syntax) or distance(shades(stored), shades(got), syntax)
                    if session.get(instance, headers=answer.request.headers).content != answer.content:
                        complain("asked for again, it is another")
                elif syntax != JPEG_XL:
                    wrong = difference(expected, samples(got), got.PhotometricInterpretation)
                else:
                    wrong = None
            except Exception as error:  # Whatever a foreign decoder says of what we wrote is a finding.
                wrong = f"pydicom: {error}"
            if wrong:
                complain(wrong)
                continue
            transcoded += 1

            if media_type:
                frame = session.get(f"{instance}/frames/1", headers={"Accept": f"{media_type}; transfer-syntax={syntax}"})
                first = next(generate_frames(got.PixelData, number_of_frames=int(got.get("NumberOfFrames", 1))))
                if frame.status_code != 200 or not own and frame.content.rstrip(b"\0") != first.rstrip(b"\0"):
                    complain(f"frame: {frame.status_code}, {len(frame.content)} bytes in place of {len(first)}")

            if decoder:
                encoded, decoded = Path(scratch, "encoded.dcm"), Path(scratch, "decoded.dcm")
                encoded.write_bytes(answer.content)
                finished = subprocess.run([*decoder, encoded, decoded], capture_output=True, text=True)
                if finished.returncode:
                    complain(f"{decoder[0]}: {finished.stderr}")
                    continue
                if is_lossy:
                    wrong = distance(shades(stored), shades(dcmread(decoded)), syntax)
                else:
                    wrong = difference(expected, samples(dcmread(decoded)), "by dcmtk")
                if wrong:
                    complain(wrong)
                    continue
                by_dcmtk += 1
    json.dump({"transcoded": transcoded, "by_dcmtk": by_dcmtk, "refused": refused, "unread": unread, "differing": differing}, sys.stdout)


main()
