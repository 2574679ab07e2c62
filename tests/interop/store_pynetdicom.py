"""Stores files by pynetdicom: HOST PORT CALLING CALLED FILE... Prints the Status of each as JSON, {"file": status}."""
import json
import sys

from pydicom import dcmread
from pynetdicom import AE
from requester import keep_answers


def main():
    keep_answers()
    host, port, calling, called, *files = sys.argv[1:]
    data_sets = [(name, dcmread(name, force=True)) for name in files]
    entity = AE(ae_title=calling)
    for sop_class, transfer_syntax in sorted({(d.SOPClassUID, d.file_meta.TransferSyntaxUID) for _, d in data_sets}):
        entity.add_requested_context(sop_class, transfer_syntax)
    association = entity.associate(host, int(port), ae_title=called)
    if not association.is_established:
        sys.exit("the association was not accepted")
    statuses = {}
    for name, data_set in data_sets:
        response = association.send_c_store(data_set)
        statuses[name] = response.Status if "Status" in response else None
    association.release()
    json.dump(statuses, sys.stdout)


main()
