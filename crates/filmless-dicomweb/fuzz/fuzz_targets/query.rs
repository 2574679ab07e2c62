//! Any query string is read into a search within its limits, or refused, without panic.
#![no_main]

use filmless_dicom::further;
use filmless_dicomweb::DicomwebConfig;
use filmless_dicomweb::query_parameters;
use filmless_model::query::QueryRetrieveLevel;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let config = DicomwebConfig::default();
    let names = ["AcquisitionDateTime", "SliceThickness", "ImageType", "ProcedureCodeSequence.CodeValue", "0009xx01:PN:ACME"];
    let indexed = names.map(|name| further::parse(name).expect("an attribute"));
    let Ok(pairs) = query_parameters::decode(Some(text), config.max_query_bytes) else { return };
    for level in [QueryRetrieveLevel::Study, QueryRetrieveLevel::Series, QueryRetrieveLevel::Instance] {
        if let Ok(parameters) = query_parameters::search(level, None, None, &pairs, &config, &indexed) {
            assert!(parameters.query.limit <= config.max_results);
        }
    }
});
