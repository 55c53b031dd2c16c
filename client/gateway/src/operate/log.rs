//! Reading the system log.

use serde_json::Value;

use super::ChangeError;
use crate::{
    gateway::Gateway,
    log::{LogQuery, RETENTION_MS, SortOrder},
    store::LogRange,
};

/// Entries that are looked at together.
const PAGE: u32 = 1000;
/// The most entries that are looked at for one answer: who looks for little in much follows the link to what comes next.
const LOOKED_AT_MAX: u32 = 50_000;

/// A part of the log.
#[derive(Clone, PartialEq, Debug)]
pub struct LogPage {
    /// The events that were asked for.
    pub events: Vec<Value>,
    /// The number of the last entry that was looked at.
    pub last: Option<u64>,
    /// Whether there are entries that were not looked at.
    pub has_more: bool,
}

impl Gateway {
    /// Reads the part of the log that is asked for.
    ///
    /// # Errors
    /// [`ChangeError::Store`].
    pub async fn read_log(&self, query: &LogQuery) -> Result<LogPage, ChangeError> {
        let descending = query.order == SortOrder::Descending;
        let until_ms = query.until_ms.unwrap_or(i64::MAX as u64);
        let mut range = LogRange { past: query.after, since_ms: query.since_ms, until_ms, descending, limit: PAGE };
        let mut page = LogPage { events: Vec::new(), last: query.after, has_more: true };
        for _ in 0..LOOKED_AT_MAX / PAGE {
            let entries = self.parts.store.entries(range).await?;
            page.has_more = entries.len() == PAGE as usize;
            for (place, entry) in entries.iter().enumerate() {
                if page.events.len() == query.limit as usize {
                    page.has_more |= place < entries.len();
                    return Ok(page);
                }
                let event: Value = serde_json::from_str(&entry.body).unwrap_or_default();
                if query.matches(entry, &event) {
                    page.events.push(event);
                }
                page.last = Some(entry.number);
            }
            if !page.has_more {
                return Ok(page);
            }
            range.past = page.last;
        }
        Ok(page)
    }

    /// Drops what the log keeps no longer. Call it now and then.
    ///
    /// # Errors
    /// [`ChangeError::Store`].
    pub async fn tidy_log(&self) -> Result<u64, ChangeError> {
        Ok(self.parts.store.drop_entries(self.now_ms().saturating_sub(RETENTION_MS)).await?)
    }
}
