"""A Verification SCP by pynetdicom over TLS: PORT CERTIFICATE KEY [AUTHORITY]. With an authority, callers have to show a certificate of it.
Answers until its standard input ends."""
import ssl
import sys

from pynetdicom import AE
from pynetdicom.sop_class import Verification


def main():
    port, certificate, key, *authority = sys.argv[1:]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority[0] if authority else None)
    context.load_cert_chain(certificate, key)
    if authority:
        context.verify_mode = ssl.CERT_REQUIRED
    entity = AE(ae_title="PYNETDICOM")
    entity.add_supported_context(Verification)
    server = entity.start_server(("127.0.0.1", int(port)), block=False, ssl_context=context)
    sys.stdin.read()
    server.shutdown()


main()
