//! `marque resolve`

use marque_sdk::did::{self, Did, DidUrl, Resolution, VersionSelector};

use crate::{
    context::Context,
    duration::parse_time,
    failure::{Failure, Kind, Outcome},
    shown,
};

const EXAMPLES: &str = "\
Examples:
  marque resolve did:marque:…:z6Mk…
  marque resolve did:marque:…:z6Mk… --document
  marque resolve did:marque:…:z6Mk… --version-id 3
  marque resolve 'did:marque:…:z6Mk…?versionTime=2026-07-01T12:00:00Z'

Prints the resolution result (W3C DID Resolution) as JSON. Exit code 4: no such DID or version; 9: \
deactivated (the result is printed all the same); 8: it is of another registry; 2: it is no did:marque DID.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The DID, or a DID URL with versionId or versionTime; the name of a key in the keystore works too
    #[arg(value_name = "DID")]
    did: String,
    /// Prints the document alone
    #[arg(long)]
    document: bool,
    /// The version of this number
    #[arg(long, value_name = "NUMBER", conflicts_with = "version_time")]
    version_id: Option<u32>,
    /// The version that was current at this time, such as 2026-07-01T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    version_time: Option<u64>,
}

/// Resolves a DID and prints the result.
///
/// # Errors
/// When it can't be resolved, or is deactivated.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (text, in_url) = split_url(&args.did)?;
    let selector = match (args.version_id, args.version_time) {
        (Some(version), _) => VersionSelector::Id(version),
        (None, Some(at_ms)) => VersionSelector::At(at_ms),
        (None, None) => in_url,
    };
    let session = context.session().await?;
    let target = session.target(&text)?;
    let did = session.did(&target);
    let resolution = session.registry.resolve_version(&did, selector).await?;
    print(context, &resolution, args.document)?;
    ended(&did, &resolution)
}

/// The DID of a DID URL, and the version that it names.
fn split_url(text: &str) -> Outcome<(String, VersionSelector)> {
    if !text.starts_with("did:") || !text.contains(['/', '?', '#']) {
        return Ok((text.to_owned(), VersionSelector::Current));
    }
    let invalid = |reason: String| Failure::usage(format!("`{}`: {reason}", shown::value(text)));
    let url: DidUrl = text.parse().map_err(|error: did::DidError| invalid(error.to_string()))?;
    if !url.path.is_empty() || url.fragment.is_some() {
        return Err(
            invalid("a path or a fragment names a part, which is not resolved here".into()).hint("leave it away")
        );
    }
    let selector = match (url.parameter("versionId"), url.parameter("versionTime")) {
        (Some(version), _) => {
            VersionSelector::Id(version.parse().map_err(|_| invalid("versionId is a number".into()))?)
        }
        (None, Some(time)) => VersionSelector::At(parse_time(time).map_err(invalid)?),
        (None, None) => VersionSelector::Current,
    };
    Ok((url.did.to_string(), selector))
}

/// A resolution result is JSON for people too: on several lines.
fn print(context: &Context, resolution: &Resolution, document: bool) -> Outcome {
    if document {
        let Some(document) = &resolution.did_document else { return Ok(()) };
        return context.output.result(document, || serde_json::to_string_pretty(document).unwrap_or_default());
    }
    context.output.result(resolution, || serde_json::to_string_pretty(resolution).unwrap_or_default())
}

fn ended(did: &Did, resolution: &Resolution) -> Outcome {
    if let Some(problem) = &resolution.did_resolution_metadata.error {
        let detail = problem.detail.clone().unwrap_or_else(|| problem.title.clone());
        return Err(Failure::new(Kind::NotFound, format!("{did}: {detail}")));
    }
    if resolution.is_deactivated() {
        return Err(Failure::new(Kind::Deactivated, format!("{did} is deactivated: the device is revoked, for ever")));
    }
    Ok(())
}
