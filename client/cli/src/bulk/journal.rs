//! What a bulk registration has done, in a file beside its input: appended and synced after every batch, so that an
//! interrupted run can go on where it was.
//!
//! JSON Lines. `{"registry":…}` opens a section: the entries after it, `{"line":…,"device":…}`, are of that registry.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{self, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::lines;
use crate::{
    failure::{Failure, Outcome},
    files,
};

#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Record {
    Section { registry: String },
    Done(Entry),
}

/// A registered device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The line of the input that it is from.
    pub line: u64,
    /// Its device id.
    pub device: String,
}

/// The open file.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    done: HashSet<String>,
}

impl Journal {
    /// Opens or begins the journal for a registry. A last line that was torn by a crash is cut off.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not a journal: with the line.
    pub fn open(path: &Path, registry: &str) -> Outcome<Self> {
        let failed =
            |error: io::Error| Failure::local(format!("cannot use the progress file {}: {error}", path.display()));
        let mut options = OpenOptions::new();
        let mut file =
            files::private(options.read(true).write(true).create(true).truncate(false)).open(path).map_err(failed)?;
        file.try_lock().map_err(|_| {
            Failure::local(format!("the progress file {} is in use by another run", path.display()))
                .hint("wait until that one has finished")
        })?;
        cut_torn_line(&mut file).map_err(failed)?;
        let (done, last) = read(&file, path, registry)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut journal = Self { file, path: path.to_owned(), done };
        if last.as_deref() != Some(registry) {
            journal.write(&[Record::Section { registry: registry.to_owned() }])?;
        }
        Ok(journal)
    }

    /// Whether the device is done.
    pub fn has(&self, device: &str) -> bool {
        self.done.contains(device)
    }

    /// Notes what is done. When this returns, it is on the disk.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append(&mut self, entries: Vec<Entry>) -> Outcome {
        if entries.is_empty() {
            return Ok(());
        }
        self.done.extend(entries.iter().map(|entry| entry.device.clone()));
        let records: Vec<_> = entries.into_iter().map(Record::Done).collect();
        self.write(&records)
    }

    fn write(&mut self, records: &[Record]) -> Outcome {
        let mut bytes = Vec::new();
        for record in records {
            serde_json::to_writer(&mut bytes, record)
                .map_err(|error| Failure::local(format!("cannot write the progress file: {error}")))?;
            bytes.push(b'\n');
        }
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        written
            .map_err(|error| Failure::local(format!("cannot write the progress file {}: {error}", self.path.display())))
    }
}

fn cut_torn_line(file: &mut File) -> io::Result<()> {
    let mut reader = BufReader::new(&*file);
    let mut whole = 0u64;
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        let read =
            io::BufRead::read_until(&mut io::Read::take(&mut reader, lines::LINE_BYTES_MAX as u64), b'\n', &mut chunk)?;
        if chunk.last() == Some(&b'\n') {
            whole += read as u64;
        } else {
            break;
        }
    }
    if whole < file.metadata()?.len() {
        file.set_len(whole)?;
        file.sync_data()?;
    }
    file.seek(SeekFrom::Start(0)).map(drop)
}

/// The devices that are done in this registry, and the registry of the last section.
fn read(file: &File, path: &Path, registry: &str) -> Outcome<(HashSet<String>, Option<String>)> {
    let mut reader = BufReader::new(file);
    let mut done = HashSet::new();
    let mut section = None;
    let mut line = Vec::new();
    let mut number = 0u64;
    loop {
        number += 1;
        let broken = || {
            Failure::local(format!("{}, line {number}: this is not a progress file", path.display()))
                .hint("move it away; devices that are registered already are found on chain")
        };
        match lines::read_line(&mut reader, &mut line) {
            Ok(true) => {}
            Ok(false) => return Ok((done, section)),
            Err(_) => return Err(broken()),
        }
        match serde_json::from_slice(&line).map_err(|_| broken())? {
            Record::Section { registry } => section = Some(registry),
            Record::Done(_) if section.is_none() => return Err(broken()),
            Record::Done(entry) => {
                if section.as_deref() == Some(registry) {
                    done.insert(entry.device);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    fn entry(line: u64, device: &str) -> Entry {
        Entry { line, device: device.into() }
    }

    #[test]
    fn remembers_by_registry() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress");
        let mut one = Journal::open(&path, "one").unwrap();
        one.append(vec![entry(2, "a"), entry(3, "b")]).unwrap();
        drop(one);
        let mut two = Journal::open(&path, "two").unwrap();
        assert!(!two.has("a"));
        two.append(vec![entry(2, "c")]).unwrap();
        drop(two);
        let one = Journal::open(&path, "one").unwrap();
        assert!(one.has("a") && one.has("b") && !one.has("c"));
    }

    #[test]
    fn a_torn_line_is_cut_off_wherever_it_is_torn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress");
        Journal::open(&path, "one").unwrap().append(vec![entry(2, "a"), entry(3, "b")]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let second = whole.iter().take(whole.len() - 1).rposition(|byte| *byte == b'\n').unwrap() + 1;
        for length in second..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let mut journal = Journal::open(&path, "one").unwrap();
            assert!(journal.has("a") && !journal.has("b"), "torn at {length}");
            journal.append(vec![entry(3, "b")]).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), whole);
        }
    }

    #[test]
    fn refuses_what_it_has_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress");
        for (text, line) in [
            ("name,controller\n", "line 1"),
            ("{\"registry\":\"one\"}\n{\"line\":1}\n", "line 2"),
            ("{\"line\":1,\"device\":\"a\"}\n", "line 1"),
        ] {
            std::fs::write(&path, text).unwrap();
            let failure = Journal::open(&path, "one").unwrap_err();
            assert_eq!(failure.kind, Kind::Local);
            assert!(failure.message.contains(line), "{failure}");
            assert_eq!(std::fs::read(&path).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn two_runs_do_not_share_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress");
        let _first = Journal::open(&path, "one").unwrap();
        assert!(Journal::open(&path, "one").unwrap_err().message.contains("in use"));
    }
}
