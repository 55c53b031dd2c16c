//! The built charging station on the built contracts that it asks, called as a chain calls it.

mod charge;
mod contract;
mod history;
mod input;
mod midway;
mod money;
mod refusals;
mod scene;
mod unavailable;
