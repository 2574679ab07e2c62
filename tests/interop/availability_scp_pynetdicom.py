"""An SCP of Instance Availability Notification by pynetdicom: PORT FILE. It writes each notification as a line of JSON into FILE.
The very first one it does not answer; it is then in FILE already. Runs until its standard input ends."""
import json
import os
import sys
import threading

from pynetdicom import AE, evt
from pynetdicom.sop_class import InstanceAvailabilityNotification


def main():
    port, file = sys.argv[1:]

    def on_create(event):
        told = event.attribute_list
        is_first = not os.path.exists(file)
        instances = [one for series in told.ReferencedSeriesSequence for one in series.ReferencedSOPSequence]
        said = {
            "calling": event.assoc.requestor.ae_title,
            "study": told.StudyInstanceUID,
            "steps": [step.ReferencedSOPInstanceUID for step in told.ReferencedPerformedProcedureStepSequence],
            "series": len(told.ReferencedSeriesSequence),
            "instances": sorted(one.ReferencedSOPInstanceUID for one in instances if one.InstanceAvailability == "ONLINE"),
            "gone": sorted(one.ReferencedSOPInstanceUID for one in instances if one.InstanceAvailability == "UNAVAILABLE"),
            "retrieve": sorted({one.RetrieveAETitle for one in instances}),
            "url": instances[0].get("RetrieveURL"),
        }
        with open(file, "a") as out:
            out.write(json.dumps(said) + "\n")
        if is_first:
            threading.Event().wait()
        return 0x0000, told

    entity = AE(ae_title="READER")
    entity.add_supported_context(InstanceAvailabilityNotification)
    entity.start_server(("127.0.0.1", int(port)), block=False, evt_handlers=[(evt.EVT_N_CREATE, on_create)])
    sys.stdin.read()
    # An association that is not answered has a thread that never ends.
    os._exit(0)


main()
