//! Puts a new key in the place of a device's initial one. Usage: `rotate_a_key <url> <registry account> <device> <controller URI>`

use marque_sdk::{Account, Chain, Registry, Signer, account, did, primitives::Operation};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, contract, device, controller] = args.as_slice() else {
        return Err("give the URL, the registry, the device id and the controller".into());
    };
    let chain = Chain::connect(url).await?;
    let registry = Registry::attach(&chain, account::parse(contract)?).await?;
    let device = did::parse_device_id(device)?;

    let new_key = Account::generate();
    let rotate = Operation::RotateKey { id: 0, public_key: new_key.public_key() };
    registry.execute(&Account::from_uri(controller)?, device, rotate).await?;

    // The DID stays; the epoch rises, so that every older token of the device is dead.
    let status = registry.status(device).await?.ok_or("the device is not registered")?;
    println!("{} is in epoch {}", registry.did(device), status.epoch);
    Ok(())
}
