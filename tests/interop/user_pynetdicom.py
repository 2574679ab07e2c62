"""Names users by pynetdicom: HOST PORT CALLING CALLED [USER PASSCODE]... Prints for each "accepted", "confirmed" or "rejected"."""
import json
import sys

from pynetdicom import AE
from pynetdicom.pdu_primitives import UserIdentityNegotiation
from pynetdicom.sop_class import Verification
from requester import keep_answers


def outcome(host, port, calling, called, user, passcode):
    entity = AE(ae_title=calling)
    entity.add_requested_context(Verification)
    identity = UserIdentityNegotiation()
    identity.user_identity_type = 2
    identity.positive_response_requested = True
    identity.primary_field = user.encode()
    identity.secondary_field = passcode.encode()
    association = entity.associate(host, port, ae_title=called, ext_neg=[identity])
    if not association.is_established:
        return "rejected"
    confirmed = association.acceptor.user_identity is not None
    association.release()
    return "confirmed" if confirmed else "accepted"


def main():
    keep_answers()
    host, port, calling, called, *rest = sys.argv[1:]
    pairs = zip(rest[::2], rest[1::2])
    json.dump([outcome(host, int(port), calling, called, *pair) for pair in pairs], sys.stdout)


main()
