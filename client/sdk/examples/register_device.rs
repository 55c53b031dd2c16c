//! Registers a device that pays for itself. Usage: `register_device <url> <registry account> <funded secret URI>`

use marque_sdk::{
    Account, Chain, Registry, Signer, account,
    primitives::{Controller, Operation},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, contract, funder] = args.as_slice() else { return Err("give the URL, the registry and a funder".into()) };
    let chain = Chain::connect(url).await?;
    let registry = Registry::attach(&chain, account::parse(contract)?).await?;

    let device = Account::generate();
    let id = device.device_id().ok_or("devices have Ed25519 keys")?;
    chain.transfer(&Account::from_uri(funder)?, &Signer::account(&device), 10_000_000_000_000).await?;

    let register =
        Operation::Register { controller: Controller::Device, metadata: None, keys: vec![], services: vec![] };
    let receipt = registry.execute(&device, id, register).await?;
    println!("{} in block {}", registry.did(id), receipt.block.number);
    Ok(())
}
