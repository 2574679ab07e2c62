"""What pydicom, which is to raise at every flaw, reads in files: text, and what it says was there before. JSON by SOP Instance UID."""

import json
import sys

import pydicom

pydicom.config.settings.reading_validation_mode = pydicom.config.RAISE


def before(data_set):
    for item in data_set.get("OriginalAttributesSequence", []):
        modified = item.ModifiedAttributesSequence[0]
        odd = item.get("NonconformingModifiedAttributesSequence", [])
        yield {
            "source": item.SourceOfPreviousValues,
            "reason": item.ReasonForTheAttributeModification,
            "modified": {element.keyword: str(element.value or "") for element in modified},
            "bytes": {
                pydicom.datadict.keyword_for_tag(value.SelectorAttribute): value.NonconformingDataElementValue.hex()
                for value in odd
            },
        }


def told(file):
    data_set = pydicom.dcmread(file)
    return {
        "character_set": data_set.get("SpecificCharacterSet"),
        "name": str(data_set.get("PatientName", "")),
        "id": data_set.get("PatientID"),
        "issuer": data_set.get("IssuerOfPatientID"),
        "pixel_bytes": len(data_set.get("PixelData", b"")),
        "before": list(before(data_set)),
    }


print(json.dumps([told(file) for file in sys.argv[1:]]))
