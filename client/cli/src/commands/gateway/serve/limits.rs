//! How much clients may ask for.

use marque_gateway::limit::Limits;

use crate::failure::{Failure, Outcome};

/// Limits by the minute, at each authorization server.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitsArgs {
    /// Requests per minute, by all
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().per_server)]
    limit: u32,
    /// Requests per minute from one address
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().per_address)]
    limit_per_address: u32,
    /// What one client may use of --limit, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = Limits::default().per_client_percent)]
    limit_per_client: u32,
}

impl LimitsArgs {
    /// The limits.
    ///
    /// # Errors
    /// When they are out of bounds.
    pub fn limits(&self) -> Outcome<Limits> {
        let limits = Limits {
            per_server: self.limit,
            per_address: self.limit_per_address,
            per_client_percent: self.limit_per_client,
            ..Limits::default()
        };
        limits.validate().map_err(|error| Failure::usage(error.to_string()))?;
        Ok(limits)
    }
}
