//! How an association ends from its requestor's side (PS3.8 table 9-10, Sta7, Sta9, Sta11 and Sta13).

use std::time::Duration;

use dicom_ul::pdu::Pdu;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::connection::Connection;
use crate::pdu::{Abort, AbortReason, Arrival, encode, encode_abort};

/// How long a peer has to close, so that it reads what was said last.
const LAST: Duration = Duration::from_secs(1);

/// AR-1, Sta7: asks for release, and waits for the answer as long as `artim`.
pub(super) async fn release<S>(mut connection: Connection<S>, artim: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if connection.send(&encode(&Pdu::ReleaseRQ)).await.is_err() {
        return;
    }
    let deadline = Instant::now() + artim;
    let mut collided = false;
    loop {
        let abort = match tokio::time::timeout_at(deadline, connection.next()).await {
            // AR-3.
            Ok(Arrival::ReleaseResponse) => return connection.close().await,
            // AA-4 and AA-3.
            Ok(Arrival::Closed | Arrival::Abort { .. }) => return,
            // AR-8, Sta9: both sides release, and who asked for the association answers first. AR-9, Sta11.
            Ok(Arrival::ReleaseRequest) if !collided => {
                collided = true;
                match connection.send(&encode(&Pdu::ReleaseRP)).await {
                    Ok(()) => continue,
                    Err(_) => return,
                }
            }
            // AR-6.
            Ok(Arrival::Fragment(_)) if !collided => continue,
            // AA-8.
            Ok(Arrival::Invalid(reason)) => Abort::ServiceProvider(reason),
            Ok(_) => Abort::ServiceProvider(AbortReason::UnexpectedPdu),
            // AA-1.
            Err(_) => Abort::ServiceUser,
        };
        return say_last(connection, &encode_abort(abort)).await;
    }
}

/// Says the last PDU and leaves closing to the peer: Sta13, for a while.
pub(super) async fn say_last<S>(mut connection: Connection<S>, pdu: &[u8])
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if connection.send(pdu).await.is_err() {
        return;
    }
    // AA-6, until AR-5 or AA-2.
    let close = async { while !matches!(connection.next().await, Arrival::Closed | Arrival::Abort { .. }) {} };
    let _ = tokio::time::timeout(LAST, close).await;
}
