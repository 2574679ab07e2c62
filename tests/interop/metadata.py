"""Compares the metadata of stored instances with the JSON that pydicom makes of their files: URL TOKEN FILE...

What may differ is said where it is let pass. Prints {"same": n, "differing": [...]}.
"""
import json
import re
import sys

import numpy
import requests
from pydicom import config, dcmread

# Values that are wrong are compared as they are.
config.settings.reading_validation_mode = config.IGNORE

# Ours: the transfer syntaxes an instance can be had in. JSON is in UTF-8, and says so.
AVAILABLE_TRANSFER_SYNTAX_UID, SPECIFIC_CHARACTER_SET = "00083002", "00080005"


def leave_out(tag):
    """Whether an element says nothing about the instance: group lengths, padding, and what JSON says for itself."""
    return tag.endswith("0000") or tag in (AVAILABLE_TRANSFER_SYNTAX_UID, SPECIFIC_CHARACTER_SET, "FFFCFFFC")


def number(value, vr):
    try:
        # Ours are the shortest decimals that are the number, pydicom's those of a double.
        return float(numpy.float32(value)) if vr == "FL" else float(value)
    except (TypeError, ValueError):
        return None


def text(value):
    # pydicom leaves escape sequences of ISO 2022 in some names.
    return re.sub(r"\x1b\$?[(-/]?[@-~]", "", re.sub(r"[\s\0]+$", "", str(value)))


def same_value(ours, theirs, vr):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        names = lambda name: {kind: text(group).rstrip("^=") for kind, group in name.items() if text(group).rstrip("^=")}
        return names(ours) == names(theirs)
    if number(ours, vr) is not None and number(ours, vr) == number(theirs, vr):
        return True
    return text(ours) == text(theirs)


def values(element):
    found = [value for value in element.get("Value", []) if value not in (None, "", {})]
    return [value for value in found if not (isinstance(value, str) and not text(value))]


def differences(ours, theirs, path=""):
    found = []
    for tag in sorted(set(ours) | set(theirs)):
        if leave_out(tag):
            continue
        at = f"{path}{tag}"
        if tag not in ours or tag not in theirs:
            found.append(f"{at} is {'ours' if tag in ours else 'theirs'} alone: {str(ours.get(tag, theirs.get(tag)))[:80]}")
            continue
        one, other = ours[tag], theirs[tag]
        # pydicom knows private attributes by a dictionary of its own, and gives private creators and compressed pixels the
        # VR that they should have.
        is_private = int(tag[:4], 16) % 2 == 1
        may_differ = is_private and (one["vr"] == "UN" or tag[4:6] == "00") or tag == "7FE00010"
        if one["vr"] != other["vr"] and may_differ:
            continue
        if one["vr"] != other["vr"]:
            found.append(f"{at} is {one['vr']}, not {other['vr']}: {str(one)[:80]} {str(other)[:80]}")
            continue
        if "BulkDataURI" in one:
            if "InlineBinary" not in other and not values(other):
                found.append(f"{at} is bulk data: {str(other)[:80]}")
            continue
        if one.get("InlineBinary") != other.get("InlineBinary"):
            found.append(f"{at} has other bytes: {str(one)[:80]} {str(other)[:80]}")
            continue
        if one["vr"] == "SQ":
            items = [item or {} for item in one.get("Value", [])], [item or {} for item in other.get("Value", [])]
            if len(items[0]) != len(items[1]):
                found.append(f"{at} has {len(items[0])} items, not {len(items[1])}")
            for place, (item, their_item) in enumerate(zip(*items)):
                found.extend(differences(item, their_item, f"{at}[{place}]."))
            continue
        if len(values(one)) != len(values(other)) or not all(
            same_value(value, other_value, one["vr"]) for value, other_value in zip(values(one), values(other))
        ):
            found.append(f"{at} {one['vr']}: {str(one.get('Value'))[:80]} is not {str(other.get('Value'))[:80]}")
    return found


def main():
    url, token, *files = sys.argv[1:]
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    same, differing = 0, []
    for name in files:
        data_set = dcmread(name)
        instance = f"{url}/studies/{data_set.StudyInstanceUID}/series/{data_set.SeriesInstanceUID}/instances/{data_set.SOPInstanceUID}"
        answer = session.get(f"{instance}/metadata", headers={"Accept": "application/dicom+json"})
        if answer.status_code != 200:
            differing.append(f"{name}: {answer.status_code} {answer.text[:200]}")
            continue
        theirs = data_set.to_json_dict(suppress_invalid_tags=True)
        # What pydicom cannot read is not in its JSON; ours has it as it is.
        unreadable = {f"{element.tag:08X}" for element in data_set.elements()} - set(theirs)
        ours = {tag: element for tag, element in answer.json()[0].items() if tag not in unreadable}
        found = differences(ours, theirs)
        differing.extend(f"{name}: {difference}" for difference in found)
        same += not found
    json.dump({"same": same, "differing": differing}, sys.stdout)


main()
