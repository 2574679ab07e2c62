//! An S3 server of the tests' own (s3s-fs), spoken to over HTTP like any other.

use std::path::PathBuf;
use std::sync::OnceLock;

use axum::Router;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;

const ACCESS_KEY_ID: &str = "filmless-test";
const SECRET_ACCESS_KEY: &str = "filmless-test-secret";
const REGION: &str = "us-east-1";

/// A running server. It ends with the process of the test.
#[derive(Debug)]
pub struct S3Server {
    endpoint: String,
    root: TempDir,
}

/// A bucket of it, and how to reach it.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// `http://127.0.0.1:PORT`
    pub endpoint: String,
    /// The region it was made in.
    pub region: String,
    /// The bucket's name.
    pub name: String,
    /// The access key.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// Where the server keeps the objects, for tests that damage them.
    pub folder: PathBuf,
}

impl S3Server {
    /// The server of this process, started when first asked for. It has a thread of its own, so that it outlives the
    /// runtime of the test that started it.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<S3Server> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let root = tempfile::Builder::new().prefix("filmless-s3-").tempdir().expect("a temporary folder");
        let file_system = FileSystem::new(root.path()).expect("s3s-fs takes an empty folder");
        let mut builder = S3ServiceBuilder::new(file_system);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        let service = HandleError::new(builder.build(), async |_error| StatusCode::INTERNAL_SERVER_ERROR);

        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener can be non-blocking");
        let endpoint = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
        std::thread::Builder::new()
            .name("s3".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
                runtime.expect("a runtime").block_on(async move {
                    let listener = tokio::net::TcpListener::from_std(listener).expect("a listening socket");
                    axum::serve(listener, Router::new().fallback_service(service)).await.expect("the S3 server serves");
                });
            })
            .expect("a thread");
        Self { endpoint, root }
    }

    /// A new, empty bucket. The name must be new too.
    pub fn bucket(&self, name: &str) -> Bucket {
        let folder = self.root.path().join(name);
        std::fs::create_dir(&folder).expect("a bucket of a new name");
        Bucket {
            endpoint: self.endpoint.clone(),
            region: REGION.to_owned(),
            name: name.to_owned(),
            access_key_id: ACCESS_KEY_ID.to_owned(),
            secret_access_key: SECRET_ACCESS_KEY.to_owned(),
            folder,
        }
    }
}
