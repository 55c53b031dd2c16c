//! Measures the chain as a client meets it: `cargo run --release --example measure -- [DATA_DIR]`.
//!
//! Prints the time from submitting a transfer to its finality (raw RPC, and subxt with all that it asks besides), the
//! time of a read, and how many transfers a second go through when many are in flight.

use std::time::{Duration, Instant};

use marque_devnet::{Config, Devnet};
use sp_core::{Pair, sr25519};
use subxt::dynamic::{self, Value};
use subxt::rpcs::client::{RpcClient, rpc_params};
use subxt::tx::Signer as _;
use subxt::utils::{AccountId32, MultiSignature};
use subxt::{OnlineClient, PolkadotConfig};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const TRANSFERS: usize = 300;
const FLOOD: u64 = 2000;

struct Signer(sr25519::Pair);

impl subxt::tx::Signer<PolkadotConfig> for Signer {
    fn account_id(&self) -> AccountId32 {
        AccountId32(self.0.public().0)
    }

    fn sign(&self, payload: &[u8]) -> MultiSignature {
        MultiSignature::Sr25519(self.0.sign(payload).0)
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let data_dir = std::env::args().nth(1).map(Into::into);
    let devnet = Devnet::start(Config { data_dir: data_dir.clone(), ..Config::default() }).await?;
    let client = OnlineClient::<PolkadotConfig>::from_insecure_url(devnet.url()).await?;
    let rpc = RpcClient::from_insecure_url(devnet.url()).await?;
    let alice = Signer(sr25519::Pair::from_string("//Alice", None)?);
    let bob = Signer(sr25519::Pair::from_string("//Bob", None)?);
    let to = Value::unnamed_variant("Id", [Value::from_bytes(bob.account_id().0)]);
    let call = dynamic::transaction("Balances", "transfer_keep_alive", (to, Value::u128(1)));

    let mut times = Vec::new();
    for _ in 0..TRANSFERS {
        let begun = Instant::now();
        let at = client.at_current_block().await?;
        let mut transactions = at.transactions();
        let sent = transactions.sign_and_submit_then_watch_default(&call, &alice).await?;
        sent.wait_for_finalized_success().await?;
        times.push(begun.elapsed());
    }
    report("subxt: sign, submit, finalized, events", &mut times);

    let first = next_index(&rpc, &alice).await?;
    let flood = sign_all(&client, &call, &alice, first, FLOOD).await?;
    let (one_by_one, in_flight) = flood.split_at(TRANSFERS);
    for extrinsic in one_by_one {
        let begun = Instant::now();
        finalized(&rpc, extrinsic).await?;
        times.push(begun.elapsed());
    }
    report("raw RPC: submit, finalized", &mut times);
    for _ in 0..TRANSFERS {
        let begun = Instant::now();
        next_index(&rpc, &alice).await?;
        times.push(begun.elapsed());
    }
    report("raw RPC: account nonce", &mut times);

    let (height, begun) = (devnet.finalized(), Instant::now());
    let (last, others) = in_flight.split_last().ok_or("nothing to send")?;
    for chunk in others.chunks(100) {
        let sends = chunk.iter().map(|extrinsic| submit(&rpc, extrinsic));
        futures::future::try_join_all(sends).await?;
    }
    finalized(&rpc, last).await?;
    let elapsed = begun.elapsed();
    println!(
        "{} transfers in flight: {:.0} per second, in {} blocks",
        in_flight.len(),
        in_flight.len() as f64 / elapsed.as_secs_f64(),
        devnet.finalized() - height,
    );
    let blocks = devnet.finalized();
    devnet.stop().await?;
    if let Some(dir) = data_dir {
        let path: std::path::PathBuf = dir;
        let bytes = std::fs::metadata(path.join("chain.redb"))?.len();
        println!("archive: {bytes} bytes for {blocks} blocks");
        let begun = Instant::now();
        let devnet = Devnet::start(Config { data_dir: Some(path), ..Config::default() }).await?;
        println!("start on it: {:?}", begun.elapsed());
        devnet.stop().await?;
    }
    Ok(())
}

async fn next_index(rpc: &RpcClient, signer: &Signer) -> Outcome<u64> {
    let account = signer.account_id().to_string();
    Ok(rpc.request("system_accountNextIndex", rpc_params![account]).await?)
}

async fn sign_all<P: subxt::tx::Payload>(
    client: &OnlineClient<PolkadotConfig>,
    call: &P,
    signer: &Signer,
    first: u64,
    count: u64,
) -> Outcome<Vec<String>> {
    let at = client.at_current_block().await?;
    let mut signed = Vec::new();
    for nonce in first..first + count {
        let params =
            subxt::config::DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new().nonce(nonce).immortal().build();
        let extrinsic = at.transactions().create_signed(call, signer, params).await?;
        signed.push(format!("0x{}", hex::encode(extrinsic.encoded())));
    }
    Ok(signed)
}

async fn submit(rpc: &RpcClient, extrinsic: &str) -> Outcome<()> {
    rpc.request::<String>("author_submitExtrinsic", rpc_params![extrinsic]).await?;
    Ok(())
}

async fn finalized(rpc: &RpcClient, extrinsic: &str) -> Outcome<()> {
    let (method, end) = ("author_submitAndWatchExtrinsic", "author_unwatchExtrinsic");
    let mut statuses = rpc.subscribe::<serde_json::Value>(method, rpc_params![extrinsic], end).await?;
    while let Some(status) = statuses.next().await {
        if status?.get("finalized").is_some() {
            return Ok(());
        }
    }
    Err("the subscription ended before the transaction was final".into())
}

fn report(what: &str, times: &mut Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what}: median {:.2} ms, 95 % {:.2} ms, most {:.2} ms", at(0.5), at(0.95), at(1.0));
    times.clear();
}
