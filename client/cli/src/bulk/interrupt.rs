//! Ctrl-C during a run: the first one asks it to stop, the second one ends it.

use std::io::IsTerminal;

use tokio::sync::oneshot;

use crate::{
    failure::{Failure, Kind, Outcome},
    output::Output,
};

/// Catches interruptions from now on. The first one is told by the receiver; the second one ends the process at once, wherever the
/// run is: what the journal lacks then, be it half a line, the next run finds on the chain.
///
/// # Errors
/// When signals can't be caught.
pub fn catch(output: Output) -> Outcome<oneshot::Receiver<()>> {
    let mut interruptions = Interruptions::new()
        .map_err(|error| Failure::new(Kind::Failed, format!("cannot wait for signals: {error}")))?;
    let (ask, asked) = oneshot::channel();
    tokio::spawn(async move {
        interruptions.next().await;
        // A run that is at its end does not listen any more.
        let _ = ask.send(());
        interruptions.next().await;
        end(output)
    });
    Ok(asked)
}

fn end(output: Output) -> ! {
    if std::io::stderr().is_terminal() {
        // Below the progress bar.
        output.note("");
    }
    output.failure(
        &Failure::new(Kind::Interrupted, "stopped at once, with transactions under way")
            .hint("run the same command again: it goes on where it was, and finds on the chain what they did"),
    );
    std::process::exit(Kind::Interrupted.exit_code().into())
}

/// SIGINT, or what the system has in its place.
struct Interruptions {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
    #[cfg(windows)]
    signal: tokio::signal::windows::CtrlC,
}

impl Interruptions {
    fn new() -> std::io::Result<Self> {
        #[cfg(unix)]
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        #[cfg(windows)]
        let signal = tokio::signal::windows::ctrl_c()?;
        Ok(Self { signal })
    }

    async fn next(&mut self) {
        if self.signal.recv().await.is_none() {
            // There will be no more of them.
            std::future::pending::<()>().await;
        }
    }
}
