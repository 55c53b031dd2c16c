//! What became of the rows: counted, and what failed written down.

use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    failure::{Failure, Outcome},
    files,
};

/// A row that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailedRow {
    /// Its line in the input.
    pub line: u64,
    /// The device's name or id, if the row could be read.
    pub device: Option<String>,
    /// Why.
    pub reason: String,
}

/// How many rows came to what.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Registered in this run.
    pub registered: u64,
    /// Registered already.
    pub already: u64,
    /// Failed.
    pub failed: u64,
}

/// The errors file, made when the first row fails. That of an earlier run is gone.
pub struct Errors {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    count: u64,
}

impl Errors {
    /// Begins with none.
    ///
    /// # Errors
    /// When the file of an earlier run can't be removed.
    pub fn begin(path: PathBuf) -> Outcome<Self> {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::local(format!("cannot replace {}: {error}", path.display())))
            }
            _ => Ok(Self { path, file: None, count: 0 }),
        }
    }

    /// Writes a row down.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn add(&mut self, row: &FailedRow) -> Outcome {
        let failed =
            |path: &Path, error: std::io::Error| Failure::local(format!("cannot write {}: {error}", path.display()));
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            let file = files::private(options.write(true).create_new(true)).open(&self.path);
            self.file = Some(BufWriter::new(file.map_err(|error| failed(&self.path, error))?));
        }
        self.count += 1;
        let line = json!({"line": row.line, "device": row.device, "error": row.reason});
        match &mut self.file {
            Some(file) => writeln!(file, "{line}").map_err(|error| failed(&self.path, error)),
            None => Ok(()),
        }
    }

    /// Ends the file: how many there are, and where they are if there are any.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn finish(self) -> Outcome<(u64, Option<PathBuf>)> {
        let Some(file) = self.file else { return Ok((0, None)) };
        let synced = file.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(|file| file.sync_all());
        synced.map_err(|error| Failure::local(format!("cannot write {}: {error}", self.path.display())))?;
        Ok((self.count, Some(self.path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_one_line_for_each_and_replaces_the_last_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("errors");
        for _ in 0..2 {
            let mut errors = Errors::begin(path.clone()).unwrap();
            errors.add(&FailedRow { line: 7, device: None, reason: "a \"reason\"\nof two lines".into() }).unwrap();
            assert_eq!(errors.finish().unwrap(), (1, Some(path.clone())));
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(text.lines().count(), 1);
            assert!(text.starts_with(r#"{"device":null,"error":"a \"reason\""#), "{text}");
        }
        assert_eq!(Errors::begin(path.clone()).unwrap().finish().unwrap(), (0, None));
        assert!(!path.exists());
    }
}
