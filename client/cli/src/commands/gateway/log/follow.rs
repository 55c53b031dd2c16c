//! `marque gateway log follow`

use std::{collections::HashSet, pin::pin, time::Duration};

use serde_json::Value;

use super::{PAGE_MAX, PATH, Which, row, when};
use crate::{
    context::Context,
    duration::When,
    failure::{Failure, Kind, Outcome},
    gateway::{Client, args::Connection},
    output,
};

const EXAMPLES: &str = "\
Examples:
  marque gateway log follow
  marque gateway log follow --since 10m --filter 'outcome.result eq \"FAILURE\"'
  marque gateway log follow --json | jq -r .eventType

Each event is printed once. Where the gateway goes away it is waited for.";

/// How often it is asked for news.
const INTERVAL: Duration = Duration::from_secs(1);
/// Okta's code of too many requests.
const TOO_MANY: &str = "E0000047";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// From when on: a time, or so long ago [default: from now on]
    #[arg(long, value_name = "WHEN", value_parser = when::parse)]
    since: Option<When>,
    #[command(flatten)]
    which: Which,
}

/// Where in the log this is.
struct Place {
    since: String,
    after: Option<String>,
    /// The events of the last page, by their ids: a gateway that names no next page gives them again.
    seen: HashSet<String>,
}

/// Prints events as they happen, each once.
///
/// # Errors
/// When the filter can't be read, or the gateway refuses, or can't be reached from the first.
pub async fn run(context: &Context, connection: &Connection, args: Args) -> Outcome {
    let client = connection.client(context)?;
    let mut place = Place::begin(args.since);
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let (mut has_begun, mut is_away) = (false, false);
    loop {
        let next = tokio::select! {
            next = place.next(&client, &args.which) => next,
            _ = &mut interrupt => return Ok(()),
        };
        let is_behind = match next {
            Ok((events, is_behind)) => {
                if !has_begun || is_away {
                    note(context, &format!("following the log of {}; stop with Ctrl-C", client.address()));
                }
                (has_begun, is_away) = (true, false);
                events.iter().try_for_each(|event| print(context, event))?;
                is_behind
            }
            Err(failure) if has_begun && passes(&failure) => {
                if !is_away {
                    note(context, &format!("{failure}; waiting for it"));
                }
                is_away = true;
                false
            }
            Err(failure) => return Err(failure),
        };
        if !is_behind {
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                _ = &mut interrupt => return Ok(()),
            }
        }
    }
}

impl Place {
    fn begin(since: Option<When>) -> Self {
        let now_ms = when::now_ms();
        let since = when::text(since.unwrap_or(When::At(now_ms)), now_ms);
        Self { since, after: None, seen: HashSet::new() }
    }

    /// The events that were not seen yet, and whether there are more at once.
    async fn next(&mut self, client: &Client, which: &Which) -> Outcome<(Vec<Value>, bool)> {
        let limit = PAGE_MAX.to_string();
        let mut query = which.query();
        query.extend([("since", self.since.as_str()), ("sortOrder", "ASCENDING"), ("limit", &limit)]);
        query.extend(self.after.as_deref().map(|after| ("after", after)));
        let page = client.page(&PATH, &query).await?;
        Ok(self.take(page.entries, page.next))
    }

    /// Goes on behind a page.
    fn take(&mut self, entries: Vec<Value>, next: Option<String>) -> (Vec<Value>, bool) {
        let is_behind = entries.len() >= PAGE_MAX && next.is_some() && next != self.after;
        let id = |event: &Value| event["uuid"].as_str().unwrap_or_default().to_owned();
        let ids: HashSet<String> = entries.iter().map(id).collect();
        let fresh = entries.into_iter().filter(|event| !self.seen.contains(&id(event))).collect();
        if !ids.is_empty() {
            self.seen = ids;
        }
        self.after = next.or(self.after.take());
        (fresh, is_behind)
    }
}

/// Whether it may be over when it is asked again.
fn passes(failure: &Failure) -> bool {
    failure.kind == Kind::Unreachable || failure.reason.as_deref() == Some(TOO_MANY)
}

fn note(context: &Context, text: &str) {
    context.output.note(&output::styled(output::DIM, text));
}

fn print(context: &Context, event: &Value) -> Outcome {
    context.output.result(event, || {
        let [time, what, result, by, about] = row(event);
        let style = if result.starts_with("FAILURE") { output::BAD } else { output::GOOD };
        let time = output::styled(output::DIM, time);
        format!("{time}  {}  {what}  by {by}  {about}", output::styled(style, result)).trim_end().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place() -> Place {
        Place { since: "x".into(), after: None, seen: HashSet::new() }
    }

    fn events(ids: std::ops::Range<usize>) -> Vec<Value> {
        ids.map(|id| json!({ "uuid": id.to_string() })).collect()
    }

    #[test]
    fn each_event_is_taken_once() {
        let mut place = place();
        assert_eq!(place.take(events(0..2), Some("2".into())), (events(0..2), false));
        assert_eq!(place.take(vec![], Some("2".into())), (vec![], false));
        assert_eq!(place.take(events(2..3), None), (events(2..3), false), "no next page is named");
        assert_eq!(place.after.as_deref(), Some("2"), "so that the same is asked again");
        assert_eq!(place.take(events(2..4), None), (events(3..4), false));
    }

    #[test]
    fn a_full_page_is_followed_at_once() {
        let mut place = place();
        assert!(place.take(events(0..PAGE_MAX), Some("a".into())).1);
        assert!(!place.take(events(PAGE_MAX..2 * PAGE_MAX), Some("a".into())).1, "not where that leads nowhere");
    }
}
