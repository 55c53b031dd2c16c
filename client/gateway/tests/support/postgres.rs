//! A real PostgreSQL for tests: a server of their own, which ends with them.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use data_encoding::HEXLOWER;
use sqlx::{Connection, PgConnection};

const SCRIPT: &str = include_str!("postgres.sh");

/// The one that all tests of a process share. Each takes a database of its own.
static SHARED: LazyLock<PostgresServer> = LazyLock::new(PostgresServer::start);

/// A server. It is there until this is dropped, or the process ends.
pub struct PostgresServer {
    process: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: String,
    password: String,
    databases: AtomicU64,
}

/// The URL of a new, empty database on the server that all tests share.
pub async fn database() -> String {
    SHARED.database().await
}

impl PostgresServer {
    /// Starts one.
    ///
    /// # Panics
    /// If there is no PostgreSQL here.
    pub fn start() -> Self {
        let password = HEXLOWER.encode(&rand::random::<[u8; 16]>());
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "postgres", SCRIPT, &password]).current_dir("/");
        let mut process = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("there is a shell");
        let (commands, answers) = (process.stdin.take(), process.stdout.take().expect("it is piped"));
        let (answers, folder) = (BufReader::new(answers), String::new());
        let mut server = Self { process, commands, answers, folder, password, databases: AtomicU64::new(0) };
        server.resume();
        server
    }

    /// Starts it again, with all that was committed.
    pub fn resume(&mut self) {
        self.stop();
        self.folder = self.tell("start");
    }

    /// Stops it at once, if it runs.
    pub fn stop(&mut self) {
        self.tell("stop");
    }

    /// The URL of a new, empty database.
    pub async fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.expect("it has started");
        sqlx::query(&format!("CREATE DATABASE {name}")).execute(&mut connection).await.expect("the name is new");
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://marque:{}@{}/{database}", self.password, self.folder.replace('/', "%2F"))
    }

    fn tell(&mut self, command: &str) -> String {
        let mut answer = String::new();
        if let Some(commands) = &mut self.commands {
            // Where it has ended, it has said why.
            drop(writeln!(commands, "{command}"));
            self.answers.read_line(&mut answer).expect("it answers in text");
        }
        assert!(
            answer.ends_with('\n'),
            "the tests need PostgreSQL, and it did not start (why is above): on Debian, apt-get install postgresql"
        );
        answer.trim_end().to_owned()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.commands = None;
        self.process.wait().expect("it ends with its input");
    }
}
