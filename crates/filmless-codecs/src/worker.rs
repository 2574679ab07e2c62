//! The worker's side: one frame after the other until the input ends, inside limits it puts on itself first.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::CodecError;
use crate::codec::{decode_here, encode_here};
use crate::frame_spec::FrameSpec;
use crate::protocol::{Answer, Greeting, Operation, decode_request, encode_response, read_message, write_message};

/// The worker's own time limit is this many times the service's, which normally acts first.
const SELF_LIMIT_FACTOR: u32 = 3;

/// Serves requests to decode and to encode on standard input and output; ends the process when the input ends.
///
/// The command `filmless codec-worker` is nothing but this. It reads no configuration and no environment.
pub fn run() -> ! {
    let served = serve(&mut io::stdin().lock(), &mut io::stdout().lock());
    std::process::exit(i32::from(served.is_err()))
}

fn serve(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let greeting = read_message(input, 1024)?.as_deref().and_then(Greeting::decode);
    let greeting = greeting.ok_or(io::ErrorKind::InvalidData)?;
    // Before the limit on memory: a thread's stack is address space too.
    let watchdog = Watchdog::start(Duration::from_millis(greeting.time_limit_ms).saturating_mul(SELF_LIMIT_FACTOR))?;
    limit(Resource::As, greeting.memory_bytes)?;
    limit(Resource::Core, 0)?;
    // A decoder opens no files; what is open stays open.
    limit(Resource::Fsize, 0)?;
    while let Some(request) = read_message(input, greeting.max_request_bytes)? {
        let (operation, spec, bytes) = decode_request(&request).ok_or(io::ErrorKind::InvalidData)?;
        watchdog.begin();
        let answer = catch_unwind(AssertUnwindSafe(|| perform(operation, &spec, bytes, greeting.max_decoded_bytes)))
            .unwrap_or_else(|_| Err(CodecError::Corrupt("the codec gave up".into())));
        watchdog.end();
        let bytes = answer.as_ref().map_or(&[][..], |answer| &answer.bytes);
        write_message(output, &encode_response(&answer), bytes)?;
    }
    Ok(())
}

/// Decodes or encodes in this thread and process.
pub(crate) fn perform(
    operation: Operation,
    spec: &FrameSpec,
    bytes: &[u8],
    max_decoded_bytes: u64,
) -> Result<Answer, CodecError> {
    match operation {
        Operation::Decode => decode_here(spec, bytes, max_decoded_bytes).map(Answer::decoded),
        Operation::Encode => encode_here(spec, bytes, max_decoded_bytes).map(|frame| Answer::encoded(frame, spec)),
    }
}

/// Lowers a limit for good; never raises one that is lower already.
fn limit(resource: Resource, bytes: u64) -> io::Result<()> {
    let least = getrlimit(resource).maximum.map_or(bytes, |maximum| maximum.min(bytes));
    setrlimit(resource, Rlimit { current: Some(least), maximum: Some(least) })?;
    Ok(())
}

/// Ends the process when a frame takes too long: a service that was killed cannot stop its workers any more, and a
/// worker in an endless loop does not notice that its input has ended.
struct Watchdog(mpsc::SyncSender<bool>);

impl Watchdog {
    fn start(time_limit: Duration) -> io::Result<Self> {
        let (sender, frames) = mpsc::sync_channel(1);
        let watch = move || {
            while let Ok(begun) = frames.recv() {
                if begun && frames.recv_timeout(time_limit) == Err(RecvTimeoutError::Timeout) {
                    std::process::abort();
                }
            }
        };
        std::thread::Builder::new().name("watchdog".into()).stack_size(64 << 10).spawn(watch)?;
        Ok(Self(sender))
    }

    fn begin(&self) {
        // The receiver lives as long as the process.
        let _ = self.0.send(true);
    }

    fn end(&self) {
        let _ = self.0.send(false);
    }
}
