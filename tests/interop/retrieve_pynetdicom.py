"""Retrieves by pynetdicom: HOST PORT CALLING CALLED SCP_PORT DESTINATION KEYS..., KEYS as a JSON object of keywords and values.

With C-GET; where DESTINATION is not empty with C-MOVE, to a storage SCP of that title at SCP_PORT that this script is as well.
Prints for each retrieve the statuses, the numbers of its last response, and what came,
[{"statuses": [n, ...], "completed": n, "failed": n, "list": [UID, ...], "instances": {UID: SHA-256 of the data set}}, ...].
"""
import hashlib
import json
import sys

from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit
from pydicom.uid import RLELossless
from pynetdicom import AE, StoragePresentationContexts, build_role, evt
from pynetdicom.sop_class import PatientRootQueryRetrieveInformationModelGet as PATIENT_ROOT_GET
from pynetdicom.sop_class import PatientRootQueryRetrieveInformationModelMove as PATIENT_ROOT_MOVE
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelGet as STUDY_ROOT_GET
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove as STUDY_ROOT_MOVE
from requester import keep_answers

# A context each, so that what is stored can come as it is stored.
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless, JPEG2000, JPEG2000Lossless]
CLASSES = [
    UID("1.2.840.10008.5.1.4.1.1." + last) for last in ("2", "3.1", "4", "6.1", "7", "1.1", "88.11", "88.22", "88.33", "66.4")
]


def main():
    keep_answers()
    host, port, calling, called, scp_port, destination, *retrieves = sys.argv[1:]
    came = {}

    def stored(event):
        came[str(event.request.AffectedSOPInstanceUID)] = hashlib.sha256(event.request.DataSet.getvalue()).hexdigest()
        return 0x0000

    handlers = [(evt.EVT_C_STORE, stored)]
    entity = AE(ae_title=calling)
    for model in (PATIENT_ROOT_GET, STUDY_ROOT_GET, PATIENT_ROOT_MOVE, STUDY_ROOT_MOVE):
        entity.add_requested_context(model)
    roles = []
    for sop_class in CLASSES:
        roles.append(build_role(sop_class, scp_role=True))
        for syntax in SYNTAXES:
            entity.add_requested_context(sop_class, syntax)
    scp = None
    if destination:
        receiver = AE(ae_title=destination)
        for context in StoragePresentationContexts:
            receiver.add_supported_context(context.abstract_syntax, SYNTAXES)
        scp = receiver.start_server((host, int(scp_port)), block=False, evt_handlers=handlers)
    association = entity.associate(host, int(port), ae_title=called, ext_neg=roles, evt_handlers=handlers)
    if not association.is_established:
        sys.exit("the association was not accepted")
    told = []
    for retrieve in retrieves:
        came.clear()
        keys = Dataset()
        for keyword, value in json.loads(retrieve).items():
            setattr(keys, keyword, value)
        is_patient = keys.QueryRetrieveLevel == "PATIENT"
        if destination:
            model = PATIENT_ROOT_MOVE if is_patient else STUDY_ROOT_MOVE
            responses = association.send_c_move(keys, destination, model)
        else:
            responses = association.send_c_get(keys, PATIENT_ROOT_GET if is_patient else STUDY_ROOT_GET)
        statuses, last, failed = [], None, []
        for status, identifier in responses:
            statuses.append(status.Status)
            last = status
            if identifier is not None and "FailedSOPInstanceUIDList" in identifier:
                listed = identifier.FailedSOPInstanceUIDList
                failed = [str(uid) for uid in ([listed] if isinstance(listed, str) else listed)]
        told.append({
            "statuses": statuses,
            "completed": last.get("NumberOfCompletedSuboperations"),
            "failed": last.get("NumberOfFailedSuboperations"),
            "list": failed,
            "instances": dict(came),
        })
    association.release()
    if scp:
        scp.shutdown()
    json.dump(told, sys.stdout)


main()
