//! Work that goes on when whoever waits for it goes away.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;

/// A future that is run where it is waited for, and as a task of its own from the moment that nobody waits any more.
/// A task from the start would do as well, but another thread has to wake up for it.
pub(crate) struct CarriedThrough<T: Send + 'static>(Option<BoxFuture<'static, T>>);

impl<T: Send + 'static> CarriedThrough<T> {
    pub(crate) fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl<T: Send + 'static> Future for CarriedThrough<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Taken while it runs: work that panics is not run again.
        let mut work = self.0.take().expect("polled after its end");
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.0 = Some(work);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for CarriedThrough<T> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_ends_whether_or_not_somebody_waits() {
        for waits in [true, false] {
            let ((go, gone), (done, ended)) = (oneshot::channel(), oneshot::channel());
            let mut work = CarriedThrough::new(async move {
                gone.await.expect("told to go on");
                done.send(()).expect("somebody looks");
                7
            });
            assert!(poll!(&mut work).is_pending());
            if waits {
                go.send(()).expect("it goes on");
                assert_eq!(work.await, 7);
            } else {
                drop(work);
                go.send(()).expect("it goes on");
            }
            ended.await.expect("it ended");
        }
    }
}
