"""Storage commitment by pynetdicom: MODE HOST PORT CALLING CALLED LISTEN FILE..., for the files and an instance nobody has.

MODE is `same` (the result is awaited on the association of the request), `new` (the association is released at once, and the
result awaited on port LISTEN), `ask` (as `new`, but nothing is awaited) or `listen` (nothing is asked for, the result is awaited on
port LISTEN). Prints {"asked": n, "events": [{"type": n, "transaction": "...", "committed": n, "failed": {"uid": n}}], "roles": n}.
"""
import json
import sys
import threading

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.sop_class import StorageCommitmentPushModel as PUSH_MODEL
from pynetdicom.sop_class import StorageCommitmentPushModelInstance as PUSH_MODEL_INSTANCE
from requester import keep_answers

PATIENCE_SECONDS = 120


def reference(sop_class, instance):
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
    return item


def main():
    keep_answers()
    mode, host, port, calling, called, listen, *files = sys.argv[1:]
    files = [dcmread(file, stop_before_pixels=True) for file in files]
    events, answered, roles = [], threading.Event(), []

    def on_event(event):
        told = event.event_information
        failed = {item.ReferencedSOPInstanceUID: item.FailureReason for item in told.get("FailedSOPSequence", [])}
        committed = len(told.get("ReferencedSOPSequence", []))
        events.append(
            {"type": event.event_type, "transaction": told.TransactionUID, "committed": committed, "failed": failed}
        )
        roles.extend(1 for context in event.assoc.accepted_contexts if not context.as_scp)
        return 0x0000, None

    def on_sent(event):
        # Whoever released the association between the report and its response would take the response back.
        if events and isinstance(event.pdu, P_DATA_TF):
            answered.set()

    handlers = [(evt.EVT_N_EVENT_REPORT, on_event), (evt.EVT_PDU_SENT, on_sent)]
    entity = AE(ae_title=calling)
    server = None
    if mode in ("new", "listen"):
        entity.add_supported_context(PUSH_MODEL, scu_role=False, scp_role=True)
        server = entity.start_server(("127.0.0.1", int(listen)), block=False, evt_handlers=handlers)
    asked = None
    if mode != "listen":
        entity.add_requested_context(PUSH_MODEL)
        association = entity.associate(host, int(port), ae_title=called, evt_handlers=handlers)
        if not association.is_established:
            sys.exit("the association was not accepted")
        request = Dataset()
        request.TransactionUID = generate_uid()
        request.ReferencedSOPSequence = [reference(file.SOPClassUID, file.SOPInstanceUID) for file in files]
        request.ReferencedSOPSequence.append(reference(files[0].SOPClassUID, "1.2.3.404"))
        status, _ = association.send_n_action(request, 1, PUSH_MODEL, PUSH_MODEL_INSTANCE)
        asked = status.Status
        if mode == "same":
            answered.wait(PATIENCE_SECONDS)
        association.release()
    if mode in ("new", "listen"):
        answered.wait(PATIENCE_SECONDS)
    if server:
        server.shutdown()
    json.dump({"asked": asked, "events": events, "roles": len(roles)}, sys.stdout)


main()
