//! Resolves a DID to its document. Usage: `resolve_a_did <url> <registry account> <did>`

use marque_sdk::{Chain, Did, Registry, account};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, contract, did] = args.as_slice() else { return Err("give the URL, the registry and the DID".into()) };
    let did: Did = did.parse()?;
    let chain = Chain::connect(url).await?;
    let registry = Registry::attach_did(&chain, account::parse(contract)?, &did).await?;
    println!("{}", serde_json::to_string_pretty(&registry.resolve(&did).await?)?);
    Ok(())
}
