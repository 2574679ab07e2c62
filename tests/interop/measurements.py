"""What highdicom and pydicom make of measurement reports (PS3.16 TID 1500): FILE... It prints a list with one object for each."""
import json
import sys

import pydicom
from highdicom.sr import srread


def measured(group):
    return [
        {
            "name": one.name.meaning,
            "value": float(one.value),
            "unit": one.unit.value,
            "derivation": None if one.derivation is None else one.derivation.meaning,
        }
        for one in group.get_measurements()
    ]


def read(path):
    plain = pydicom.dcmread(path)
    report = srread(path)
    content = report.content
    contexts = content.get_observer_contexts()
    return {
        "patient": [str(plain.PatientName), plain.PatientID],
        "study": plain.StudyInstanceUID,
        "instance": plain.SOPInstanceUID,
        "character_set": plain.SpecificCharacterSet,
        "transfer_syntax": plain.file_meta.TransferSyntaxUID,
        "template": plain.ContentTemplateSequence[0].TemplateIdentifier,
        "language": plain.ContentSequence[0].ConceptCodeSequence[0].CodeValue,
        "author": str(plain.AuthorObserverSequence[0].PersonName),
        "observers": [str(context.observer_identifying_attributes.name) for context in contexts],
        "follows": [
            one.ReferencedSOPInstanceUID
            for study in plain.get("PredecessorDocumentsSequence", [])
            for series in study.ReferencedSeriesSequence
            for one in series.ReferencedSOPSequence
        ],
        "regions": [
            {
                "label": group.tracking_identifier,
                "type": group.roi.graphic_type.value,
                "points": group.roi.value.tolist(),
                "measured": measured(group),
            }
            for group in content.get_planar_roi_measurement_groups()
        ],
        "lines": [
            {"label": group.tracking_identifier, "measured": measured(group)}
            for group in content.get_image_measurement_groups()
        ],
    }


print(json.dumps([read(path) for path in sys.argv[1:]]))
