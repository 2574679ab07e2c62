"""Reports a procedure step by pynetdicom: HOST PORT CALLING CALLED FILE..., the files of one study that it says it made.

Creates the step with a UID left to the server, completes it, completes it once more, and retrieves it. Prints
{"create": n, "uid": "...", "set": n, "again": n, "error_id": n, "get": n, "state": "...", "name": "...", "images": n}.
"""
import json
import sys

from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import ModalityPerformedProcedureStep as STEP
from pynetdicom.sop_class import ModalityPerformedProcedureStepRetrieve as RETRIEVE
from requester import keep_answers


def beginning(first):
    step = Dataset()
    scheduled = Dataset()
    scheduled.StudyInstanceUID = first.StudyInstanceUID
    scheduled.AccessionNumber = "A1"
    scheduled.RequestedProcedureID = scheduled.ScheduledProcedureStepID = "1"
    step.ScheduledStepAttributesSequence = [scheduled]
    step.SpecificCharacterSet = "ISO_IR 192"
    step.PatientName, step.PatientID, step.PatientBirthDate, step.PatientSex = "Nguyễn^Văn An", first.PatientID, "", ""
    step.ReferencedPatientSequence = []
    step.PerformedStationAETitle, step.PerformedStationName, step.PerformedLocation = "CT1", "", ""
    step.PerformedProcedureStepStartDate, step.PerformedProcedureStepStartTime = "20261122", "150000"
    step.PerformedProcedureStepEndDate, step.PerformedProcedureStepEndTime = "", ""
    step.PerformedProcedureStepID, step.PerformedProcedureStepStatus = "PPS1", "IN PROGRESS"
    step.Modality, step.StudyID = first.Modality, ""
    step.PerformedProtocolCodeSequence, step.PerformedSeriesSequence = [], []
    return step


def end(files):
    by_series = {}
    for file in files:
        image = Dataset()
        image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = file.SOPClassUID, file.SOPInstanceUID
        by_series.setdefault(file.SeriesInstanceUID, []).append(image)
    change = Dataset()
    change.PerformedProcedureStepStatus = "COMPLETED"
    change.PerformedProcedureStepEndDate, change.PerformedProcedureStepEndTime = "20261122", "151000"
    change.PerformedSeriesSequence = []
    for uid, images in by_series.items():
        series = Dataset()
        series.SeriesInstanceUID, series.ProtocolName, series.RetrieveAETitle = uid, "Head", ""
        series.ReferencedImageSequence, series.ReferencedNonImageCompositeSOPInstanceSequence = images, []
        change.PerformedSeriesSequence.append(series)
    return change


def main():
    keep_answers()
    host, port, calling, called, *files = sys.argv[1:]
    files = [dcmread(file, stop_before_pixels=True) for file in files]
    entity = AE(ae_title=calling)
    entity.add_requested_context(STEP)
    entity.add_requested_context(RETRIEVE)
    association = entity.associate(host, int(port), ae_title=called)
    if not association.is_established:
        sys.exit("the association was not accepted")
    # pynetdicom does not hand out a UID that it did not send, so the association listens for it.
    made = []
    def heard(event):
        uid = getattr(event.message.command_set, "AffectedSOPInstanceUID", None)
        if event.message.command_set.CommandField == 0x8140:
            made.append(str(uid))

    association.bind(evt.EVT_DIMSE_RECV, heard)
    created, _ = association.send_n_create(beginning(files[0]), STEP, None)
    uid = made[0]
    done, _ = association.send_n_set(end(files), STEP, uid)
    again, _ = association.send_n_set(end(files), STEP, uid)
    got, step = association.send_n_get([], STEP, uid, meta_uid=RETRIEVE)
    association.release()
    told = {"create": created.Status, "uid": uid, "set": done.Status, "again": again.Status, "error_id": again.ErrorID}
    told |= {"get": got.Status, "state": step.PerformedProcedureStepStatus, "name": str(step.PatientName)}
    told["images"] = sum(len(series.ReferencedImageSequence) for series in step.PerformedSeriesSequence)
    json.dump(told, sys.stdout)


main()
