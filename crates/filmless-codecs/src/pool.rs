//! The service's side: workers are started when needed, kept while there is work, and replaced when they fail.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::CodecError;
use crate::codec::Codec;
use crate::frame_spec::{DecodedFrame, EncodedFrame, FrameSpec};
use crate::protocol::{self, Answer, Greeting, Operation, RESPONSE_OVERHEAD};
use crate::worker::perform;

/// What decoding and encoding may take.
#[derive(Debug, Clone)]
pub struct CodecLimits {
    /// Frames decoded and encoded at once, and so worker processes at most.
    pub workers: usize,
    /// Address space of a worker process.
    pub memory_bytes: u64,
    /// Bytes of one decoded frame.
    pub max_decoded_bytes: u64,
    /// Bytes of one codestream.
    pub max_codestream_bytes: u64,
    /// Time for one frame.
    pub time_limit: Duration,
    /// How long a frame waits for a free worker.
    pub wait_limit: Duration,
    /// How long a worker stays without work.
    pub idle_limit: Duration,
    /// Program and arguments of a worker; empty for this program with the argument `codec-worker`.
    pub worker_command: Vec<OsString>,
}

impl Default for CodecLimits {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get),
            memory_bytes: 1 << 30,
            max_decoded_bytes: 256 << 20,
            max_codestream_bytes: 256 << 20,
            time_limit: Duration::from_secs(30),
            wait_limit: Duration::from_mins(1),
            idle_limit: Duration::from_mins(1),
            worker_command: Vec::new(),
        }
    }
}

/// Decodes and encodes frames. Clones share their workers.
#[derive(Debug, Clone)]
pub struct Codecs(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: CodecLimits,
    permits: Semaphore,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    /// The one used last is used next, so that those not needed grow old.
    workers: Vec<(Worker, Instant)>,
    /// Whether a task is waiting for them to grow old.
    reaped: bool,
}

impl Codecs {
    /// Starts nothing yet.
    pub fn new(limits: CodecLimits) -> Self {
        let permits = Semaphore::new(limits.workers.clamp(1, Semaphore::MAX_PERMITS));
        Self(Arc::new(Shared { limits, permits, idle: Mutex::default() }))
    }

    /// Decodes one frame. Dropping the future stops the worker that is at it.
    ///
    /// Runs in a Tokio runtime with I/O and time enabled.
    pub async fn decode(&self, spec: &FrameSpec, codestream: Bytes) -> Result<DecodedFrame, CodecError> {
        let (length, limit) = (codestream.len() as u64, self.0.limits.max_codestream_bytes);
        if length > limit {
            return Err(CodecError::TooLarge { bytes: length, limit });
        }
        let answer = self.perform(Operation::Decode, spec, codestream).await?;
        Ok(DecodedFrame { samples: answer.bytes, bits_allocated: answer.bits_allocated, photometric: answer.photometric })
    }

    /// Encodes one frame into the transfer syntax of its description. `samples` are as [`Self::decode`] gives them.
    ///
    /// Dropping the future stops the worker that is at it. Runs in a Tokio runtime with I/O and time enabled.
    pub async fn encode(&self, spec: &FrameSpec, samples: Bytes) -> Result<EncodedFrame, CodecError> {
        let answer = self.perform(Operation::Encode, spec, samples).await?;
        Ok(EncodedFrame { codestream: answer.bytes, photometric: answer.photometric })
    }

    async fn perform(&self, operation: Operation, spec: &FrameSpec, bytes: Bytes) -> Result<Answer, CodecError> {
        let limits = &self.0.limits;
        let Some(codec) = Codec::of(&spec.transfer_syntax) else {
            return Err(CodecError::Unsupported(format!("transfer syntax {}", spec.transfer_syntax)));
        };
        spec.check(limits.max_decoded_bytes)?;
        let permit = timeout(limits.wait_limit, self.0.permits.acquire()).await.map_err(|_| CodecError::Busy)?;
        let _permit = permit.expect("the semaphore is never closed");
        if codec.needs_worker() {
            return self.perform_in_worker(operation, spec, &bytes).await;
        }
        let (spec, limit) = (spec.clone(), limits.max_decoded_bytes);
        let answer = tokio::task::spawn_blocking(move || perform(operation, &spec, &bytes, limit)).await;
        // A panic ends here: spawn_blocking catches it.
        answer.unwrap_or(Err(CodecError::Crashed))
    }

    /// Process ids of the workers that wait for work, for diagnosis.
    pub fn idle_workers(&self) -> Vec<u32> {
        self.0.idle().workers.iter().filter_map(|(worker, _)| worker.child.id()).collect()
    }

    async fn perform_in_worker(&self, operation: Operation, spec: &FrameSpec, bytes: &[u8]) -> Result<Answer, CodecError> {
        let shared = &self.0;
        let reused = shared.idle().take();
        if let Some(worker) = reused {
            match self.exchange(worker, operation, spec, bytes).await {
                // It may have been dead before: the frame gets a second chance, and a deadly frame no third.
                Err(CodecError::Crashed) => {}
                answer => return answer,
            }
        }
        let worker = Worker::start(&shared.limits).await.map_err(CodecError::Worker)?;
        self.exchange(worker, operation, spec, bytes).await
    }

    /// One request and its response. A worker that does not answer well is not used again: dropping it kills it.
    async fn exchange(
        &self,
        mut worker: Worker,
        operation: Operation,
        spec: &FrameSpec,
        bytes: &[u8],
    ) -> Result<Answer, CodecError> {
        let limits = &self.0.limits;
        let expected = match operation {
            Operation::Decode => spec.decoded_bytes(),
            // Noise grows when it is compressed, and so do a few pixels with their codestream's header.
            Operation::Encode => spec.decoded_bytes().saturating_mul(2).saturating_add(64 << 10),
        };
        let limit = expected.saturating_add(RESPONSE_OVERHEAD);
        let request = protocol::encode_request(operation, spec);
        let answer = timeout(limits.time_limit, worker.exchange(&request, bytes, limit)).await;
        let response = match answer {
            Err(_) => {
                tracing::warn!(transfer_syntax = %spec.transfer_syntax, "codec worker exceeded its time limit and is stopped");
                return Err(CodecError::TimedOut);
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => return Err(CodecError::Protocol),
            Ok(Err(error)) => {
                tracing::warn!(transfer_syntax = %spec.transfer_syntax, %error, "codec worker ended during a frame");
                return Err(CodecError::Crashed);
            }
            Ok(Ok(response)) => protocol::decode_response(response).ok_or(CodecError::Protocol)?,
        };
        self.0.keep(worker);
        response
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(self: &Arc<Self>, worker: Worker) {
        let mut idle = self.idle();
        idle.workers.push((worker, Instant::now()));
        if !std::mem::replace(&mut idle.reaped, true) {
            tokio::spawn(reap(Arc::downgrade(self), self.limits.idle_limit));
        }
    }
}

impl Idle {
    /// The youngest that is still alive.
    fn take(&mut self) -> Option<Worker> {
        while let Some((mut worker, _)) = self.workers.pop() {
            if matches!(worker.child.try_wait(), Ok(None)) {
                return Some(worker);
            }
        }
        None
    }
}

/// Stops workers that have been idle for long; ends with the last of them, or with the pool.
async fn reap(shared: Weak<Shared>, idle_limit: Duration) {
    loop {
        tokio::time::sleep(idle_limit.max(Duration::from_millis(1))).await;
        let Some(shared) = shared.upgrade() else { return };
        let mut idle = shared.idle();
        idle.workers.retain(|(_, since)| since.elapsed() < idle_limit);
        if idle.workers.is_empty() {
            idle.reaped = false;
            return;
        }
    }
}

/// A worker process and its ends of the pipes.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Worker {
    async fn start(limits: &CodecLimits) -> io::Result<Self> {
        let (program, arguments) = match limits.worker_command.split_first() {
            Some((program, arguments)) => (PathBuf::from(program), arguments.to_vec()),
            None => (std::env::current_exe()?, vec!["codec-worker".into()]),
        };
        let mut child = Command::new(program)
            .args(arguments)
            // Settings and secrets of the service are none of a decoder's business.
            .env_clear()
            // A heap of its own for the watchdog's thread would take up to 64 MiB of the address space that a frame may have.
            .env("MALLOC_ARENA_MAX", "1")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = pipes else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let mut worker = Self { child, input, output };
        let greeting = Greeting {
            memory_bytes: limits.memory_bytes,
            max_decoded_bytes: limits.max_decoded_bytes,
            max_request_bytes: limits.max_codestream_bytes.max(limits.max_decoded_bytes).saturating_add(RESPONSE_OVERHEAD),
            time_limit_ms: u64::try_from(limits.time_limit.as_millis()).unwrap_or(u64::MAX),
        };
        worker.send(&greeting.encode(), &[]).await?;
        Ok(worker)
    }

    async fn send(&mut self, head: &[u8], body: &[u8]) -> io::Result<()> {
        let head = [protocol::message_length(head, body)?.as_slice(), head].concat();
        self.input.write_all(&head).await?;
        self.input.write_all(body).await?;
        self.input.flush().await
    }

    async fn exchange(&mut self, request: &[u8], bytes: &[u8], limit: u64) -> io::Result<Vec<u8>> {
        self.send(request, bytes).await?;
        let length = u64::from(self.output.read_u32_le().await?);
        if length > limit {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::InvalidData)?;
        let mut response = vec![0; length];
        self.output.read_exact(&mut response).await?;
        Ok(response)
    }
}
