//! `marque gateway log query`

use serde_json::Value;

use super::{COLUMNS, PAGE_MAX, PATH, Which, row, when};
use crate::{
    context::Context,
    duration::When,
    failure::Outcome,
    gateway::{Client, args::Connection, render},
};

const EXAMPLES: &str = "\
Examples:
  marque gateway log query --since 2h
  marque gateway log query --filter 'eventType eq \"app.oauth2.as.token.grant.access_token\" and outcome.result eq \"FAILURE\"'
  marque gateway log query --since 2027-01-01T00:00:00Z --until 2027-01-02T00:00:00Z --limit 10000 --json > day.jsonl

Without --since it is the last seven days.";

/// The most events that are asked for in all.
const LIMIT_MAX: u64 = 100_000;

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// From when on: a time, or so long ago
    #[arg(long, value_name = "WHEN", value_parser = when::parse)]
    since: Option<When>,
    /// Until when: a time, or so long ago
    #[arg(long, value_name = "WHEN", value_parser = when::parse)]
    until: Option<When>,
    #[command(flatten)]
    which: Which,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=LIMIT_MAX))]
    limit: u64,
    /// The last ones first
    #[arg(long)]
    descending: bool,
}

/// Prints events that were.
///
/// # Errors
/// When the filter can't be read, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, args: Args) -> Outcome {
    let client = connection.client(context)?;
    let events = args.read(&client).await?;
    if context.output.is_json() {
        return events.iter().try_for_each(|event| context.output.result(event, String::new));
    }
    context.output.text(&render::table(COLUMNS, &events, "no events", row))
}

impl Args {
    async fn read(&self, client: &Client) -> Outcome<Vec<Value>> {
        let now_ms = when::now_ms();
        let time = |when: Option<When>| when.map(|when| when::text(when, now_ms));
        let (since, until) = (time(self.since), time(self.until));
        let limit = usize::try_from(self.limit).unwrap_or(PAGE_MAX);
        let (mut events, mut after) = (Vec::new(), None::<String>);
        loop {
            let count = (limit - events.len()).min(PAGE_MAX).to_string();
            let mut query = self.which.query();
            query.push(("sortOrder", if self.descending { "DESCENDING" } else { "ASCENDING" }));
            query.push(("limit", &count));
            for (name, value) in [("since", &since), ("until", &until), ("after", &after)] {
                query.extend(value.as_deref().map(|value| (name, value)));
            }
            let page = client.page(&PATH, &query).await?;
            let is_last = page.entries.is_empty() || page.next.is_none() || page.next == after;
            events.extend(page.entries);
            if is_last || events.len() >= limit {
                events.truncate(limit);
                return Ok(events);
            }
            after = page.next;
        }
    }
}
