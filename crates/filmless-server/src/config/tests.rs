//! The file, the variables and the defaults agree, and mistakes are named.

use std::path::Path;

use super::*;

const FILE: &str = include_str!("../../../../config/filmless.toml");

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("filmless.toml");
    std::fs::write(&path, text).expect("the folder is ours");
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read(Some(&path), None, variables).map_err(|e| e.to_string().replace(&folder.path().display().to_string(), ""))
}

fn keys(prefix: &str, value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(table) => {
            for (key, value) in table {
                keys(&if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") }, value, found);
            }
        }
        _ => found.push(prefix.to_owned()),
    }
}

#[test]
fn the_commented_file_says_exactly_the_defaults() {
    assert_eq!(read(FILE, &[]), Ok(Config::default()));
}

#[test]
fn every_key_stands_in_the_commented_file_with_a_comment() {
    let mut all = Vec::new();
    keys("", &serde_json::to_value(Config::default()).expect("settings are plain data"), &mut all);
    assert!(all.len() > 30, "{all:?}");
    let mut section = String::new();
    let mut stand = Vec::new();
    let mut previous = "";
    for line in FILE.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let (false, Some((name, _))) = (line.starts_with('#'), line.split_once('=')) {
            assert!(previous.starts_with('#'), "{section}.{name} has no comment");
            stand.push(format!("{section}.{}", name.trim()));
        }
        previous = line;
    }
    all.sort();
    stand.sort();
    assert_eq!(stand, all);
}

#[test]
fn every_section_is_known_as_the_beginning_of_a_variable() {
    let settings = serde_json::to_value(Config::default()).expect("settings are plain data");
    for section in settings.as_object().expect("a table").keys() {
        assert!(SECTIONS.contains(&section.as_str()), "{section}");
    }
}

#[test]
fn a_variable_wins_over_the_file_and_the_command_line_over_both() {
    let text = "[http]\nlisten = \"127.0.0.1:1\"\nmax_connections = 7\n[data]\ndirectory = \"a\"\n";
    let settings =
        read(text, &[("FILMLESS_HTTP__LISTEN", "127.0.0.1:2"), ("FILMLESS_SIGN_IN__MAX_CONCURRENT", "5"), ("FILMLESS", "x")]);
    let settings = settings.expect("legal settings");
    assert_eq!(settings.http.listen.port(), 2);
    assert_eq!(settings.http.max_connections, 7);
    assert_eq!(settings.sign_in.max_concurrent, 5);

    let variables = [("FILMLESS_DATA__DIRECTORY".to_owned(), "b".to_owned())];
    let settings = Config::read(None, Some(Path::new("c")), variables).expect("legal settings");
    assert_eq!(settings.data.directory, Path::new("c"));
}

#[test]
fn digits_in_a_secret_stay_as_they_are() {
    let settings = read("", &[("FILMLESS_STORAGE__SECRET_ACCESS_KEY", "00123"), ("FILMLESS_STORAGE__ACCESS_KEY_ID", "true")])
        .expect("legal");
    assert_eq!(settings.storage.secret_access_key.expose(), "00123");
    assert_eq!(settings.storage.access_key_id, "true");
}

#[test]
fn a_secret_can_stand_in_a_file_of_its_own_and_is_never_shown() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("secret");
    std::fs::write(&path, "s3cr3t-of-the-bucket\n").expect("the folder is ours");
    let variables = [
        ("FILMLESS_STORAGE__ACCESS_KEY_ID".to_owned(), "id".to_owned()),
        ("FILMLESS_STORAGE__SECRET_ACCESS_KEY_FILE".to_owned(), path.display().to_string()),
        ("FILMLESS_DATABASE__URL".to_owned(), "postgres://u:hunter2@h/d".to_owned()),
    ];
    let settings = Config::read(None, None, variables).expect("legal settings");
    assert_eq!(settings.storage.secret_access_key.expose(), "s3cr3t-of-the-bucket");
    let shown = format!("{settings:?}");
    assert!(!shown.contains("s3cr3t") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_mistake_is_named_with_its_place_and_what_to_do() {
    for (text, variables, expected) in [
        ("[http]\nlisten = \"localhost\"\n", &[][..], "/filmless.toml line 2, key http.listen"),
        ("[http]\n\nmax_connections = \"many\"\n", &[], "/filmless.toml line 3, key http.max_connections"),
        ("[http]\nlisten_to = 1\n", &[], "/filmless.toml line 2, key http.listen_to: there is no such key; known here: listen, "),
        ("[htpp]\n", &[], "/filmless.toml line 1, key htpp: there is no such key; known here: data, http, "),
        ("[http]\nlisten = \n", &[], "/filmless.toml line 2"),
        ("[database]\nurl = \"mysql://x\"\n", &[], "line 2, key database.url: must begin with sqlite: or postgres:"),
        ("[dicom]\nmax_associations = 0\n", &[], "line 2, key dicom.max_associations: is 0, but must be at least 1"),
        ("[dicom]\nae_title = \"SEVENTEEN_LETTERS\"\n", &[], "line 2, key dicom.ae_title"),
        ("[dicom.tls]\nlisten = \"2762\"\n", &[], "line 2, key dicom.tls.listen: must look like 0.0.0.0:2762"),
        ("[dicom.tls]\nlisten = \"[::]:2762\"\n", &[], "key dicom.tls.certificate: is empty"),
        ("[dicom.tls]\ncertificate = \"a.pem\"\n", &[], "key dicom.tls.key: is empty, but dicom.tls.certificate is set"),
        ("[dicom.tls]\n\nclient_authentication = \"maybe\"\n", &[], "line 3, key dicom.tls.client_authentication"),
        (
            "[index]\nadditional_attributes = \"PatientWeight, Weight\"\n",
            &[],
            "line 2, key index.additional_attributes: \"Weight\": ",
        ),
        ("[http]\npublic_url = \"pacs\"\n", &[], "line 2, key http.public_url: is not a URL"),
        ("", &[("FILMLESS_HTTP__LISTEN", "x")], "environment variable FILMLESS_HTTP__LISTEN"),
        ("", &[("FILMLESS_HTTP_LISTEN", "x")], "two underscores stand between section and key: FILMLESS_HTTP__LISTEN"),
        ("", &[("FILMLESS_HTTP__NO", "x")], "environment variable FILMLESS_HTTP__NO: there is no such key"),
    ] {
        let error = read(text, variables).expect_err(text);
        assert!(error.contains(expected), "{text:?} {variables:?}\n  said     {error}\n  expected {expected}");
    }
}

#[test]
fn a_syntax_error_does_not_repeat_the_line_which_may_hold_a_secret() {
    let error = read("[storage]\nsecret_access_key = \"hunter2\n", &[]).expect_err("an open string");
    assert!(!error.contains("hunter2"), "{error}");
    assert!(error.contains("line 2"), "{error}");
}
