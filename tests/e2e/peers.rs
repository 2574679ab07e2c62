//! Programs of other makers, run to their end: dcmtk and the scripts of tests/interop.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use filmless_testkit::{repository, wait};
use serde_json::Value;
use tokio::process::{Child, Command};

/// The longest any of them may take.
const LIMIT: Duration = Duration::from_mins(10);

/// Runs a program, which must succeed; what it printed on standard output.
pub(crate) async fn run<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = A>) -> String {
    let program = program.as_ref();
    let output = output(program, arguments).await;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {}\n{stdout}\n{stderr}", program.display(), output.status);
    stdout.into_owned()
}

/// Runs a program, which must fail.
pub(crate) async fn fail<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = A>) {
    let program = program.as_ref();
    let output = output(program, arguments).await;
    assert!(!output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stdout));
}

async fn output<A: AsRef<OsStr>>(program: &OsStr, arguments: impl IntoIterator<Item = A>) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(LIMIT, command.output()).await.expect("the peer ends in time");
    output.unwrap_or_else(|error| panic!("{}: {error}: run `make setup`", program.display()))
}

/// Runs a script of tests/interop, which prints JSON.
pub(crate) async fn interop(script: &str, arguments: &[&str], files: &[impl AsRef<Path>]) -> Value {
    let script = repository::root().join("tests/interop").join(script);
    let mut all = vec![script.into_os_string()];
    all.extend(arguments.iter().map(Into::into));
    all.extend(files.iter().map(|file| file.as_ref().as_os_str().to_owned()));
    let printed = run(repository::python(), all).await;
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error} in {printed:?}"))
}

/// dcmtk's storage SCP, which takes every transfer syntax and writes what comes as it comes.
pub(crate) async fn storescp(folder: &Path, port: u16, options: &[&str]) -> Child {
    let folder = folder.display().to_string();
    let port_text = port.to_string();
    let arguments = ["+xa", "+B", "-aet", "STORESCP", "-od", &folder].into_iter().chain(options.iter().copied());
    listening("storescp", arguments.chain([port_text.as_str()]), port).await
}

/// A script of tests/interop that answers on a port until its standard input ends.
pub(crate) async fn interop_scp(script: &str, port: u16, arguments: &[&str]) -> Child {
    let script = repository::root().join("tests/interop").join(script).display().to_string();
    let port_text = port.to_string();
    let arguments = [script.as_str(), &port_text].into_iter().chain(arguments.iter().copied());
    listening(repository::python(), arguments, port).await
}

/// Starts a program, and waits until it listens.
pub(crate) async fn listening<'a>(program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = &'a str>, port: u16) -> Child {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().expect("the peer is there: run `make setup`");
    wait::until("a peer that listens", Duration::from_secs(60), async || {
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
    })
    .await;
    child
}
