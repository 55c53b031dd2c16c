//! `marque issuer show`

use marque_sdk::{
    account, did,
    primitives::access::{Issuer, IssuerDelegate, IssuerId, IssuerKey},
};
use serde_json::{Value, json};

use crate::{
    access::{read, render},
    context::Context,
    failure::Outcome,
    output,
    render::{key_name, key_type},
    session::Session,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer show 0
  marque issuer show 0 --json | jq .keys";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The authorization server's number
    #[arg(value_name = "ISSUER")]
    issuer: IssuerId,
}

/// Shows what the access contract keeps of an authorization server.
///
/// # Errors
/// When there is none of this number, or the access contract can't be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (session, access) = context.session_with_access().await?;
    let record = read::issuer(&access, args.issuer).await?;
    context.output.result(&record_json(args.issuer, &record), || {
        let head = output::styled(output::BOLD, format!("authorization server {}", args.issuer));
        format!("{head}\n{}", text(&record, &session))
    })
}

/// An authorization server for programs.
pub fn record_json(number: IssuerId, record: &Issuer) -> Value {
    json!({
        "issuer": number,
        "url": record.url,
        "status": render::status(record.status),
        "owner": account::format(&record.owner),
        "created": did::format_time(record.created_ms),
        "offer": record.offer.map(|offer| json!({
            "to": account::format(&offer.to),
            "expires": did::format_time(offer.expires_ms),
        })),
        "keys": record.keys.iter().map(render::key_json).collect::<Vec<_>>(),
        "delegates": record.delegates.iter().map(|delegate| json!({
            "account": account::format(&delegate.account),
            "role": render::delegate_role(delegate.role),
            "expires": did::format_time(delegate.expires_ms),
        })).collect::<Vec<_>>(),
    })
}

fn text(record: &Issuer, session: &Session) -> String {
    let mut fields = vec![
        ("URL", record.url.clone()),
        ("status", render::styled_status(record.status)),
        ("owner", session.label(&record.owner)),
        ("registered", did::format_time(record.created_ms)),
    ];
    fields.extend(record.offer.map(|offer| {
        ("on offer", format!("to {} until {}", session.label(&offer.to), did::format_time(offer.expires_ms)))
    }));
    let mut parts = vec![output::fields(&fields)];
    if !record.keys.is_empty() {
        let rows: Vec<_> = record.keys.iter().map(key_row).collect();
        parts.push(output::table(["key", "type", "public key", "from", "until", ""], &rows));
    }
    if !record.delegates.is_empty() {
        let row = |delegate: &IssuerDelegate| {
            let until = did::format_time(delegate.expires_ms);
            [session.label(&delegate.account), render::delegate_role(delegate.role).to_owned(), until]
        };
        parts.push(output::table(["delegate", "role", "until"], &record.delegates.iter().map(row).collect::<Vec<_>>()));
    }
    parts.join("\n\n")
}

fn key_row(key: &IssuerKey) -> [String; 6] {
    let state = key.revoked_ms.map(|at_ms| format!("revoked {}", did::format_time(at_ms)));
    [
        key_name(key.id),
        key_type(key.public_key.key_type()).to_owned(),
        did::encode_multikey(&key.public_key),
        did::format_time(key.not_before_ms),
        did::format_time(key.not_after_ms),
        state.unwrap_or_default(),
    ]
}
