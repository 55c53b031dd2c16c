//! Registering the devices of a file: in batches, several at once, and so that an interrupted run can go on.

mod batch;
mod interrupt;
mod journal;
mod lines;
mod report;
mod rows;
mod run;

pub use batch::Work;
pub use run::{Options, run};

use std::path::{Path, PathBuf};

/// `path` with something after its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
