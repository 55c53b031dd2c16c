//! Registers a device that has no funds: it signs, a sponsor submits. Usage: `sponsor_a_device <url> <registry account> <sponsor URI>`

use marque_sdk::{
    Account, Chain, Registry, Signer, account,
    primitives::{Controller, Operation},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, contract, sponsor] = args.as_slice() else {
        return Err("give the URL, the registry and a sponsor".into());
    };
    let chain = Chain::connect(url).await?;
    let registry = Registry::attach(&chain, account::parse(contract)?).await?;
    let sponsor = Account::from_uri(sponsor)?;

    // On the device: the key never leaves it, and nobody but the sponsor can use what it signs.
    let device = Account::generate();
    let id = device.device_id().ok_or("devices have Ed25519 keys")?;
    let controller = Controller::Account(Signer::account(&sponsor));
    let register = Operation::Register { controller, metadata: None, keys: vec![], services: vec![] };
    let signed = registry.prepare(id, register).only_by(Signer::account(&sponsor)).sign(&device).await?;

    // At the sponsor.
    let receipt = registry.submit(&sponsor, signed).await?;
    println!("{} for a fee of {:?}", registry.did(id), receipt.fee);
    Ok(())
}
