"""A Query/Retrieve SCP by pynetdicom without C-GET: PORT DESTINATION DESTINATION_PORT FILE...; it finds by StudyInstanceUID, and
moves the files to DESTINATION. Answers until its standard input ends."""
import sys

from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE, build_context, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind as FIND
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove as MOVE


def main():
    port, destination, destination_port, *files = sys.argv[1:]
    files = [dcmread(file) for file in files]

    def on_find(event):
        for study in sorted({file.StudyInstanceUID for file in files}):
            answer = Dataset()
            answer.QueryRetrieveLevel, answer.StudyInstanceUID = "STUDY", study
            answer.SpecificCharacterSet, answer.PatientName = "ISO_IR 100", "Müller^Jörg"
            yield 0xFF00, answer
            if event.is_cancelled:
                yield 0xFE00, None
                return

    def on_move(event):
        wanted = [file for file in files if file.StudyInstanceUID == event.identifier.StudyInstanceUID]
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
