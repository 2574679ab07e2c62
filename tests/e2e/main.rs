//! The real binary, driven as its users drive it: by its command line, by DICOM peers of other makers, by HTTP, by a
//! browser. Each scenario runs on the embedded default (SQLite and a folder) and on Postgres and S3.

/// Makes two tests of each scenario `async fn(Site)`: one for each back end.
macro_rules! on_both_back_ends {
    ($($(#[$attribute:meta])* $scenario:ident),+ $(,)?) => {
        mod embedded {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                super::$scenario($crate::back_end::embedded()).await;
            })+
        }
        mod external {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                if let Some(site) = $crate::back_end::external().await {
                    super::$scenario(site).await;
                }
            })+
        }
    };
}

mod audit;
mod availability;
mod back_end;
mod big;
mod calling;
mod coercion;
mod commands;
mod conflicts;
mod crowd;
mod deletion;
mod demo;
mod dicomweb;
mod dimse;
mod forwarding;
mod gdcm;
mod hostile;
mod import;
mod integrity;
mod kill;
mod nodes;
mod peers;
mod pictures;
mod retrieving;
mod secured;
mod shutdown;
mod sweep;
mod tls;
mod transcoding;
mod viewer;
mod workflow;
mod worklist;
