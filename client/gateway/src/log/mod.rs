//! The system log: what happened, in the shape of Okta's events, each entry bound to the one before.

mod entry;
mod event;

pub use entry::{Entry, GENESIS, hash};
pub use event::{Actor, Caller, Event, EventType, Lifecycle};
