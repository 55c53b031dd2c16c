//! Documents that are put into a gateway as they are: JSON, from a file or stdin.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use super::{Client, render};
use crate::{
    context::Context,
    failure::{Failure, Outcome},
    output, shown,
};

/// The largest document that a gateway takes, in bytes.
const BYTES_MAX: u64 = 64 * 1024;

/// A document to put in.
#[derive(clap::Args, Clone, Debug)]
pub struct DocumentArgs {
    /// The file with the document in JSON, as `show --json` prints it; - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl DocumentArgs {
    /// Reads the document, and its name.
    ///
    /// # Errors
    /// When it can't be read, or is no JSON object with a name.
    pub fn read(&self) -> Outcome<(String, Value)> {
        let document = Value::Object(read_object(&self.file)?);
        match document["name"].as_str().map(ToOwned::to_owned) {
            Some(name) => Ok((name, document)),
            None => Err(Failure::usage("the document has no `name`")),
        }
    }
}

/// Reads a JSON object from a file, or from stdin for `-`.
///
/// # Errors
/// When it can't be read, or is no JSON object.
pub fn read_object(file: &Path) -> Outcome<Map<String, Value>> {
    if file == Path::new("-") {
        let bytes = read_bounded(io::stdin().lock());
        return parse(&bytes.map_err(|error| Failure::local(format!("cannot read stdin: {error}")))?);
    }
    shown::ensure_path("the document", file)?;
    let bytes = File::open(file).and_then(read_bounded);
    parse(&bytes.map_err(|error| Failure::file("read", file, &error))?)
}

fn read_bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> Outcome<Map<String, Value>> {
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Failure::usage("the document is larger than 64 KiB, and no gateway takes it"));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::usage(format!("the document is no JSON object: {}", shown::of_parser(&error.to_string())))
    })
}

/// Shows a document: JSON in either form, since that is what `put` takes.
///
/// # Errors
/// When the output can't be written.
pub fn show(context: &Context, document: &Value) -> Outcome {
    context.output.result(document, || render::pretty(document))
}

/// Puts a document in.
///
/// # Errors
/// When the gateway can't be reached or refuses.
pub async fn put(context: &Context, client: &Client, path: &[&str], what: &str, read: (String, Value)) -> Outcome {
    let (name, document) = read;
    let kept = client.put(&[path, &[&name]].concat(), &document).await?;
    context.output.result(&kept, || output::styled(output::GOOD, format!("the {what} is in place")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    #[test]
    fn a_document_is_an_object() {
        assert_eq!(parse(br#"{"name":"a","x":1}"#).unwrap()["name"], "a");
        for text in ["", "{", "[]", "\"name\"", "null", &" ".repeat(70_000)] {
            assert_eq!(parse(text.as_bytes()).unwrap_err().kind, Kind::Usage, "{text:.20}");
        }
    }
}
