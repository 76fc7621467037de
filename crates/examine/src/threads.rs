//! The threads a job runs on: its own, and gone when it ends.
//!
//! Invariant: nothing here is called from, or blocks, the threads of whoever waits for a job.

use std::future::Future;

use crate::Error;

/// Runs a future to its end on `threads` threads of its own. May be called from anywhere that may block.
pub(crate) fn block_on<T: Send>(threads: usize, future: impl Future<Output = T> + Send) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.max(1))
        .enable_time()
        .thread_name("tickmark-examine")
        .build()
        .map_err(|error| Error::Job(format!("its threads could not be started: {error}")))?;
    // A runtime may not be entered from a thread of another one; a thread of our own is of none.
    std::thread::scope(|scope| {
        scope
            .spawn(|| runtime.block_on(future))
            .join()
            .map_err(|_| Error::Job("its thread ended without a result".to_owned()))
    })
}
