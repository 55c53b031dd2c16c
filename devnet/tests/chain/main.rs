//! The chain as its clients meet it: each test starts one in this process and talks to it over loopback.

mod common;
mod history;
mod hostile;
mod kill;
mod methods;
mod persistence;
mod pool;
mod sealing;
mod subscriptions;
mod subxt_client;
