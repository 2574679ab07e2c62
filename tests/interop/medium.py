"""Reads ZIP archives as media by pydicom's FileSet: FOLDER ARCHIVE…. The files of each go below FOLDER, by its name.

Prints {"instances": n, "types": {type: n}} over all; ends with an error where a directory and its files differ.
"""
import collections
import json
import sys
import zipfile
from pathlib import Path

from pydicom.fileset import FileSet


def read(archive, folder, types):
    """Reads one archive, counts its types and returns how many instances it has."""
    with zipfile.ZipFile(archive) as opened:
        bad = opened.testzip()
        if bad:
            sys.exit(f"{bad} is damaged")
        opened.extractall(folder)
        files = {name for name in opened.namelist() if name != "DICOMDIR"}
    file_set = FileSet(folder / "DICOMDIR")
    for instance in file_set:
        files.remove(Path(instance.path).relative_to(folder).as_posix())
        types[instance.node.record_type] += 1
        found = instance.load()
        for keyword in ["SOPInstanceUID", "SOPClassUID"]:
            if found[keyword].value != getattr(instance, keyword):
                sys.exit(f"{instance.path}: another {keyword}")
        for keyword in ["PatientID", "StudyInstanceUID", "SeriesInstanceUID"]:
            if found.get(keyword) and str(found[keyword].value) != str(instance[keyword].value):
                sys.exit(f"{instance.path}: another {keyword}")
        if found.file_meta.TransferSyntaxUID != instance.node._record.ReferencedTransferSyntaxUIDInFile:
            sys.exit(f"{instance.path}: another transfer syntax")
    if files:
        sys.exit(f"not in the directory: {files}")
    return len(file_set)


def main():
    folder, *archives = map(Path, sys.argv[1:])
    types = collections.Counter()
    instances = sum(read(archive, folder / archive.stem, types) for archive in archives)
    json.dump({"instances": instances, "types": types}, sys.stdout)


main()
