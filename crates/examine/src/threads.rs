//! The threads a job runs on: its own, and gone when it ends.
//!
//! Invariant: nothing here is called from, or blocks, the threads of whoever waits for a job.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
};

use tokio::runtime::{Builder, Runtime};

use crate::Error;

/// Plans are walked through call by call: a query of a few hundred operators needs more than a thread has by itself.
const STACK: usize = 16 << 20;

/// Threads for the engine's own tasks, and as many on which tests are planned and their rows counted.
#[derive(Debug)]
pub(crate) struct Threads {
    count: usize,
    runtime: Runtime,
}

impl Threads {
    /// Starts them.
    pub(crate) fn new(count: usize) -> Result<Self, Error> {
        let count = count.max(1);
        let runtime = Builder::new_multi_thread()
            .worker_threads(count)
            .thread_stack_size(STACK)
            .enable_time()
            .thread_name("tickmark-examine")
            .build()
            .map_err(|error| Error::Job(format!("its threads could not be started: {error}")))?;
        Ok(Self { count, runtime })
    }

    /// Runs a future to its end. May be called from anywhere that may block.
    pub(crate) fn block_on<T: Send>(&self, future: impl Future<Output = T> + Send) -> Result<T, Error> {
        // A runtime may not be entered from a thread of another one; a thread of our own is of none.
        std::thread::scope(|scope| {
            with_stack(scope, || self.runtime.block_on(future))?
                .join()
                .map_err(|_| Error::Job("its thread ended without a result".to_owned()))
        })
    }

    /// Runs futures to their ends, as many at a time as there are threads; gives the results in the order of the futures.
    pub(crate) fn all<T: Send, F: Future<Output = T> + Send>(&self, futures: Vec<F>) -> Result<Vec<T>, Error> {
        let total = futures.len();
        let waiting = Mutex::new(futures.into_iter().enumerate());
        let ended = Mutex::new(Vec::with_capacity(total));
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        std::thread::scope(|scope| {
            let work = || {
                while let Some((number, future)) = next() {
                    let result = self.runtime.block_on(future);
                    ended.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
                }
            };
            let running: Vec<_> = (0..self.count.min(total)).filter_map(|_| with_stack(scope, work).ok()).collect();
            for thread in running {
                // A thread that panicked left its result out, which is noticed below.
                let _ = thread.join();
            }
        });
        let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
        if ended.len() != total {
            return Err(Error::Job("a thread ended without a result".to_owned()));
        }
        ended.sort_by_key(|(number, _)| *number);
        Ok(ended.into_iter().map(|(_, result)| result).collect())
    }
}

/// Runs one future on threads that end with it.
pub(crate) fn block_on<T: Send>(count: usize, future: impl Future<Output = T> + Send) -> Result<T, Error> {
    Threads::new(count)?.block_on(future)
}

/// Starts a thread with room for deep plans.
fn with_stack<'scope, T: Send + 'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<std::thread::ScopedJoinHandle<'scope, T>, Error> {
    let started = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
    started.map_err(|error| Error::Job(format!("its threads could not be started: {error}")))
}
