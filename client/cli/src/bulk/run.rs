//! The run as a whole: what is still to do, several batches at once, and what is said of it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde_json::json;
use tokio::task::JoinSet;

use super::{
    batch::{Done, Work},
    beside, interrupt,
    journal::{Entry, Journal},
    report::{Counts, Errors, FailedRow},
    rows::{self, Spec},
};
use crate::{
    context::Context,
    failure::{Failure, Kind, Outcome},
    output,
    progress::{Progress, per_second},
    render,
};
use marque_sdk::did;

/// How a file is registered.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file.
    pub file: PathBuf,
    /// Devices in one transaction.
    pub batch_size: usize,
    /// Transactions under way at once.
    pub in_flight: usize,
}

/// A run under way.
struct Run<'a> {
    context: &'a Context,
    journal: Journal,
    errors: Errors,
    progress: Progress,
    counts: Counts,
    fee: u128,
}

/// Registers the devices of a file.
///
/// # Errors
/// When the file makes no sense, a row failed, a transaction as a whole failed, or the run was interrupted.
pub async fn run(context: &Context, work: Work, options: &Options) -> Outcome {
    let rows = rows::read(&options.file)?;
    let registry = did::format_registry_id(&work.session.registry_id());
    let journal = Journal::open(&beside(&options.file, ".marque-progress"), &registry)?;
    let errors = Errors::begin(beside(&options.file, ".errors.jsonl"))?;
    let progress = Progress::start(rows.len() as u64, context.output.is_json());
    let mut run = Run { context, journal, errors, progress, counts: Counts::default(), fee: 0 };
    let pending = run.sort_out(&work, rows)?;
    let stopped = run.register(work, pending, options).await?;
    run.finish(stopped)
}

impl Run<'_> {
    /// What is still to do: rows that can't be read have failed, and what the journal has is done.
    fn sort_out(&mut self, work: &Work, rows: rows::Rows) -> Outcome<Vec<(u64, Spec)>> {
        let mut pending = Vec::new();
        for (line, row) in rows {
            let spec = match row {
                Ok(spec) => spec,
                Err(reason) => {
                    self.fail(&FailedRow { line, device: None, reason })?;
                    continue;
                }
            };
            let device = work.device_of(&spec).ok().flatten();
            if device.is_some_and(|device| self.journal.has(&did::format_device_id(&device))) {
                self.counts.already += 1;
                self.progress.advance(1);
            } else {
                pending.push((line, spec));
            }
        }
        Ok(pending)
    }

    /// Registers what is pending; why it stopped before the end, if it did.
    async fn register(&mut self, work: Work, pending: Vec<(u64, Spec)>, options: &Options) -> Outcome<Option<Failure>> {
        let work = Arc::new(work);
        let mut pending = pending.into_iter();
        let mut running: JoinSet<Outcome<Done>> = JoinSet::new();
        let mut stopped: Option<Failure> = None;
        let mut interruption = interrupt::catch(self.context.output)?;
        let mut is_interrupted = false;
        loop {
            while stopped.is_none() && running.len() < options.in_flight {
                let batch: Vec<_> = pending.by_ref().take(options.batch_size).collect();
                if batch.is_empty() {
                    break;
                }
                let work = work.clone();
                running.spawn(async move { work.register(batch).await });
            }
            tokio::select! {
                joined = running.join_next() => match joined {
                    None => return Ok(stopped),
                    Some(Ok(Ok(done))) => self.note(done)?,
                    Some(Ok(Err(failure))) => stopped = stopped.or(Some(failure)),
                    Some(Err(error)) => {
                        stopped = stopped.or_else(|| Some(Failure::new(Kind::Failed, format!("a batch ended by a defect: {error}"))));
                    }
                },
                _ = &mut interruption, if !is_interrupted => {
                    is_interrupted = true;
                    self.context.output.note("stopping after what is under way … (Ctrl-C again stops at once)");
                    let failure = Failure::new(Kind::Interrupted, "interrupted before the end of the file");
                    stopped = stopped.or(Some(failure));
                }
            }
        }
    }

    /// Writes down what became of a batch.
    fn note(&mut self, done: Done) -> Outcome {
        let entries = done.registered.iter().chain(&done.already);
        let entries = entries.map(|(line, device)| Entry { line: *line, device: device.clone() }).collect();
        self.journal.append(entries)?;
        let (registered, already) = (done.registered.len() as u64, done.already.len() as u64);
        self.counts.registered += registered;
        self.counts.already += already;
        self.fee = self.fee.saturating_add(done.fee.unwrap_or(0));
        self.progress.advance(registered + already);
        let failed = done.failed.len();
        for row in done.failed {
            self.fail(&row)?;
        }
        if self.context.output.is_json() {
            let line =
                json!({"batch": {"registered": registered, "already": already, "failed": failed, "block": done.block}});
            self.context.output.result(&line, String::new)?;
        }
        Ok(())
    }

    fn fail(&mut self, row: &FailedRow) -> Outcome {
        self.counts.failed += 1;
        self.progress.advance(1);
        self.errors.add(row)
    }

    /// The summary, and the failure if there is one.
    fn finish(self, stopped: Option<Failure>) -> Outcome {
        let elapsed = self.progress.finish();
        let (failed, errors_file) = self.errors.finish()?;
        let counts = self.counts;
        let rate = per_second(counts.registered, elapsed);
        let summary = json!({"summary": {
            "registered": counts.registered,
            "already": counts.already,
            "failed": failed,
            "complete": stopped.is_none(),
            "seconds": elapsed.as_secs_f64(),
            "per_second": rate,
            "fee": self.fee.to_string(),
            "errors_file": errors_file,
        }});
        self.context.output.result(&summary, || summary_text(counts, elapsed, self.fee))?;
        match (stopped, errors_file) {
            (Some(failure), _) => {
                let hint = "run the same command again: it goes on where it was";
                let hint = failure.hint.as_ref().map_or(hint.to_owned(), |first| format!("{first}; then {hint}"));
                Err(failure.hint(hint))
            }
            (None, Some(path)) => Err(Failure::new(Kind::Failed, format!("{failed} rows failed"))
                .hint(format!("see {}; correct those rows and run the same command again", path.display()))),
            (None, None) => Ok(()),
        }
    }
}

fn summary_text(counts: Counts, elapsed: Duration, fee: u128) -> String {
    let Counts { registered, already, failed } = counts;
    let rate = per_second(registered, elapsed);
    let secs = elapsed.as_secs_f64();
    let head = output::styled(output::GOOD, format!("{registered} registered"));
    let rest = format!("{already} were registered already, {failed} failed");
    format!("{head}, {rest}; {secs:.1} s, {rate:.0} devices/s, fees {}", render::amount(fee))
}
