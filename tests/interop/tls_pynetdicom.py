"""Stores a file by pynetdicom over TLS: HOST PORT CALLING CALLED AUTHORITY CERTIFICATE KEY FILE. Prints {"status": ..., "version": ...}."""
import json
import ssl
import sys

from pydicom import dcmread
from pynetdicom import AE
from requester import keep_answers


def main():
    keep_answers()
    host, port, calling, called, authority, certificate, key, name = sys.argv[1:]
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain(certificate, key)
    data_set = dcmread(name)
    entity = AE(ae_title=calling)
    entity.add_requested_context(data_set.SOPClassUID, data_set.file_meta.TransferSyntaxUID)
    association = entity.associate(host, int(port), ae_title=called, tls_args=(context, "localhost"))
    if not association.is_established:
        sys.exit("the association was not accepted")
    version = association.dul.socket.socket.version()
    status = association.send_c_store(data_set).Status
    association.release()
    json.dump({"status": status, "version": version}, sys.stdout)


main()
