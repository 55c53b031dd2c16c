//! Registers an authorization server with a new signing key and a scope. Usage: `register_an_issuer <url> <registry account>
//! <access account> <owner URI> <issuer URL>`

use marque_sdk::{
    Access, Account, At, Chain, Registry, Signer, account,
    primitives::{
        access::{AccessOperation, NewIssuerKey, Sensitivity},
        blake2b_256,
    },
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, registry, access, owner, issuer_url] = args.as_slice() else {
        return Err("give the URL, the registry, the access contract, the owner and the issuer's URL".into());
    };
    let chain = Chain::connect(url).await?;
    let registry = Registry::attach(&chain, account::parse(registry)?).await?;
    let access = Access::attach(&registry, account::parse(access)?).await?;
    let owner = Account::from_uri(owner)?;

    // The key that will sign tokens; it lasts for a quarter, and another one follows it before it ends.
    let signing_key = Account::generate();
    let now_ms = chain.time_ms(At::Best).await?;
    let key = NewIssuerKey {
        public_key: signing_key.public_key(),
        // Tokens say when they were issued in whole seconds: one of this very second counts too.
        not_before_ms: now_ms - now_ms % 1000,
        not_after_ms: now_ms + 90 * DAY_MS,
    };
    let (issuer, _) = access.register_issuer(&owner, issuer_url, &[key]).await?;

    let scope = AccessOperation::DefineScope {
        name: "meters:read".into(),
        description: blake2b_256(b"Reads meters."),
        sensitivity: Sensitivity::Low,
    };
    access.execute(&owner, issuer, scope).await?;
    println!("authorization server {issuer}, whose tokens name the key {issuer}#key-0");
    Ok(())
}
