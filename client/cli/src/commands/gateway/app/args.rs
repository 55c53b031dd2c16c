//! What is said of an application.

use std::path::Path;

use marque_sdk::did::Did;
use serde_json::{Map, Value};

use crate::{
    context::Context,
    failure::{Failure, Outcome},
    gateway::document,
    target::Target,
};

/// An application.
#[derive(clap::Args, Clone, Debug)]
pub struct OfApp {
    /// The application's client id
    #[arg(value_name = "APP")]
    pub app: String,
}

/// Reads the file with what no option says of an application.
///
/// # Errors
/// When it can't be read, or is no JSON object.
pub fn more(file: Option<&Path>) -> Outcome<Map<String, Value>> {
    file.map(document::read_object).transpose().map(Option::unwrap_or_default)
}

/// The DID of the device that the user names. A name or an id is enough where it is plain which registry is meant.
///
/// # Errors
/// When the text names no device, or it is not plain which registry's.
pub fn did(context: &Context, text: &str) -> Outcome<String> {
    if let Ok(did) = text.parse::<Did>() {
        return Ok(did.to_string());
    }
    let target = Target::find(text, None, context.keys())?;
    let did = context.remembered_did(target.device).ok_or_else(|| {
        Failure::usage("it is not plain which registry that device is of").hint("give its DID (did:marque:…)")
    })?;
    Ok(did.to_string())
}

/// Reads a label.
///
/// # Errors
/// A message for the user.
pub fn label(text: &str) -> Result<String, String> {
    let is_label = text.split_once('=').is_some_and(|(key, value)| !key.is_empty() && !value.is_empty());
    if is_label { Ok(text.to_owned()) } else { Err("a label is written key=value, such as site=graz".into()) }
}
