//! Prints every change of every device, past and to come. Usage: `follow_events <url> <registry account> [first block]`

use futures::TryStreamExt;
use marque_sdk::{Chain, Registry, account};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, contract, rest @ ..] = args.as_slice() else { return Err("give the URL and the registry".into()) };
    let from = rest.first().map_or(Ok(1), |block| block.parse())?;
    let chain = Chain::connect(url).await?;
    let registry = Registry::attach(&chain, account::parse(contract)?).await?;

    let mut events = std::pin::pin!(registry.events(from));
    while let Some(event) = events.try_next().await? {
        println!("{} {} {:?}", event.block.number, registry.did(event.device), event.entry.change);
    }
    Ok(())
}
