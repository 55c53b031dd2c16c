//! Running the program, each test in a home of its own.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_marque");

/// A user: a home folder and a passphrase.
pub struct User {
    folder: TempDir,
    url: Option<String>,
}

/// What a command did.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The only JSON object on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", self.stdout, self.stderr))
    }

    /// The JSON lines on stdout.
    pub fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The error on stderr.
    pub fn error(&self) -> Value {
        let error: Value =
            serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {}", self.stderr));
        error["error"].clone()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ran =
            Self { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        ran
    }
}

impl User {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), url: None }
    }

    /// The same user's folder for files of theirs.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// From now on this is what `MARQUE_URL` says.
    pub fn set_url(&mut self, url: &str) {
        self.url = Some(url.to_owned());
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.with_environment(Command::new(PROGRAM));
        command.args(arguments);
        command
    }

    /// Runs a line as it would be typed.
    pub fn type_line(&self, line: &str) -> Ran {
        let folder = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
        self.with_environment(Command::new("sh")).env("PATH", path).args(["-c", line]).output().unwrap().into()
    }

    fn with_environment(&self, mut command: Command) -> Command {
        for variable in ["URL", "REGISTRY", "ACCESS", "ISSUER", "ACCOUNT", "PASSPHRASE_FILE", "GATEWAY"] {
            command.env_remove(format!("MARQUE_{variable}"));
        }
        for variable in ["TOKEN", "CA", "SERVER", "DATABASE", "MASTER_KEY"] {
            command.env_remove(format!("MARQUE_GATEWAY_{variable}"));
        }
        command.env("MARQUE_HOME", self.path("home")).env("MARQUE_PASSPHRASE", "a passphrase for tests");
        if let Some(url) = &self.url {
            command.env("MARQUE_URL", url);
        }
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs what must succeed, and gives its JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
        ran.json()
    }

    /// Runs what must fail, and gives the exit code and the error's kind.
    pub fn fails(&self, arguments: &[&str]) -> (i32, String) {
        let ran = self.run(&[arguments, &["--json"]].concat());
        (ran.code, ran.error()["kind"].as_str().unwrap().to_owned())
    }

    /// Runs what must be refused, and gives the name of the reason.
    pub fn refusal(&self, arguments: &[&str]) -> String {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, 5, "{arguments:?}: {} {}", ran.stdout, ran.stderr);
        let error = ran.error();
        assert_eq!(error["kind"], "refused");
        error["reason"].as_str().unwrap_or_else(|| panic!("no reason: {error}")).to_owned()
    }

    /// Starts a chain that keeps nothing, without a gateway, and goes on with it; gives what it says when it is ready.
    pub fn up(&mut self) -> (Running, Value) {
        self.up_with(&["--no-gateway"])
    }

    /// The same, with a gateway.
    pub fn up_with_gateway(&mut self) -> (Running, Value) {
        self.up_with(&[])
    }

    fn up_with(&mut self, more: &[&str]) -> (Running, Value) {
        let mut chain = self.start(&[&["up", "--port", "0", "--json"], more].concat());
        let ready = chain.line();
        self.set_url(ready["url"].as_str().unwrap());
        (chain, ready)
    }

    /// Starts something that goes on, and whose lines are read.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut child = self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Running { child: Some(child), stdout }
    }
}

/// A command under way. It is killed when this is dropped.
pub struct Running {
    child: Option<Child>,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    /// The next line on stdout: this waits for it.
    pub fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        if line.is_empty() {
            let ran = self.end();
            panic!("it ended: {} {}", ran.code, ran.stderr);
        }
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// What it prints on stdout until a line that has this text: this waits for it.
    pub fn text_until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.contains(end) {
            assert_ne!(self.stdout.read_line(&mut text).unwrap(), 0, "it ended: {text}");
        }
        text
    }

    /// The same for stderr.
    pub fn errors_until(&mut self, end: &str) -> String {
        let stderr = self.child.as_mut().unwrap().stderr.as_mut().unwrap();
        let mut text = Vec::new();
        // Byte by byte: what follows is for who reads on.
        let mut byte = [0];
        while !String::from_utf8_lossy(&text).contains(end) {
            stderr.read_exact(&mut byte).unwrap();
            text.extend(byte);
        }
        String::from_utf8(text).unwrap()
    }

    /// Sends a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Waits for the end. What it printed and was not read is in the result.
    pub fn end(&mut self) -> Ran {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        let mut ran = Ran::from(self.child.take().unwrap().wait_with_output().unwrap());
        ran.stdout = rest;
        ran
    }

    /// Nobody reads what it prints any more.
    pub fn stop_reading(mut self) -> Ran {
        let child = self.child.take().unwrap();
        drop(self);
        child.wait_with_output().unwrap().into()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
