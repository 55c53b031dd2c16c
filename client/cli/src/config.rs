//! The config file: what later commands need not be told again.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    failure::{Failure, Outcome},
    files, shown,
};

/// The largest config file that is read.
const BYTES_MAX: u64 = 1024 * 1024;

/// What the file `config.toml` says.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The node's endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The folder of the keystore.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keystore: Option<PathBuf>,
    /// The registry's contract address on each chain, by the chain's genesis hash (`0x…`): the registry of one
    /// chain is never looked for on another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub registries: BTreeMap<String, String>,
    /// The access contract's address on each chain, likewise. Files of before there was one have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub access: BTreeMap<String, String>,
    /// The gateway that `marque gateway login` remembered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<KnownGateway>,
}

/// A gateway that is remembered. The operator's token for it is in a file of its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownGateway {
    /// Its URL.
    pub url: String,
    /// The file with the certificates of the only authority to trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

impl Config {
    /// Reads the file; one that is not there is an empty config.
    ///
    /// # Errors
    /// When it cannot be read, or is not what it should be: with file, line and column.
    pub fn load(path: &Path) -> Outcome<Self> {
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Failure::local(format!("cannot read the config {}: {error}", path.display()))),
        };
        let mut text = String::new();
        let read = file.take(BYTES_MAX + 1).read_to_string(&mut text);
        let size =
            read.map_err(|error| Failure::local(format!("cannot read the config {}: {error}", path.display())))?;
        if size as u64 > BYTES_MAX {
            return Err(Failure::local(format!("the config {} is larger than 1 MiB", path.display())));
        }
        Self::parse(&text).map_err(|(line, reason)| {
            Failure::local(format!("config {}, line {line}: {reason}", path.display()))
                .hint("correct that line, or move the file away to begin anew")
        })
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
            (line, shown::of_parser(&error.message().replace('\n', " ")))
        })
    }

    /// Writes the file, whole or not at all, with mode 0600.
    ///
    /// # Errors
    /// When it cannot be written; the file is as it was then.
    pub fn save(&self, path: &Path) -> Outcome {
        let text =
            toml::to_string(self).map_err(|error| Failure::local(format!("cannot write the config: {error}")))?;
        files::replace(path, text.as_bytes())
            .map_err(|error| Failure::local(format!("cannot write the config {}: {error}", path.display())))
    }

    /// Changes the file: reads it again first, so that what another command has written meanwhile stays.
    ///
    /// # Errors
    /// Those of [`load`](Self::load) and [`save`](Self::save).
    pub fn update(path: &Path, change: impl FnOnce(&mut Self)) -> Outcome {
        let mut config = Self::load(path)?;
        let before = config.clone();
        change(&mut config);
        if config == before { Ok(()) } else { config.save(path) }
    }
}

/// The folder of the config and the keys, from `--home` or `MARQUE_HOME`, else where the XDG base directory specification puts it.
///
/// # Errors
/// When none of these is set and there is no home directory.
pub fn home(given: Option<&Path>, variable: impl Fn(&str) -> Option<PathBuf>) -> Outcome<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    // The specification has relative paths ignored.
    if let Some(config) = variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute()) {
        return Ok(config.join("marque"));
    }
    if let Some(home) = variable("HOME").filter(|path| !path.as_os_str().is_empty()) {
        return Ok(home.join(".config/marque"));
    }
    Err(Failure::local("there is no home directory to keep the config and the keys in")
        .hint("set MARQUE_HOME to a folder of yours"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    fn check_broken(text: &str, line: &str, says: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let failure = Config::load(&path).unwrap_err();
        assert_eq!(failure.kind, Kind::Local);
        assert!(failure.message.contains(&path.display().to_string()), "{failure}");
        assert!(failure.message.contains(line), "{failure}");
        assert!(failure.message.contains(says), "{failure}");
    }

    #[test]
    fn says_where_it_is_broken() {
        check_broken("url = \"ws://x\"\nurk = 1\n", "line 2", "urk");
        check_broken("\n\nurl = 7\n", "line 3", "string");
        check_broken("url = \"ws://x", "line 1", "");
        check_broken("[registries]\n\"0x00\" = 1\n", "line 2", "string");
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        assert_eq!(Config::load(&path).unwrap(), Config::default());
        Config::update(&path, |config| config.url = Some("ws://one".into())).unwrap();
        Config::update(&path, |config| {
            config.registries.insert("0x01".into(), "5Abc".into());
        })
        .unwrap();
        let config = Config::load(&path).unwrap();
        assert_eq!(config.url.as_deref(), Some("ws://one"));
        assert_eq!(config.registries["0x01"], "5Abc");
        Config::update(&path, |config| {
            config.access.insert("0x01".into(), "5Def".into());
        })
        .unwrap();
        let config = Config::load(&path).unwrap();
        assert_eq!((&*config.registries["0x01"], &*config.access["0x01"]), ("5Abc", "5Def"));
    }

    #[test]
    fn one_of_before_there_was_an_access_contract_is_good() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "url = \"ws://one\"\n\n[registries]\n0x01 = \"5Abc\"\n").unwrap();
        let config = Config::load(&path).unwrap();
        assert_eq!(config.registries["0x01"], "5Abc");
        assert!(config.access.is_empty());
    }

    #[test]
    fn home_follows_the_order() {
        let none = |_: &str| None;
        let both = |name: &str| Some(PathBuf::from(if name == "HOME" { "/h" } else { "/x" }));
        let relative = |name: &str| Some(PathBuf::from(if name == "HOME" { "/h" } else { "x" }));
        assert_eq!(home(Some(Path::new("/m")), both).unwrap(), Path::new("/m"));
        assert_eq!(home(None, both).unwrap(), Path::new("/x/marque"));
        assert_eq!(home(None, relative).unwrap(), Path::new("/h/.config/marque"));
        assert_eq!(home(None, none).unwrap_err().kind, Kind::Local);
    }
}
