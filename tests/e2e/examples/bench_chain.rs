//! How fast devices are registered and resolved, on the embedded chain and on a real node, in one run.
//!
//! Prints a Markdown page. Each rate is the median of [`ROUNDS`] rounds; `scripts/bench chain` writes the page to docs/chain.md.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::try_join_all;
use marque_devnet::{Config, Devnet, Seal, SystemClock};
use marque_e2e_tests::Backend;
use marque_sdk::{
    Account, At, Chain, ChainConfig, Did, Registry, Signer, WaitFor,
    primitives::{Controller, Operation, SignedOperation, bounds::BATCH_MAX},
};
use parity_scale_codec::Encode;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const CLIENTS: usize = 16;
const ROUNDS: usize = 3;
/// Single registrations of a round, over all clients.
const SINGLES: usize = 80;
/// Batches of a round, over all clients.
const BATCHES: usize = 32;
const RESOLUTIONS: usize = 400;
/// What each client gets to pay with: ten thousand tokens of a development chain.
const FUNDS: u128 = 10_000_000_000_000_000;

/// A connection with an account of its own.
struct Client {
    registry: Registry,
    account: Account,
}

/// One line of the table.
struct Line {
    clients: usize,
    batch: usize,
    per_second: f64,
    per_block_median: usize,
    per_block_most: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    println!("# Registrations and resolutions on a chain\n");
    println!(
        "Written by `scripts/bench chain`. Sponsored registrations (the dear kind: one Ed25519 signature is checked in the contract for \
         each), submitted and waited for until they are in a block; medians of {ROUNDS} rounds. A client signs, makes its dry run and \
         submits one transaction after the other. Chain and clients share {} cores.\n",
        std::thread::available_parallelism()?
    );
    let embedded = Devnet::start(Config { clock: Arc::new(SystemClock), ..Config::default() }).await?;
    report("Embedded chain, a block as soon as there is a transaction", &embedded.url()).await?;
    embedded.stop().await?;
    let config =
        Config { clock: Arc::new(SystemClock), seal: Seal::Interval(Duration::from_secs(1)), ..Config::default() };
    let interval = Devnet::start(config).await?;
    report("Embedded chain, a block each second", &interval.url()).await?;
    interval.stop().await?;
    let node = Backend::node().await;
    report("substrate-contracts-node 0.42", node.url()).await?;
    node.stop().await;
    Ok(())
}

async fn report(title: &str, url: &str) -> Result<()> {
    let clients = clients(url).await?;
    println!("## {title}\n");
    println!(
        "| clients | registrations in a transaction | registrations per second | per block, median | per block, most |"
    );
    println!("|---:|---:|---:|---:|---:|");
    for (count, batch) in [(1, 1), (CLIENTS, 1), (1, BATCH_MAX), (CLIENTS, BATCH_MAX)] {
        let line = median_round(&clients[..count], batch).await?;
        println!(
            "| {} | {} | {:.0} | {} | {} |",
            line.clients, line.batch, line.per_second, line.per_block_median, line.per_block_most
        );
    }
    let did = report_weights(&clients[0]).await?;
    println!("\n| clients | resolution (one call), median | 99th percentile | resolutions per second |");
    println!("|---:|---:|---:|---:|");
    for count in [1, CLIENTS] {
        let (median, late, per_second) = resolve(&clients[..count], did).await?;
        println!("| {count} | {:.2} ms | {:.2} ms | {per_second:.0} |", millis(median), millis(late));
    }
    println!();
    Ok(())
}

async fn clients(url: &str) -> Result<Vec<Client>> {
    let mut config = ChainConfig::default();
    config.wait_for = WaitFor::Included;
    let funder = Account::from_uri("//Alice")?;
    // Waits for finality, which is where who attaches looks.
    let chain = Chain::connect(url).await?;
    let registry = Registry::deploy(&chain, &funder).await?;
    let mut clients = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        let account = Account::generate();
        chain.transfer(&funder, &account.account(), FUNDS).await?;
        let connection = Chain::connect_with(url, config.clone()).await?;
        clients.push(Client { registry: Registry::attach(&connection, registry.contract()).await?, account });
    }
    Ok(clients)
}

async fn median_round(clients: &[Client], batch: usize) -> Result<Line> {
    // One client alone does less, so that it takes about as long.
    let all = if batch == 1 { SINGLES } else { BATCHES };
    let transactions = if clients.len() == 1 { all / 4 } else { all };
    let mut lines = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        lines.push(round(clients, batch, transactions).await?);
    }
    lines.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    Ok(lines.swap_remove(ROUNDS / 2))
}

async fn round(clients: &[Client], batch: usize, transactions: usize) -> Result<Line> {
    let each = transactions / clients.len();
    let mut work = Vec::with_capacity(clients.len());
    for client in clients {
        let mut batches = Vec::with_capacity(each);
        for _ in 0..each {
            batches.push(try_join_all((0..batch).map(|_| registration(client))).await?);
        }
        work.push(batches);
    }
    let started = Instant::now();
    let done = try_join_all(clients.iter().zip(work).map(|(client, batches)| register(client, batches))).await?;
    let seconds = started.elapsed().as_secs_f64();
    let mut per_block: BTreeMap<u32, usize> = BTreeMap::new();
    for (block, count) in done.into_iter().flatten() {
        *per_block.entry(block).or_default() += count;
    }
    let mut counts: Vec<usize> = per_block.into_values().collect();
    counts.sort_unstable();
    let registered: usize = counts.iter().sum();
    Ok(Line {
        clients: clients.len(),
        batch,
        per_second: registered as f64 / seconds,
        per_block_median: counts[counts.len() / 2],
        per_block_most: counts[counts.len() - 1],
    })
}

/// Submits each batch, and says in which block how many devices were registered.
async fn register(client: &Client, batches: Vec<Vec<SignedOperation>>) -> Result<Vec<(u32, usize)>> {
    let mut blocks = Vec::with_capacity(batches.len());
    for mut batch in batches {
        let count = batch.len();
        let receipt = if count == 1 {
            client.registry.submit(&client.account, batch.remove(0)).await?
        } else {
            let done = client.registry.register_batch(&client.account, batch).await?;
            if let Some(refused) = done.outcomes.iter().find_map(|outcome| outcome.err()) {
                return Err(format!("a registration was refused: {refused:?}").into());
            }
            done.receipt.ok_or("nothing was submitted")?
        };
        blocks.push((receipt.block.number, count));
    }
    Ok(blocks)
}

async fn registration(client: &Client) -> Result<SignedOperation> {
    let device = Account::generate();
    let operation = register_operation(Controller::Account(client.account.account()));
    let id = device.device_id().ok_or("a device's key is an Ed25519 key")?;
    Ok(client.registry.prepare(id, operation).sign(&device).await?)
}

/// Prints what the chain charges for the operations that the cost table has aims for; gives a registered device.
async fn report_weights(client: &Client) -> Result<Did> {
    let Client { registry, account } = client;
    let signed = registration(client).await?;
    let id = signed.envelope.device;
    let sponsored = registry.submit(account, signed).await?;

    let device = Account::generate();
    registry.chain().transfer(account, &device.account(), FUNDS / 1000).await?;
    let own = device.device_id().ok_or("a device's key is an Ed25519 key")?;
    let itself = registry.execute(&device, own, register_operation(Controller::Device)).await?;

    let status = (selector("status")?, id).encode();
    let read = registry.chain().dry_run_call(&account.account(), &registry.contract(), &status, At::Best).await?;
    println!("\n| operation | ref_time that this chain charges | with the extrinsic's base |");
    println!("|---|---:|---|");
    println!("| self-registration | {} | yes |", giga(itself.weight.ref_time));
    println!("| sponsored registration | {} | yes |", giga(sponsored.weight.ref_time));
    println!("| status read | {} | no: a call from elsewhere |", giga(read.gas.ref_time));
    Ok(registry.did(id))
}

fn register_operation(controller: Controller) -> Operation {
    Operation::Register { controller, metadata: None, keys: vec![], services: vec![] }
}

fn selector(message: &str) -> Result<[u8; 4]> {
    let metadata: serde_json::Value = serde_json::from_str(marque_sdk::bundle::DID_REGISTRY.metadata_json())?;
    let messages = metadata["spec"]["messages"].as_array().ok_or("the metadata lists messages")?;
    let found = messages.iter().find(|one| one["label"] == message).and_then(|one| one["selector"].as_str());
    let bytes = hex::decode(found.ok_or("there is such a message")?.trim_start_matches("0x"))?;
    Ok(bytes.as_slice().try_into()?)
}

fn giga(picoseconds: u64) -> String {
    format!("{:.3}e9 ps", picoseconds as f64 / 1e9)
}

/// Median, 99th percentile and rate.
async fn resolve(clients: &[Client], did: Did) -> Result<(Duration, Duration, f64)> {
    let each = RESOLUTIONS / clients.len();
    let started = Instant::now();
    let times = try_join_all(clients.iter().map(|client| resolve_often(client, did, each))).await?;
    let seconds = started.elapsed().as_secs_f64();
    let mut times: Vec<Duration> = times.into_iter().flatten().collect();
    times.sort_unstable();
    let count = times.len();
    Ok((times[count / 2], times[count * 99 / 100], count as f64 / seconds))
}

async fn resolve_often(client: &Client, did: Did, times: usize) -> Result<Vec<Duration>> {
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        let started = Instant::now();
        client.registry.resolve(&did).await?;
        taken.push(started.elapsed());
    }
    Ok(taken)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
