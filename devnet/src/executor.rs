//! Threads for everything that executes the runtime or reads the archive, away from the async runtime's own.
//!
//! Their stacks are large: a call may nest calls up to the bound in `runtime.rs`, and natively each level costs stack.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{Semaphore, oneshot};

/// Stack of each thread. Only the part that is used takes memory.
pub(crate) const STACK_BYTES: usize = 128 * 1024 * 1024;
/// Jobs that may wait for a thread; who comes later waits outside.
const QUEUE_MAX: usize = 256;

type Job = Box<dyn FnOnce() + Send>;

/// A job found no thread: the chain is stopping, or the job panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the chain is stopping")]
pub(crate) struct Stopped;

/// A handle to the threads.
pub(crate) struct Executor {
    /// `None` once stopped; the threads end when the sender is gone.
    jobs: Mutex<Option<Sender<Job>>>,
    slots: Arc<Semaphore>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Executor {
    /// Starts the threads.
    pub(crate) fn start() -> std::io::Result<Self> {
        let count = std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, 8));
        let (sender, receiver) = channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        let threads = (0..count)
            .map(|index| {
                let receiver = receiver.clone();
                std::thread::Builder::new()
                    .name(format!("devnet-{index}"))
                    .stack_size(STACK_BYTES)
                    .spawn(move || work(&receiver))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            jobs: Mutex::new(Some(sender)),
            slots: Arc::new(Semaphore::new(QUEUE_MAX)),
            threads: Mutex::new(threads),
        })
    }

    /// Runs `job` on one of the threads.
    pub(crate) async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, Stopped> {
        let slot = self.slots.clone().acquire_owned().await.map_err(|_| Stopped)?;
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move || {
            // The caller may have hung up; nobody else wants the answer.
            let _ = reply.send(job());
            drop(slot);
        });
        {
            let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.as_ref().ok_or(Stopped)?.send(job).map_err(|_| Stopped)?;
        }
        answer.await.map_err(|_| Stopped)
    }

    /// Finishes what is queued and ends the threads. Blocks.
    pub(crate) fn stop(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("an execution thread had panicked");
            }
        }
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A defect in one answer must not take the thread from all others; the caller sees its reply dropped.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
            tracing::error!("a request panicked outside the runtime: this is a defect of the devnet");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panicking_job_costs_only_its_own_answer() {
        let executor = Executor::start().unwrap();
        for _ in 0..20 {
            assert_eq!(executor.run(|| panic!("on purpose")).await.map(|()| 0), Err(Stopped));
        }
        assert_eq!(executor.run(|| 5).await, Ok(5));
        executor.stop();
        assert_eq!(executor.run(|| 6).await, Err(Stopped));
    }
}
