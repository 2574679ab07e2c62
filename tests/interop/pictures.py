"""Stores synthetic images and looks at their rendered pictures with Pillow: URL TOKEN.

A recording of seven frames as GIF: how many frames, for how long, how often, in which colours. An image with an ICC profile of
a wide gamut: the profile that a picture carries is the stored one, and the colours of iccprofile=srgb are those that LittleCMS
makes of the others. Prints {"durations": [...], "loop": n, "frame_difference": n, "dots": n, "profile": bool, "unconverted": n,
"colour_difference": n, "carried": [...]}; differences are the largest of any sample.
"""
import io
import json
import struct
import sys

import numpy
import requests
from PIL import Image, ImageCms
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
MULTI_FRAME_COLOUR = "1.2.840.10008.5.1.4.1.1.7.4"
ROWS, COLUMNS = 64, 96
# Milliseconds from the frame before to each: a GIF counts in hundredths of a second.
TIMES = [0, 40, 120, 33, 33, 34, 500]
DOTS = [(5, 7), (20, 60), (63, 95)]


def instance(sop_class, pixels, **attributes):
    """A colour image of these frames, and its path."""
    data_set = Dataset()
    data_set.SOPClassUID = sop_class
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID, data_set.SOPInstanceUID = (generate_uid() for _ in range(3))
    data_set.PatientID, data_set.Modality = "PICTURES", "OT"
    data_set.SamplesPerPixel, data_set.PhotometricInterpretation, data_set.PlanarConfiguration = 3, "RGB", 0
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit, data_set.PixelRepresentation = 8, 8, 7, 0
    data_set.Rows, data_set.Columns = pixels.shape[-3:-1]
    data_set.PixelData = pixels.tobytes()
    for keyword, value in attributes.items():
        setattr(data_set, keyword, value)
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = f"/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}/instances/{data_set.SOPInstanceUID}"
    return data_set, path


def recording():
    """Frames of no more than 256 colours, and one of very many in which a few dots are green."""
    x, y = numpy.meshgrid(numpy.arange(COLUMNS), numpy.arange(ROWS))
    frames = [numpy.stack([x // 8 * 20, y // 8 * 30, numpy.full_like(x, 17 * at)], axis=-1) for at in range(len(TIMES) - 1)]
    noise = numpy.random.default_rng(1).integers(0, 3, (ROWS, COLUMNS, 3))
    grey = ((x + y) * 250 // (ROWS + COLUMNS))[..., None] + noise
    for place in DOTS:
        grey[place] = (0, 255, 0)
    return numpy.stack([*frames, grey]).astype(numpy.uint8)


def wide_gamut():
    """A profile of the primaries of Adobe RGB (1998), adapted to D50, with a gamma of 2.2 (ICC.1:2010, 8.3 Display profiles)."""
    fixed = lambda *numbers: struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))
    point = lambda *numbers: b"XYZ \0\0\0\0" + fixed(*numbers)
    text = b"Wide"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + bytes(79),
        b"cprt": b"text\0\0\0\0" + b"none\0",
        b"wtpt": point(0.9642, 1.0, 0.8249),
        b"rXYZ": point(0.60974, 0.31111, 0.01947),
        b"gXYZ": point(0.20528, 0.62567, 0.06087),
        b"bXYZ": point(0.14919, 0.06322, 0.74457),
    }
    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    tags |= {b"rTRC": gamma, b"gTRC": gamma, b"bTRC": gamma}
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for signature, content in tags.items():
        table += signature + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s12s4s", start + len(body), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp")
    return head.ljust(68, b"\0") + fixed(0.9642, 1.0, 0.8249) + bytes(48) + table + body


def main():
    url, token = sys.argv[1:]
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"

    def store(data_set):
        file = io.BytesIO()
        data_set.save_as(file, enforce_file_format=True)
        session.post(f"{url}/studies", data=file.getvalue(), headers={"Content-Type": "application/dicom"}).raise_for_status()

    def picture(path, media_type, **parameters):
        answer = session.get(f"{url}{path}/rendered", params=parameters, headers={"Accept": media_type})
        answer.raise_for_status()
        return Image.open(io.BytesIO(answer.content))

    told = {}
    frames = recording()
    cine, path = instance(
        MULTI_FRAME_COLOUR, frames, NumberOfFrames=len(frames), FrameTimeVector=TIMES, FrameIncrementPointer=0x00181065
    )
    store(cine)
    gif = picture(path, "image/gif")
    told["loop"], told["durations"], shown = gif.info["loop"], [], []
    for number in range(gif.n_frames):
        gif.seek(number)
        told["durations"].append(gif.info["duration"])
        shown.append(numpy.asarray(gif.convert("RGB")).astype(int))
    told["frame_difference"] = max(int(numpy.abs(one - other).max()) for one, other in zip(shown[:-1], frames[:-1]))
    dots = [shown[-1][place] for place in DOTS]
    told["dots"] = sum(bool(green > 200 and max(red, blue) < 60) for red, green, blue in dots)

    levels = numpy.arange(0, 256, 17)
    colours = numpy.stack(numpy.meshgrid(levels, levels, levels), axis=-1).reshape(ROWS, ROWS, 3).astype(numpy.uint8)
    profile = wide_gamut()
    image, path = instance(SECONDARY_CAPTURE, colours, ICCProfile=profile + bytes(len(profile) % 2))
    store(image)
    with_profile = picture(path, "image/png", iccprofile="yes")
    carried = with_profile.info["icc_profile"]
    told["profile"] = carried == profile
    opened = ImageCms.ImageCmsProfile(io.BytesIO(carried))
    srgb = ImageCms.createProfile("sRGB")
    intent = ImageCms.getDefaultIntent(opened)
    expected = ImageCms.profileToProfile(with_profile, opened, srgb, renderingIntent=intent, outputMode="RGB")
    converted = picture(path, "image/png", iccprofile="srgb")
    apart = lambda one, other: int(numpy.abs(numpy.asarray(one).astype(int) - numpy.asarray(other).astype(int)).max())
    told["unconverted"], told["colour_difference"] = apart(with_profile, expected), apart(converted, expected)
    names = [ImageCms.ImageCmsProfile(io.BytesIO(converted.info["icc_profile"])).profile.xcolor_space.strip()]
    for media_type in ("image/jpeg", "image/webp"):
        if picture(path, media_type, iccprofile="yes").info.get("icc_profile") == profile:
            names.append(media_type)
    told["carried"] = names
    json.dump(told, sys.stdout)


main()
