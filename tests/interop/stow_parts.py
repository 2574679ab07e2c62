"""Stores files as metadata and bulk data, in JSON and in XML, and compares what comes back: URL TOKEN FILE...

pydicom makes the metadata and takes the pixels apart. Prints {"stored": n}; ends with an error at the first difference.
"""
import json
import sys
from xml.sax import saxutils

import numpy
import requests
from pydicom import dcmread
from pydicom.encaps import generate_frames
from pydicom.filebase import DicomBytesIO
from pydicom.uid import generate_uid

# PS3.18 table 8.7.3-5
TYPES = {
    "4.50": "image/jpeg", "4.51": "image/jpeg", "4.57": "image/jpeg", "4.70": "image/jpeg", "5": "image/dicom-rle",
    "4.80": "image/jls", "4.81": "image/jls", "4.90": "image/jp2", "4.91": "image/jp2", "4.201": "image/jphc",
    "4.202": "image/jphc", "4.203": "image/jphc", "4.102": "video/mp4", "4.107": "video/mp4",
}
ROOT = "1.2.840.10008.1.2."
BOUNDARY = "interop"


def escape(text):
    return saxutils.escape(text, {"\r": "&#13;"})


def xml_of(data_set):
    out = []
    for tag, attribute in data_set.items():
        out.append(f'<DicomAttribute tag="{tag}" vr="{attribute["vr"]}">')
        if "BulkDataURI" in attribute:
            out.append(f"<BulkData uri={saxutils.quoteattr(attribute['BulkDataURI'])}/>")
        if "InlineBinary" in attribute:
            out.append(f"<InlineBinary>{attribute['InlineBinary']}</InlineBinary>")
        for number, value in enumerate(attribute.get("Value", []), 1):
            if attribute["vr"] == "SQ":
                out.append(f'<Item number="{number}">{xml_of(value or {})}</Item>')
            elif attribute["vr"] == "PN":
                out.append(f'<PersonName number="{number}">')
                for group, text in (value or {}).items():
                    names = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"]
                    parts = zip(names, text.split("^"))
                    out.append(f"<{group}>" + "".join(f"<{n}>{escape(t)}</{n}>" for n, t in parts) + f"</{group}>")
                out.append("</PersonName>")
            elif value is not None:
                out.append(f'<Value number="{number}">{escape(str(value))}</Value>')
        out.append("</DicomAttribute>")
    return "".join(out)


def parts_of(sent):
    """The metadata of a data set, and (type, location, bytes) of what does not stand in them."""
    bulk = []
    syntax = str(sent.file_meta.TransferSyntaxUID)

    def keep(element):
        location = f"bulk/{sent.SOPInstanceUID}/{len(bulk)}"
        value = element.value
        if element.tag == 0x7FE00010 and sent.file_meta.TransferSyntaxUID.is_compressed:
            media_type = TYPES[syntax.removeprefix(ROOT)]
            if media_type.startswith("video/"):
                frames = [b"".join(generate_frames(value, number_of_frames=1))]
            else:
                frames = list(generate_frames(value, number_of_frames=int(sent.get("NumberOfFrames", 1))))
            bulk.extend((f"{media_type}; transfer-syntax={syntax}", location, frame) for frame in frames)
        else:
            pdf = element.tag == 0x00420011
            bulk.append(("application/pdf" if pdf else "application/octet-stream", location, value))
        return location

    return json.loads(json.dumps(sent.to_json_dict(bulk_data_threshold=1024, bulk_data_element_handler=keep))), bulk


def body_of(form, sent):
    """One request of all data sets: metadata first, then all bulk data."""
    metadata, bulk = zip(*(parts_of(data_set) for data_set in sent))
    if form == "application/dicom+json":
        documents = [json.dumps(list(metadata))]
    else:
        head = '<?xml version="1.0" encoding="UTF-8"?><NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">'
        documents = [f"{head}{xml_of(one)}</NativeDicomModel>" for one in metadata]
    parts = [(f"Content-Type: {form}", document.encode()) for document in documents]
    parts += [(f"Content-Type: {kind}\r\nContent-Location: {at}", value) for list_ in bulk for kind, at, value in list_]
    body = b"".join(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts)
    return body + f"--{BOUNDARY}--".encode()


def comparable(data_set):
    """What must be the same: everything but character sets, as all becomes UTF-8, pixels, and tables of fragments."""

    def without(found):
        skipped = ["00080005", "7FE00010", "7FE00001", "7FE00002"]
        kept = {tag: value for tag, value in found.items() if tag not in skipped and not tag.endswith("0000")}
        for value in kept.values():
            if value["vr"] == "SQ":
                value["Value"] = [without(item or {}) for item in value.get("Value", [])]
            # XML has no way to say that a name ends in empty components.
            if value["vr"] == "PN":
                names = [{group: text.rstrip("^") for group, text in (name or {}).items()} for name in value.pop("Value", [])]
                value["names"] = [name for name in names if any(name.values())]
        return kept

    return without(json.loads(json.dumps(data_set.to_json_dict(bulk_data_threshold=1 << 30))))


def main():
    url, token, *files = sys.argv[1:]
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    stored = 0
    for form in ["application/dicom+json", "application/dicom+xml"]:
        sent = []
        for name in files:
            data_set = dcmread(name)
            data_set.SOPInstanceUID = generate_uid()
            # Some files of character sets are no instances.
            for keyword, uid in [("SOPClassUID", "1.2.840.10008.5.1.4.1.1.7"), ("StudyInstanceUID", generate_uid()),
                                 ("SeriesInstanceUID", generate_uid())]:
                if keyword not in data_set:
                    setattr(data_set, keyword, uid)
            sent.append(data_set)
        kind = f'multipart/related; type="{form}"; boundary={BOUNDARY}'
        headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
        answer = session.post(f"{url}/studies", data=body_of(form, sent), headers=headers)
        if answer.status_code != 200:
            sys.exit(f"{form}: {answer.status_code} {answer.text}")
        for name, data_set in zip(files, sent):
            found = session.get(
                f"{url}/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}"
                f"/instances/{data_set.SOPInstanceUID}",
                headers={"Accept": "application/dicom; transfer-syntax=*"},
            )
            found.raise_for_status()
            back = dcmread(DicomBytesIO(found.content))
            if comparable(back) != comparable(data_set):
                ours, theirs = comparable(back), comparable(data_set)
                tags = [tag for tag in ours.keys() | theirs.keys() if ours.get(tag) != theirs.get(tag)]
                shown = [(tag, theirs.get(tag), ours.get(tag)) for tag in tags[:3]]
                sys.exit(f"{form}: {name}: came back changed: {shown}")
            if "PixelData" in data_set and not str(data_set.file_meta.TransferSyntaxUID).startswith(ROOT + "4.10"):
                if not numpy.array_equal(back.pixel_array, data_set.pixel_array):
                    sys.exit(f"{form}: {name}: other pixels")
            stored += 1
    json.dump({"stored": stored}, sys.stdout)


main()
