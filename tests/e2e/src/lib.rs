//! The chains that the end-to-end suite runs on: the embedded one, and substrate-contracts-node; and what its tests share.

pub mod access;
mod clock;
mod line;

use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use marque_devnet::{Config, Devnet, ManualClock};
use marque_sdk::Chain;
use tempfile::TempDir;

pub use clock::ShiftedClock;
pub use line::Line;

/// How long a node may take to answer its first request.
const NODE_START_MAX: Duration = Duration::from_secs(90);
const NODE_POLL: Duration = Duration::from_millis(200);
const NODE_NAME: &str = "substrate-contracts-node";

/// A chain that runs for one test, and ends with it.
pub struct Backend {
    url: String,
    running: Running,
}

enum Running {
    Embedded { devnet: Devnet, clock: Arc<ManualClock> },
    Node(Node),
}

struct Node {
    child: Child,
    // Removed after the node has ended.
    _data: TempDir,
}

impl Drop for Node {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Backend {
    /// The embedded chain, with a clock that moves only when told. It begins at the machine's time.
    ///
    /// # Panics
    /// When it can't be started.
    pub async fn embedded() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).expect("the machine's clock is set");
        let now_ms = u64::try_from(since_epoch.as_millis()).expect("the time fits");
        let clock = Arc::new(ManualClock::new(now_ms));
        // Its blocks are the test's alone.
        let config = Config { clock: clock.clone(), idle_max: Duration::ZERO, ..Config::default() };
        let devnet = Devnet::start(config).await.expect("the embedded chain starts");
        Self { url: devnet.url(), running: Running::Embedded { devnet, clock } }
    }

    /// substrate-contracts-node: the program that `CONTRACTS_NODE` names, or the one on `PATH`, or the one in `../shared/bin`.
    ///
    /// # Panics
    /// When there is none, or it does not answer in 90 s. A missing node fails the suite; nothing is skipped.
    pub async fn node() -> Self {
        let program = node_program();
        let data = tempfile::tempdir().expect("a temporary directory can be made");
        let port = free_port();
        let url = format!("ws://127.0.0.1:{port}");
        let child = Command::new(&program)
            .args(["--dev", "--no-telemetry", "--no-prometheus", "--port", "0", "--rpc-port", &port.to_string()])
            .arg("--base-path")
            .arg(data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{} can't be run: {error}", program.display()));
        let mut node = Node { child, _data: data };
        until_ready(&mut node.child, &url).await;
        Self { url, running: Running::Node(node) }
    }

    /// Where clients connect.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A new connection.
    ///
    /// # Panics
    /// When the chain does not answer.
    pub async fn connect(&self) -> Chain {
        Chain::connect(&self.url).await.expect("the chain answers")
    }

    /// The clock of the embedded chain; a node's can't be moved.
    pub fn clock(&self) -> Option<&ManualClock> {
        match &self.running {
            Running::Embedded { clock, .. } => Some(clock),
            Running::Node(_) => None,
        }
    }

    /// Ends the chain.
    ///
    /// # Panics
    /// When the embedded chain had a defect.
    pub async fn stop(self) {
        match self.running {
            Running::Embedded { devnet, .. } => devnet.stop().await.expect("the embedded chain stops"),
            Running::Node(node) => drop(node),
        }
    }
}

async fn until_ready(child: &mut Child, url: &str) {
    let started = Instant::now();
    loop {
        let error = match Chain::connect(url).await {
            Ok(_) => return,
            Err(error) => error,
        };
        if let Some(status) = child.try_wait().expect("the node's state can be asked for") {
            panic!("{NODE_NAME} ended with {status} before it answered");
        }
        assert!(started.elapsed() < NODE_START_MAX, "{NODE_NAME} did not answer in time: {error}");
        tokio::time::sleep(NODE_POLL).await;
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a listener has an address").port()
}

fn node_program() -> PathBuf {
    if let Some(named) = env::var_os("CONTRACTS_NODE") {
        return named.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bin");
    env::split_paths(&path)
        .chain([beside])
        .map(|directory| directory.join(NODE_NAME))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("there is no {NODE_NAME}: run scripts/install-node, or name one in CONTRACTS_NODE"))
}
