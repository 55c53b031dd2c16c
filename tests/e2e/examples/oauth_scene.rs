//! Sets a chain up for the tests with other people's OAuth clients: `oauth_scene URL REGISTRY ACCESS ISSUER OTHER_URL FOLDER`.
//!
//! Makes a device whose key those clients can have, as a private JSON Web Key in the folder; lets it read meters by the authorization
//! server of this number; and registers another authorization server under OTHER_URL, which lets it too. All by //Alice, who owns the
//! first one. Prints what came of it as JSON.

use std::{error::Error, path::Path};

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    Access, Account, At, Chain, Registry, Seed, Signer, account,
    primitives::{
        Controller, DeviceId, Operation,
        access::{AccessOperation, Grantee, IssuerId, Right, Sensitivity},
    },
};
use serde_json::json;
use zeroize::Zeroizing;

const SCOPE: &str = "meter:read";
const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, registry, access, issuer, other_url, folder] = arguments.as_slice() else {
        return Err("usage: oauth_scene URL REGISTRY ACCESS ISSUER OTHER_URL FOLDER".into());
    };
    let chain = Chain::connect(url).await?;
    let registry = Registry::attach(&chain, account::parse(registry)?).await?;
    let access = Access::attach(&registry, account::parse(access)?).await?;
    let alice = Account::from_uri("//Alice")?;

    let seed = Zeroizing::new(rand::random::<[u8; 32]>());
    let key = Account::ed25519(&Seed::from_bytes(&seed));
    let device = key.device_id().ok_or("the key is none of a device")?;
    let controller = Controller::Account(alice.account());
    let register = Operation::Register { controller, metadata: None, keys: vec![], services: vec![] };
    registry.submit(&alice, registry.prepare(device, register).sign(&key).await?).await?;
    grant(&access, &alice, issuer.parse()?, device).await?;

    let (other, _) = access.register_issuer(&alice, other_url, &[]).await?;
    let scope =
        AccessOperation::DefineScope { name: SCOPE.into(), description: [0; 32], sensitivity: Sensitivity::Low };
    access.execute(&alice, other, scope).await?;
    grant(&access, &alice, other, device).await?;

    let path = Path::new(folder).join("device.jwk.json");
    let (public, private) = (BASE64URL_NOPAD.encode(&device.0), BASE64URL_NOPAD.encode(&*seed));
    std::fs::write(&path, json!({ "kty": "OKP", "crv": "Ed25519", "x": public, "d": private }).to_string())?;
    println!("{}", json!({ "did": registry.did(device).to_string(), "key": path, "other_issuer": other }));
    Ok(())
}

async fn grant(access: &Access, alice: &Account, issuer: IssuerId, device: DeviceId) -> Result<(), Box<dyn Error>> {
    let until_ms = access.chain().time_ms(At::Best).await? + YEAR_MS;
    let (grantee, right) = (Grantee::Device(device), Right::Scope(SCOPE.into()));
    access.execute(alice, issuer, AccessOperation::Grant { grantee, right, until_ms }).await?;
    Ok(())
}
