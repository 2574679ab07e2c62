"""An SCP by pynetdicom that takes instances and vouches for them on the association that it is asked on: PORT ORDER. It vouches
for all but the last, says so `before` or `after` the response to the request, and calls nobody. Answers until its standard input ends.
"""
import sys
import threading

from pydicom.dataset import Dataset
from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.sop_class import StorageCommitmentPushModel as PUSH_MODEL
from pynetdicom.sop_class import StorageCommitmentPushModelInstance as PUSH_MODEL_INSTANCE

FAILURES_EXIST = 2
NO_SUCH_INSTANCE = 0x0112


def main():
    port, order = sys.argv[1:]
    sent = threading.Event()

    def on_action(event):
        asked = event.action_information
        *committed, failed = asked.ReferencedSOPSequence
        failed.FailureReason = NO_SUCH_INSTANCE
        result = Dataset()
        result.TransactionUID = asked.TransactionUID
        result.ReferencedSOPSequence, result.FailedSOPSequence = committed, [failed]

        def report():
            if order == "after":
                sent.wait()
            event.assoc.send_n_event_report(result, FAILURES_EXIST, PUSH_MODEL, PUSH_MODEL_INSTANCE)

        sent.clear()
        threading.Thread(target=report).start()
        if order == "before":
            sent.wait()
        return 0x0000, None

    def on_sent(event):
        if isinstance(event.pdu, P_DATA_TF):
            sent.set()

    entity = AE(ae_title="VOUCHER")
    entity.supported_contexts = StoragePresentationContexts
    entity.add_supported_context(PUSH_MODEL)
    stored = (evt.EVT_C_STORE, lambda event: 0x0000)
    handlers = [stored, (evt.EVT_N_ACTION, on_action), (evt.EVT_PDU_SENT, on_sent)]
    server = entity.start_server(("127.0.0.1", int(port)), block=False, evt_handlers=handlers)
    sys.stdin.read()
    server.shutdown()


main()
