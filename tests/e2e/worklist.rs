//! Orders on their way to machines: a file is imported, and requesters of other makers ask for the worklist.

use std::fs;

use filmless_testkit::repository::files_below;
use filmless_testkit::server::text_value;
use filmless_testkit::site::{CALLED, Site};
use reqwest::Method;
use serde_json::{Value, json};

use crate::peers;

const ORDERS: &str = "\
accession_number,patient_id,patient_name,patient_sex,requested_procedure_description,modality,scheduled_station_ae_title,\
scheduled_procedure_step_start_date,scheduled_procedure_step_start_time
CD1,BN1,Nguyễn Văn An,M,Chụp CLVT sọ não,CT,CT1,2026-11-22,08:30
CD2,BN2,Trần Thị Đức,F,\"Siêu âm thai, 12-14 tuần\",US,US1,2026-11-22,09:00
CD3,BN3,Lê Hoà,F,Chụp CLVT ngực,CT,CT1,2026-11-23,10:00
CD4,BN4,Phạm An,X,Chụp CLVT ngực,CT,CT1,2026-11-23,10:30
";

on_both_back_ends!(a_worklist_from_a_file_reaches_requesters_of_other_makers);

async fn a_worklist_from_a_file_reaches_requesters_of_other_makers(site: Site) {
    let folder = site.scratch();
    let file = folder.join("orders.csv");
    fs::write(&file, ORDERS).expect("a file of orders");
    let file = file.to_str().expect("a printable path");
    let imported = site.run(&["order", "import", file]).await;
    assert_eq!(imported.code, Some(1), "one order is wrong: {}", imported.stderr);
    assert!(imported.stdout.contains("3 created, 0 changed, 0 unchanged, 1 failed"), "{}", imported.stdout);
    assert!(imported.stderr.contains("orders.csv:5: patient_sex: it is M, F or O"), "{}", imported.stderr);
    let again = site.run(&["order", "import", file]).await;
    assert!(again.stdout.contains("0 created, 0 changed, 3 unchanged, 1 failed"), "{}", again.stdout);

    let server = site.serve().await;
    site.admit("CT1", "store,worklist").await;
    site.run(&["peer", "add", "US1", "--allow", "worklist", "--worklist-characters", "ascii"]).await.success();
    let port = server.dicom.port().to_string();
    let step = |keys: Value| json!({"AccessionNumber": null, "PatientName": null, "ScheduledProcedureStepSequence": [keys]});
    let searches = [
        step(json!({"ScheduledStationAETitle": "CT1", "ScheduledProcedureStepStartDate": "20261122-20261123", "Modality": null})),
        step(json!({"Modality": "US", "ScheduledProcedureStepDescription": null})),
        json!({"PatientName": "nguyen*", "AccessionNumber": null, "RequestedProcedureDescription": null}),
    ];
    let ask = async |calling: &str| {
        let mut arguments = vec!["127.0.0.1".to_owned(), port.clone(), calling.to_owned(), CALLED.to_owned()];
        arguments.extend(searches.iter().map(Value::to_string));
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        peers::interop("find_pynetdicom.py", &arguments, &[] as &[&str]).await
    };
    let numbers = |told: &Value| -> Vec<Option<String>> {
        let answers = told["answers"].as_array().expect("answers");
        answers.iter().map(|answer| text_value(answer, "00080050")).collect()
    };
    let told = ask("CT1").await;
    assert_eq!(numbers(&told[0]), [Some("CD1".to_owned()), Some("CD3".to_owned())], "{told:#}");
    assert_eq!(text_value(&told[0]["answers"][0]["00400100"]["Value"][0], "00080060").as_deref(), Some("CT"));
    assert_eq!(text_value(&told[1]["answers"][0], "00100010").as_deref(), Some("Trần Thị Đức"));
    assert_eq!(text_value(&told[2]["answers"][0], "00321060").as_deref(), Some("Chụp CLVT sọ não"));
    let told = ask("US1").await;
    assert_eq!(text_value(&told[1]["answers"][0], "00100010").as_deref(), Some("Tran Thi Duc"));
    let step = &told[1]["answers"][0]["00400100"]["Value"][0];
    assert_eq!(text_value(step, "00400007").as_deref(), Some("Sieu am thai, 12-14 tuan"));

    let cancelled = server.request(Method::DELETE, "/api/orders/CD3").send().await.expect("the server answers");
    assert_eq!(cancelled.status(), 204);
    let answers = folder.join("answers");
    fs::create_dir(&answers).expect("a folder of the test");
    let answers = answers.to_str().expect("a printable path");
    let key = "(0040,0100)[0].Modality=CT";
    let call = ["-W", "-aet", "CT1", "-aec", CALLED, "127.0.0.1", &port, "-k", "PatientName", "-k", key, "-X", "-od", answers];
    peers::run("findscu", call).await;
    assert_eq!(files_below(answers.as_ref()).len(), 1, "what is cancelled is on no worklist");
}
