//! How many tokens a second an OAuth authorization server gives for client credentials, and how long each takes.
//!
//! Makes load on a token endpoint over plain HTTP, and prints what it measured as JSON. It knows no server in particular:
//! `scripts/bench gateway` runs it against the gateway and against another one. With `--cryptography` alone it measures what no server can
//! do without. One thread makes the load, so that on a machine with
//! two cores the server has one for itself.

mod connection;
mod cryptography;
mod load;
mod measured;
mod requests;

use std::{error::Error, path::PathBuf, time::Duration};

use clap::{ArgGroup, Parser};
use hyper::Uri;
use serde_json::json;

use load::{Load, Pace};
use measured::Measured;
use requests::{Credential, Requests};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How much of the highest rate is offered where latency is measured below saturation.
const PACED_SHARE: f64 = 0.5;
/// Assertions signed beforehand, beside what the warm-up's rate needs: that has signatures in it, so it is low.
const ASSERTIONS_HEADROOM: f64 = 2.0;

/// Makes load on the token endpoint of an OAuth authorization server.
#[derive(Parser)]
#[command(group(ArgGroup::new("credential").required(true).args(["secret", "jwk"])))]
struct Arguments {
    /// The token endpoint, with http.
    #[arg(long)]
    url: Uri,
    /// The client.
    #[arg(long)]
    client_id: String,
    /// The client's secret, for client_secret_basic.
    #[arg(long)]
    secret: Option<String>,
    /// The client's private JSON Web Key (OKP, Ed25519), for private_key_jwt.
    #[arg(long, requires = "audience")]
    jwk: Option<PathBuf>,
    /// Whom assertions are for: the server's issuer, or its token endpoint.
    #[arg(long)]
    audience: Option<String>,
    /// The scope that is asked for.
    #[arg(long)]
    scope: String,
    /// The resource that tokens are asked for (RFC 8707).
    #[arg(long)]
    resource: Option<String>,
    /// Connections at a time, each with one request at a time. With several numbers, each is measured.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 256])]
    connections: Vec<usize>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Seconds of load before each measurement, which are not counted.
    #[arg(long, default_value_t = 3)]
    warm_up: u64,
    /// Measures once more, with the last number of connections, at a steady half of the highest rate.
    #[arg(long)]
    paced: bool,
}

impl Arguments {
    fn requests(&self) -> Result<Requests> {
        let credential = match (&self.secret, &self.jwk, &self.audience) {
            (Some(secret), ..) => Credential::secret(&self.client_id, secret)?,
            (None, Some(path), Some(audience)) => {
                Credential::key(&self.client_id, &std::fs::read_to_string(path)?, audience)?
            }
            _ => return Err("give --secret, or --jwk with --audience".into()),
        };
        Requests::new(&self.url, credential, &self.scope, self.resource.as_deref())
    }

    /// What is measured, after a warm-up by which assertions are counted out.
    async fn measure(&self, requests: &Requests, connections: usize, pace: Pace) -> Result<Measured> {
        let (warm_up, seconds) = (Duration::from_secs(self.warm_up), Duration::from_secs(self.seconds));
        let warm = Load { url: &self.url, requests, connections, pace, counted: warm_up }.run().await?;
        let run_in = load::RUN_IN.as_secs_f64() + seconds.as_secs_f64();
        requests.prepare((warm.rate() * run_in * ASSERTIONS_HEADROOM) as usize + connections)?;
        let measured = Load { url: &self.url, requests, connections, pace, counted: seconds }.run().await?;
        match requests.too_few() {
            0 => Ok(measured),
            missing => {
                Err(format!("{missing} assertions too few were signed: measure again, with a longer --warm-up").into())
            }
        }
    }
}

fn main() -> Result<()> {
    if std::env::args().skip(1).eq(["--cryptography"]) {
        println!("{:#}", cryptography::report());
        return Ok(());
    }
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&arguments))
}

async fn run(arguments: &Arguments) -> Result<()> {
    let requests = arguments.requests()?;
    let (mut unpaced, mut highest) = (Vec::new(), 0_f64);
    for &connections in &arguments.connections {
        let measured = arguments.measure(&requests, connections, Pace::AsAnswered).await?;
        highest = highest.max(measured.rate());
        unpaced.push(measured.report(connections));
    }
    let paced = match (arguments.paced, arguments.connections.last()) {
        (true, Some(&connections)) => {
            let offered = highest * PACED_SHARE;
            let measured = arguments.measure(&requests, connections, Pace::Steady { per_second: offered }).await?;
            let mut report = measured.report(connections);
            report["offered_rate"] = json!(offered);
            report
        }
        _ => json!(null),
    };
    let report = json!({
        "authentication": requests.method(),
        "seconds": arguments.seconds,
        "unpaced": unpaced,
        "paced": paced,
    });
    println!("{report:#}");
    Ok(())
}
