//! `marque gateway app update`

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{
    args::{self, OfApp},
    text,
};
use crate::{
    context::Context,
    failure::{Failure, Outcome},
    gateway::args::Connection,
};

const EXAMPLES: &str = "\
Examples:
  marque gateway app update 0oa… --rename 'Billing in Linz' --label site=linz
  marque gateway app update 0oa… --no-zones

What is not named stays. Labels and zones that are given take the place of all that were there.";

/// What the gateway says of an application, and nobody may change.
const FIXED: [&str; 7] = ["client_id", "client_secret", "created", "metadata", "registered_at", "secrets", "status"];

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    of: OfApp,
    #[command(flatten)]
    changes: Changes,
}

/// What is to be otherwise.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = true)]
struct Changes {
    /// What people call it from now on
    #[arg(long, value_name = "LABEL")]
    rename: Option<String>,
    /// The device that it acts for from now on
    #[arg(long, value_name = "DID")]
    device: Option<String>,
    /// The fleet that it belongs to
    #[arg(long, value_name = "FLEET", conflicts_with = "no_fleet")]
    fleet: Option<String>,
    /// It belongs to no fleet
    #[arg(long)]
    no_fleet: bool,
    /// What else it is; repeatable
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = args::label, conflicts_with = "no_labels")]
    labels: Vec<String>,
    /// It has no labels
    #[arg(long)]
    no_labels: bool,
    /// A network zone that it may ask from; repeatable
    #[arg(long = "zone", value_name = "ZONE", conflicts_with = "no_zones")]
    zones: Vec<String>,
    /// It may ask from anywhere
    #[arg(long)]
    no_zones: bool,
    /// A file with more of it in JSON, or - for stdin: authentication, jwks, certificate, grant_types, requires_dpop
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
}

/// Changes what is said of an application.
///
/// # Errors
/// When there is no such application, the text names no device, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, args: Args) -> Outcome {
    let client = connection.client(context)?;
    let path = ["apps", &args.of.app];
    let device = args.changes.device.as_deref().map(|text| args::did(context, text)).transpose()?;
    let more = args::more(args.changes.with.as_deref())?;
    let changed = args.changes.apply(client.get(&path).await?, device, more)?;
    let kept = client.put(&path, &changed).await?;
    context.output.result(&kept, || text(&kept))
}

impl Changes {
    /// The application as it is to be. What this marque does not know of stays as it is.
    fn apply(self, app: Value, device: Option<String>, more: Map<String, Value>) -> Outcome<Value> {
        let Value::Object(mut app) = app else {
            return Err(Failure::usage("what the gateway says of the application is not understood"));
        };
        app.retain(|member, _| !FIXED.contains(&member.as_str()));
        app.extend(more);
        let mut set = |member: &str, value: Option<Value>| {
            if let Some(value) = value {
                app.insert(member.to_owned(), value);
            }
        };
        set("label", self.rename.map(Value::from));
        set("device", device.map(Value::from));
        set("fleet", self.fleet.map(Value::from).or(self.no_fleet.then_some(Value::Null)));
        let list = |items: Vec<String>, none: bool| (none || !items.is_empty()).then(|| json!(items));
        set("labels", list(self.labels, self.no_labels));
        set("zones", list(self.zones, self.no_zones));
        Ok(Value::Object(app))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_stays() {
        let app = json!({
            "client_id": "0oa1", "status": "ACTIVE", "created": "x", "secrets": [],
            "label": "a", "device": "did:x", "fleet": "f", "labels": ["a=b"], "zones": ["z"], "certificate": { "dns": "x" },
        });
        let nothing = || Changes {
            rename: None,
            device: None,
            fleet: None,
            no_fleet: false,
            labels: vec![],
            no_labels: false,
            zones: vec![],
            no_zones: false,
            with: None,
        };
        let renamed = Changes { rename: Some("b".into()), ..nothing() }.apply(app.clone(), None, Map::new()).unwrap();
        let expected = json!({
            "label": "b", "device": "did:x", "fleet": "f", "labels": ["a=b"], "zones": ["z"], "certificate": { "dns": "x" },
        });
        assert_eq!(renamed, expected);
        let changes = Changes { no_fleet: true, no_zones: true, labels: vec!["c=d".into()], ..nothing() };
        let more = Map::from_iter([("certificate".to_owned(), Value::Null)]);
        let bare = changes.apply(app, Some("did:y".into()), more).unwrap();
        assert_eq!(bare["certificate"], Value::Null);
        assert_eq!((&bare["fleet"], &bare["zones"]), (&Value::Null, &json!([])));
        assert_eq!((&bare["labels"], &bare["device"]), (&json!(["c=d"]), &json!("did:y")));
    }
}
