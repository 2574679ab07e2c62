"""A Query/Retrieve SCP by pynetdicom without C-GET: PORT DESTINATION DESTINATION_PORT FILE...; it finds studies, series and
instances, and moves the files of a study to DESTINATION. A file with - in front it has, and skips. Answers until its standard input
ends."""
import sys

from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE, build_context, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind as FIND
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove as MOVE


def main():
    port, destination, destination_port, *files = sys.argv[1:]
    skipped = {dcmread(file[1:]).SOPInstanceUID for file in files if file.startswith("-")}
    files = [dcmread(file.removeprefix("-")) for file in files]
    uids = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]

    def on_find(event):
        asked = event.identifier
        depth = ["STUDY", "SERIES", "IMAGE"].index(asked.QueryRetrieveLevel) + 1
        matches = [file for file in files if all(asked.get(uid) in (None, "", file[uid].value) for uid in uids[:depth])]
        for found in sorted({tuple(file[uid].value for uid in uids[:depth]) for file in matches}):
            answer = Dataset()
            answer.QueryRetrieveLevel = asked.QueryRetrieveLevel
            answer.SpecificCharacterSet, answer.PatientName = "ISO_IR 100", "Müller^Jörg"
            for uid, value in zip(uids, found):
                setattr(answer, uid, value)
            yield 0xFF00, answer
            if event.is_cancelled:
                yield 0xFE00, None
                return

    def on_move(event):
        wanted = [file for file in files if file.StudyInstanceUID == event.identifier.StudyInstanceUID]
        wanted = [file for file in wanted if file.SOPInstanceUID not in skipped]
        if event.move_destination != destination:
            yield None, None
            return
        contexts = {(file.SOPClassUID, file.file_meta.TransferSyntaxUID) for file in wanted}
        yield "127.0.0.1", int(destination_port), {"contexts": [build_context(*context) for context in contexts]}
        yield len(wanted)
        for file in wanted:
            yield 0xFF00, file

    entity = AE(ae_title="MOVER")
    for model in (FIND, MOVE):
        entity.add_supported_context(model)
    handlers = [(evt.EVT_C_FIND, on_find), (evt.EVT_C_MOVE, on_move)]
    server = entity.start_server(("127.0.0.1", int(port)), block=False, evt_handlers=handlers)
    sys.stdin.read()
    server.shutdown()


main()
