//! Verifies tokens off chain: each line of standard input is a JWT. Usage: `verify_a_token <url> <registry account>
//! <access account> <issuer number> <audience> <scope>`

use std::io::stdin;

use marque_sdk::{
    Access, Chain, Registry, Verifier, VerifierConfig, account, did, primitives::token::Requirement, token,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, registry, access, issuer, audience, scope] = args.as_slice() else {
        return Err("give the URL, the registry, the access contract, the issuer, the audience and the scope".into());
    };
    let chain = Chain::connect(url).await?;
    let registry = Registry::attach(&chain, account::parse(registry)?).await?;
    let access = Access::attach(&registry, account::parse(access)?).await?;

    // It follows the chain from now on: what is revoked is known with the block that it is in.
    let verifier = Verifier::start(&access, VerifierConfig::default()).await?;
    let requirement = Requirement { issuer: issuer.parse()?, audience: audience.clone(), scopes: vec![scope.clone()] };
    for line in stdin().lines() {
        let jwt = line?;
        let read = match token::read_jwt(jwt.trim()) {
            Ok(read) => read,
            Err(error) => {
                println!("refused: {error}");
                continue;
            }
        };
        // No presenter: that who sent it has the key which it is bound to (`cnf`) must be proven in another way, such as DPoP.
        match verifier.verify(&read, &requirement, None).await {
            Ok(good) => println!("good: {}", did::Did::from(good.claims.subject)),
            Err(error) if error.is_stale() => println!("nothing can be said now: {error}"),
            Err(error) => println!("{error}"),
        }
    }
    Ok(())
}
