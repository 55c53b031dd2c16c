//! How long a connection may take: for the head of a request, and with nothing to do. While a handler works there is no bound from here:
//! handlers have their own.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
    time::{Instant, sleep_until},
};

/// What is waited for.
#[derive(Clone, Copy)]
enum Phase {
    /// The rest of a request's head, until then.
    Head(Option<Instant>),
    /// The handler.
    Handler,
    /// The next request, or that the client reads the answer, until then.
    Idle(Option<Instant>),
}

/// The pace of one connection.
pub(super) struct Pace {
    header_time_max: Duration,
    idle_max: Duration,
    phase: watch::Sender<Phase>,
}

impl Pace {
    /// Of a connection that begins now.
    pub(super) fn new(header_time_max: Duration, idle_max: Duration) -> Arc<Self> {
        let phase = watch::Sender::new(Phase::Head(after(header_time_max)));
        Arc::new(Self { header_time_max, idle_max, phase })
    }

    /// The head of a request is there.
    pub(super) fn requested(&self) {
        self.phase.send_replace(Phase::Handler);
    }

    /// The handler has answered.
    pub(super) fn answered(&self) {
        self.phase.send_replace(Phase::Idle(after(self.idle_max)));
    }

    /// Bytes came in: the first of a head, if there was nothing to do.
    fn read(&self) {
        self.phase.send_if_modified(|phase| {
            let is_first = matches!(phase, Phase::Idle(_));
            if is_first {
                *phase = Phase::Head(after(self.header_time_max));
            }
            is_first
        });
    }

    /// Bytes went out: the client reads its answer.
    fn wrote(&self) {
        self.phase.send_if_modified(|phase| {
            let is_answer = matches!(phase, Phase::Idle(_));
            if is_answer {
                *phase = Phase::Idle(after(self.idle_max));
            }
            is_answer
        });
    }

    /// Ends when the connection has taken longer than it may.
    pub(super) async fn exceeded(&self) {
        let mut phases = self.phase.subscribe();
        loop {
            let phase = *phases.borrow_and_update();
            let expired = async {
                match phase {
                    Phase::Head(Some(until)) | Phase::Idle(Some(until)) => sleep_until(until).await,
                    Phase::Handler | Phase::Head(None) | Phase::Idle(None) => std::future::pending().await,
                }
            };
            tokio::select! {
                // The phases last as long as this does: there is always another one to hear of.
                _ = phases.changed() => {}
                () = expired => return,
            }
        }
    }
}

/// `None`, never, where the time is so long that there is no such instant.
fn after(time: Duration) -> Option<Instant> {
    Instant::now().checked_add(time)
}

/// A stream whose bytes keep the pace.
pub(super) struct Paced<S> {
    stream: S,
    pace: Arc<Pace>,
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, pace: Arc<Pace>) -> Self {
        Self { stream, pace }
    }

    fn note(&self, written: io::Result<usize>) -> Poll<io::Result<usize>> {
        if matches!(written, Ok(1..)) {
            self.pace.wrote();
        }
        Poll::Ready(written)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.pace.read();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, slices));
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
