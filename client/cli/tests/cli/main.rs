//! The program as a user runs it.

mod access;
mod bulk;
mod common;
mod config;
mod demo;
mod gateway;
mod life;
mod secrets;
mod tokens;
mod usage;
