//! `marque gateway log`: the system log.

mod follow;
mod query;
mod when;

use clap::Subcommand;
use serde_json::Value;

use crate::{
    context::Context,
    failure::Outcome,
    gateway::{args::Connection, render},
};

/// The path of the log.
const PATH: [&str; 1] = ["logs"];
/// The most events that the gateway gives at once.
const PAGE_MAX: usize = 1000;

/// What to do with the log.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Prints events that were
    Query(query::Args),
    /// Prints events as they happen, until it is stopped
    Follow(follow::Args),
}

/// Which events.
#[derive(clap::Args, Clone, Debug)]
pub struct Which {
    /// Only events that fit this, in SCIM's notation, such as: eventType eq \"app.oauth2.as.token.revoke\"
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Only events that have these words
    #[arg(long, value_name = "WORDS")]
    q: Option<String>,
}

impl Which {
    fn query(&self) -> Vec<(&str, &str)> {
        let filter = self.filter.as_deref().map(|filter| ("filter", filter));
        filter.into_iter().chain(self.q.as_deref().map(|words| ("q", words))).collect()
    }
}

/// Runs the verb.
///
/// # Errors
/// What it failed with.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    match command {
        Command::Query(args) => query::run(context, connection, args).await,
        Command::Follow(args) => follow::run(context, connection, args).await,
    }
}

/// What columns an event has for people.
const COLUMNS: [&str; 5] = ["time", "event", "result", "by", "about"];

/// An event for people.
fn row(event: &Value) -> [String; 5] {
    let (outcome, reason) = (render::text(&event["outcome"], "result"), render::text(&event["outcome"], "reason"));
    let result = if reason.is_empty() { outcome } else { format!("{outcome} ({reason})") };
    let actor = render::text(&event["actor"], "id");
    let by = if actor.is_empty() { render::text(&event["actor"], "type") } else { actor };
    let targets = event["target"].as_array().map(Vec::as_slice).unwrap_or_default();
    let about = targets.iter().map(|target| format!("{} {}", render::text(target, "type"), render::text(target, "id")));
    [
        render::text(event, "published"),
        render::text(event, "eventType"),
        result,
        by,
        about.collect::<Vec<_>>().join(", "),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_a_row() {
        let event = json!({
            "published": "2027-01-15T08:00:00.007Z",
            "eventType": "app.oauth2.as.token.grant.access_token",
            "actor": { "id": "0oa1", "type": "PublicClientApp" },
            "outcome": { "result": "FAILURE", "reason": "invalid_scope" },
            "target": [{ "type": "a", "id": "1" }, { "type": "b", "id": "2" }],
        });
        let [time, what, result, by, about] = row(&event);
        assert_eq!(
            (time.as_str(), what.as_str()),
            ("2027-01-15T08:00:00.007Z", "app.oauth2.as.token.grant.access_token")
        );
        assert_eq!((result.as_str(), by.as_str(), about.as_str()), ("FAILURE (invalid_scope)", "0oa1", "a 1, b 2"));
        assert_eq!(row(&json!({ "actor": { "type": "SystemPrincipal" } }))[3], "SystemPrincipal");
    }
}
