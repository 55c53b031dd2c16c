//! The system log: what happened, in the shape of Okta's events, each entry bound to the one before.

mod entry;
mod event;
mod filter;
mod query;
mod time;

pub use entry::{Entry, GENESIS, hash};
pub use event::{Actor, Caller, Event, EventType, Lifecycle};
pub use filter::{Filter, FilterError};
pub use query::{LogQuery, QueryError, RETENTION_MS, SortOrder};
