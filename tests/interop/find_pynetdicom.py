"""Searches by pynetdicom: HOST PORT CALLING CALLED KEYS..., where KEYS is a JSON object of keywords and values.

The Study Root model, Patient Root for the level PATIENT, and the worklist without a level; without extended negotiation. A
list of objects is a sequence. Prints for each search the statuses that came and the answers as DICOM JSON,
[{"statuses": [n, ...], "answers": [{...}, ...]}, ...].
"""
import json
import sys

from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.sop_class import ModalityWorklistInformationFind as WORKLIST
from pynetdicom.sop_class import PatientRootQueryRetrieveInformationModelFind as PATIENT_ROOT
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind as STUDY_ROOT
from requester import keep_answers


def data_set(keys):
    made = Dataset()
    for keyword, value in keys.items():
        setattr(made, keyword, [data_set(item) for item in value] if isinstance(value, list) else value)
    return made


def model_of(keys):
    if "QueryRetrieveLevel" not in keys:
        return WORKLIST
    return PATIENT_ROOT if keys.QueryRetrieveLevel == "PATIENT" else STUDY_ROOT


def main():
    keep_answers()
    host, port, calling, called, *searches = sys.argv[1:]
    entity = AE(ae_title=calling)
    entity.add_requested_context(PATIENT_ROOT)
    entity.add_requested_context(STUDY_ROOT)
    entity.add_requested_context(WORKLIST)
    association = entity.associate(host, int(port), ae_title=called)
    if not association.is_established:
        sys.exit("the association was not accepted")
    told = []
    for search in searches:
        keys = data_set(json.loads(search))
        keys.SpecificCharacterSet = "ISO_IR 192"
        statuses, answers = [], []
        for status, answer in association.send_c_find(keys, model_of(keys)):
            statuses.append(status.Status)
            if answer is not None:
                answers.append(answer.to_json_dict())
        told.append({"statuses": statuses, "answers": answers})
    association.release()
    json.dump(told, sys.stdout)


main()
