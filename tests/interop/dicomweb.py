"""Stores files by dicomweb-client, finds them again, and compares what comes back: URL TOKEN FILE...

Prints {"stored": n, "found": n, "same": n}; ends with an error at the first difference.
"""
import json
import sys

import requests
from dicomweb_client.api import DICOMwebClient
from pydicom import dcmread


def main():
    url, token, *files = sys.argv[1:]
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    client = DICOMwebClient(url=url, session=session)
    data_sets = [dcmread(name) for name in files]

    answer = client.store_instances(data_sets)
    failed = answer.get("FailedSOPSequence")
    if failed:
        sys.exit(f"not stored: {failed}")
    stored = len(answer.ReferencedSOPSequence)

    found = same = 0
    for sent in data_sets:
        uids = {"study_instance_uid": sent.StudyInstanceUID, "series_instance_uid": sent.SeriesInstanceUID}
        matches = client.search_for_instances(**uids, search_filters={"SOPInstanceUID": sent.SOPInstanceUID})
        found += len(matches)
        metadata = client.retrieve_instance_metadata(**uids, sop_instance_uid=sent.SOPInstanceUID)
        if metadata["00080018"]["Value"] != [sent.SOPInstanceUID]:
            sys.exit(f"metadata of another instance: {metadata['00080018']}")
        back = client.retrieve_instance(
            **uids, sop_instance_uid=sent.SOPInstanceUID, media_types=(("application/dicom", "*"),)
        )
        if back != sent:
            sys.exit(f"{sent.SOPInstanceUID} came back changed")
        same += 1
    json.dump({"stored": stored, "found": found, "same": same}, sys.stdout)


main()
