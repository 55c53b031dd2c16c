//! The rows of a bulk file: CSV with a header, or JSON Lines.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use marque_sdk::primitives::{Operation, Service, SignedOperation, bounds};
use parity_scale_codec::DecodeAll;
use serde::Deserialize;

use super::lines;
use crate::{
    failure::{Failure, Outcome},
    shown, spec,
};

/// Rows in one file at most.
pub const ROWS_MAX: usize = 1_000_000;

/// Bytes of a device's name at most; the keystore may be stricter.
const NAME_BYTES_MAX: usize = 64;

/// Bytes of a signed registration at most: well above one with all keys and services that a device can have, and such that one
/// row can't keep a whole batch from fitting into a transaction.
const SIGNED_BYTES_MAX: usize = 8 * 1024;

const COLUMNS: [&str; 5] = ["name", "operation", "controller", "services", "metadata"];

/// One device to be registered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spec {
    /// By a key of the keystore, which is made if it is not there.
    Named(Named),
    /// By a registration that was signed elsewhere.
    Signed(Box<SignedOperation>),
}

/// A device that is registered by a key of the keystore.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Named {
    /// The key's name.
    pub name: String,
    /// Who is to control it: an account, a name, `self`; the run's default if absent.
    pub controller: Option<String>,
    /// Hash of its metadata.
    pub metadata: Option<[u8; 32]>,
    /// Its services.
    pub services: Vec<Service>,
}

/// A row, or what is wrong with it.
pub type Row = Result<Spec, String>;

/// The rows of a file, with the lines that they are on.
pub type Rows = Vec<(u64, Row)>;

/// Reads a `.csv`, `.jsonl` or `.ndjson` file. A row that can't be read is there as its error.
///
/// # Errors
/// When the file can't be read, has no known ending, no usable header, no rows, or more than [`ROWS_MAX`].
pub fn read(path: &Path) -> Outcome<Rows> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let open = || File::open(path).map(BufReader::new).map_err(|error| Failure::file("read", path, &error));
    let parsed = match ending.as_str() {
        "csv" => csv(open()?),
        "jsonl" | "ndjson" => jsonl(open()?),
        _ => {
            return Err(Failure::usage(format!("{} is neither .csv nor .jsonl", path.display()))
                .hint("name the file by what it holds: CSV with a header line, or a JSON object on each line"));
        }
    };
    let mut rows = parsed.map_err(|reason| Failure::usage(format!("{}: {reason}", path.display())))?;
    if rows.is_empty() {
        return Err(Failure::usage(format!("{} has no rows", path.display())));
    }
    refuse_repeated(&mut rows);
    Ok(rows)
}

/// Rows of a CSV file. A row is a line: fields have no line breaks.
fn csv(mut reader: impl BufRead) -> Result<Rows, String> {
    let mut line = Vec::new();
    let header = loop {
        match lines::read_line(&mut reader, &mut line) {
            Ok(true) if line.is_empty() => {}
            Ok(true) => break fields(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line))?,
            Ok(false) => {
                return Err("the file is empty: expected a header such as name,controller,services,metadata".into());
            }
            Err(error) => return Err(format!("line 1: {error}")),
        }
    };
    check_header(&header)?;
    collect(reader, 2, |line| csv_row(&header, line))
}

fn jsonl(reader: impl BufRead) -> Result<Rows, String> {
    collect(reader, 1, |line| {
        let row: JsonRow = serde_json::from_slice(line).map_err(|error| shown::of_parser(&error.to_string()))?;
        row.check()
    })
}

fn collect(mut reader: impl BufRead, first: u64, parse: impl Fn(&[u8]) -> Row) -> Result<Rows, String> {
    let mut rows = Vec::new();
    let mut line = Vec::new();
    for number in first.. {
        match lines::read_line(&mut reader, &mut line) {
            Ok(true) if line.iter().all(u8::is_ascii_whitespace) => continue,
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(format!("line {number}: {error}")),
        }
        if rows.len() >= ROWS_MAX {
            return Err(format!("line {number}: more than {ROWS_MAX} rows; split the file"));
        }
        rows.push((number, parse(&line)));
    }
    Ok(rows)
}

fn check_header(header: &[String]) -> Result<(), String> {
    for (index, column) in header.iter().enumerate() {
        if !COLUMNS.contains(&column.as_str()) {
            return Err(format!(
                "line 1: unknown column `{}`; the columns are {}",
                shown::value(column),
                COLUMNS.join(", ")
            ));
        }
        if header[..index].contains(column) {
            return Err(format!("line 1: the column `{column}` is there twice"));
        }
    }
    if header.iter().any(|column| column == "name" || column == "operation") {
        Ok(())
    } else {
        Err("line 1: there must be a column `name` or `operation`".into())
    }
}

fn fields(line: &[u8]) -> Result<Vec<String>, String> {
    if line.iter().filter(|byte| **byte == b'"').count() % 2 != 0 {
        return Err("a quoted field is not closed on its line".into());
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(line);
    let record = reader.records().next().ok_or("the line is empty")?.map_err(|_| "the line is not UTF-8".to_owned())?;
    Ok(record.iter().map(str::to_owned).collect())
}

fn csv_row(header: &[String], line: &[u8]) -> Row {
    let fields = fields(line)?;
    if fields.len() != header.len() {
        return Err(format!("{} fields where the header has {}", fields.len(), header.len()));
    }
    let cell = |name| {
        let index = header.iter().position(|column| column == name)?;
        fields.get(index).filter(|cell| !cell.is_empty()).cloned()
    };
    let services = cell("services").unwrap_or_default();
    let services = services.split_ascii_whitespace().map(spec::service).collect::<Result<_, _>>()?;
    let metadata = cell("metadata").map(|text| spec::hash(&text)).transpose()?;
    checked(
        cell("name"),
        cell("operation"),
        Named { name: String::new(), controller: cell("controller"), metadata, services },
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonRow {
    name: Option<String>,
    operation: Option<String>,
    controller: Option<String>,
    #[serde(default)]
    services: Vec<JsonService>,
    metadata: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonService {
    id: String,
    #[serde(rename = "type")]
    service_type: String,
    endpoint: String,
}

impl JsonRow {
    fn check(self) -> Row {
        let service = |service: JsonService| {
            let JsonService { id, service_type, endpoint } = service;
            spec::checked_service(Service { id, service_type, endpoint })
        };
        let services = self.services.into_iter().map(service).collect::<Result<_, _>>()?;
        let metadata = self.metadata.map(|text| spec::hash(&text)).transpose()?;
        checked(
            self.name,
            self.operation,
            Named { name: String::new(), controller: self.controller, metadata, services },
        )
    }
}

fn checked(name: Option<String>, operation: Option<String>, rest: Named) -> Row {
    match (name, operation) {
        (Some(name), None) => named(name, rest),
        (None, Some(operation)) => {
            if rest != Named::default() {
                return Err("a signed operation says itself what is registered: leave the other columns empty".into());
            }
            signed(&operation)
        }
        (Some(_), Some(_)) => Err("give a name or a signed operation, not both".into()),
        (None, None) => Err("neither a name nor a signed operation".into()),
    }
}

fn named(name: String, rest: Named) -> Row {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(format!("a name has 1 to {NAME_BYTES_MAX} characters"));
    }
    if shown::looks_like_secret(&name) {
        return Err("the name looks like a secret, and would be written to disk in the clear: choose another".into());
    }
    if rest.services.len() > bounds::SERVICES_MAX {
        return Err(format!("a device has at most {} services", bounds::SERVICES_MAX));
    }
    Ok(Spec::Named(Named { name, ..rest }))
}

fn signed(text: &str) -> Row {
    let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text))
        .map_err(|_| "the operation is not hexadecimal".to_owned())?;
    if bytes.len() > SIGNED_BYTES_MAX {
        return Err(format!("the operation is longer than {SIGNED_BYTES_MAX} bytes, which no registration is"));
    }
    let operation = SignedOperation::decode_all(&mut bytes.as_slice())
        .map_err(|_| "the operation is not a SCALE-encoded signed operation".to_owned())?;
    if !matches!(operation.envelope.operation, Operation::Register { .. }) {
        return Err("the signed operation is not a registration".into());
    }
    Ok(Spec::Signed(Box::new(operation)))
}

/// Turns rows that name a device again into errors: the first one stands.
fn refuse_repeated(rows: &mut Rows) {
    let mut names: HashMap<String, u64> = HashMap::new();
    for (line, row) in rows {
        let name = match row {
            Ok(Spec::Named(named)) => named.name.clone(),
            Ok(Spec::Signed(signed)) => spec::hex0x(&signed.envelope.device.0),
            Err(_) => continue,
        };
        if let Some(first) = names.get(&name) {
            *row = Err(format!("the same device as on line {first}"));
        } else {
            names.insert(name, *line);
        }
    }
}

#[cfg(test)]
mod tests {
    use marque_sdk::primitives::{AccountId, Controller, DeviceId, Envelope, Signature};
    use parity_scale_codec::Encode;

    use super::*;

    fn of(text: &str) -> Rows {
        csv(text.as_bytes()).unwrap()
    }

    fn error_of(row: &Row) -> &str {
        row.as_ref().unwrap_err()
    }

    fn operation(operation: Operation) -> String {
        let envelope = Envelope {
            device: DeviceId([1; 32]),
            operation,
            signer: AccountId([1; 32]),
            submitter: None,
            lane: 0,
            nonce: 0,
            deadline_ms: 1,
        };
        hex::encode(SignedOperation { envelope, signature: Signature::Ed25519([2; 64]) }.encode())
    }

    fn register() -> Operation {
        Operation::Register { controller: Controller::Device, metadata: None, keys: vec![], services: vec![] }
    }

    #[test]
    fn csv_has_all_columns_in_any_order() {
        let metadata = "cd".repeat(32);
        let text = format!(
            "services,name,metadata,controller\n\"api,Http,https://x/ log,Log,https://y/a,b\",meter-1,{metadata},self\n,meter-2,,\n"
        );
        let rows = of(&text);
        assert_eq!(rows.len(), 2);
        let Ok(Spec::Named(first)) = &rows[0].1 else { panic!("{rows:?}") };
        assert_eq!(first.name, "meter-1");
        assert_eq!(first.controller.as_deref(), Some("self"));
        assert_eq!(first.metadata, Some([0xcd; 32]));
        assert_eq!(first.services[1].endpoint, "https://y/a,b");
        assert_eq!(rows[1], (3, Ok(Spec::Named(Named { name: "meter-2".into(), ..Named::default() }))));
    }

    #[test]
    fn json_lines_have_the_same() {
        let text = b"{\"name\":\"a\",\"services\":[{\"id\":\"api\",\"type\":\"Http\",\"endpoint\":\"https://x\"}]}\n\n{\"name\":\"b\"}";
        let rows = jsonl(text.as_slice()).unwrap();
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3]);
        assert!(rows.iter().all(|(_, row)| row.is_ok()));
    }

    #[test]
    fn a_header_that_makes_no_sense_is_refused_with_its_line() {
        for (text, says) in [
            ("", "empty"),
            ("nam\n", "unknown column `nam`"),
            ("name,name\n", "twice"),
            ("controller\n", "`name` or `operation`"),
            ("\"name\n", "not closed"),
        ] {
            let reason = csv(text.as_bytes()).unwrap_err();
            assert!(reason.contains(says), "{text:?}: {reason}");
        }
    }

    #[test]
    fn a_bad_row_does_not_spoil_the_others() {
        let rows = of("name,metadata\na,\nb,xyz\nc\n\"d,\ne,\n");
        assert_eq!(
            rows.iter().map(|(line, row)| (*line, row.is_ok())).collect::<Vec<_>>(),
            [(2, true), (3, false), (4, false), (5, false), (6, true)]
        );
        assert!(error_of(&rows[1].1).contains("64 hexadecimal digits"));
        assert!(error_of(&rows[2].1).contains("1 fields where the header has 2"));
    }

    #[test]
    fn json_that_is_not_a_row_is_an_error_of_its_line() {
        for text in [
            "{",
            "[]",
            "1",
            "{}",
            "{\"name\":\"\"}",
            "{\"name\":1}",
            "{\"name\":\"a\",\"x\":1}",
            "{\"name\":\"a\"} {}",
            "\u{0}",
        ] {
            let rows = jsonl(text.as_bytes()).unwrap();
            assert!(rows[0].1.is_err(), "{text:?} was taken");
        }
        let deep = "[".repeat(10_000);
        assert!(jsonl(deep.as_bytes()).unwrap()[0].1.is_err());
    }

    #[test]
    fn signed_registrations_stand_alone() {
        let good = operation(register());
        let row = checked(None, Some(good.clone()), Named::default()).unwrap();
        assert!(matches!(row, Spec::Signed(_)));
        let with_more = Named { controller: Some("self".into()), ..Named::default() };
        assert!(checked(None, Some(good.clone()), with_more).is_err());
        assert!(checked(Some("a".into()), Some(good.clone()), Named::default()).is_err());
        assert!(checked(None, Some(operation(Operation::Revoke)), Named::default()).is_err());
        let endless = Operation::Register {
            controller: Controller::Device,
            metadata: None,
            keys: vec![],
            services: vec![Service { id: "a".into(), service_type: "b".into(), endpoint: "c".repeat(9000) }],
        };
        for text in [&good[..good.len() - 2], &format!("{good}00"), &operation(endless), "", "zz"] {
            assert!(signed(text).is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn a_device_that_comes_again_is_refused_and_the_first_stands() {
        let good = operation(register());
        let mut rows = of(&format!("name,operation\na,\n,{good}\na,\n,{good}\n"));
        refuse_repeated(&mut rows);
        assert!(rows[0].1.is_ok() && rows[1].1.is_ok());
        assert_eq!(error_of(&rows[2].1), "the same device as on line 2");
        assert_eq!(error_of(&rows[3].1), "the same device as on line 3");
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let text = format!("name\n{}", "a".repeat(lines::LINE_BYTES_MAX + 1));
        assert!(csv(text.as_bytes()).unwrap_err().starts_with("line 2"));
    }
}
