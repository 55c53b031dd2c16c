//! The first operator's token of a gateway: whoever starts it gets it.

use std::{path::Path, time::Duration};

use marque_gateway::{Gateway, operate::By, settings::Role};
use zeroize::Zeroizing;

use crate::{
    failure::{Failure, Kind, Outcome},
    files,
};

/// How long it lives: long enough to make others by it.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
const NAME: &str = "first token";

/// Makes a token and writes it to a file for its owner alone, unless there is a token already.
///
/// # Errors
/// When it can't be made or written.
pub async fn write(gateway: &Gateway, by: By<'_>, path: &Path) -> Outcome {
    if !gateway.operators().is_empty() {
        return Ok(());
    }
    let lifetime_ms = LIFETIME.as_secs() * 1000;
    let made = gateway.create_operator(by, NAME, Role::SecurityOfficer, lifetime_ms).await;
    let made = made.map_err(|error| Failure::new(Kind::Failed, format!("the first token can't be made: {error}")))?;
    let line = Zeroizing::new(format!("{}\n", *made.token));
    files::replace(path, line.as_bytes()).map_err(|error| Failure::file("write", path, &error))
}
