//! `marque demo`: the whole story, each step checked.

mod birth;
mod cast;
mod charging;
mod end;
mod gateway;
mod grid;
mod life;
mod teller;
mod token;

use marque_sdk::Chain;

use crate::{
    cli::Global,
    failure::{Failure, Outcome},
    output::Output,
    shown,
};
use cast::Cast;
use teller::Teller;

const EXAMPLES: &str = "\
Examples:
  marque demo                               on a fresh chain inside this process; nothing is written anywhere
  marque demo --url ws://127.0.0.1:9944     on a running development node, with //Alice's money
  marque demo --json | jq .                 a line for each step

Exit code 1 when a step did not go as it should.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// How many devices the fleet has that is registered at once
    #[arg(long, value_name = "COUNT", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    fleet: u32,
}

/// Tells the story.
///
/// # Errors
/// When a step does not go as it should, or the chain can't be reached or started.
pub async fn run(global: &Global, output: Output, args: &Args) -> Outcome {
    match &global.url {
        Some(url) => tell(url, output, args).await,
        None => embedded(output, args).await,
    }
}

#[cfg(feature = "devnet")]
async fn embedded(output: Output, args: &Args) -> Outcome {
    let devnet = marque_devnet::Devnet::start(marque_devnet::Config::default()).await;
    let devnet = devnet.map_err(|error| Failure::new(crate::failure::Kind::Failed, error.to_string()))?;
    let told = tell(&devnet.url(), output, args).await;
    let stopped = devnet.stop().await.map_err(|error| Failure::new(crate::failure::Kind::Failed, error.to_string()));
    told.and(stopped)
}

#[cfg(not(feature = "devnet"))]
async fn embedded(_output: Output, _args: &Args) -> Outcome {
    Err(Failure::usage("this build has no chain inside").hint("name a running development node with --url"))
}

async fn tell(url: &str, output: Output, args: &Args) -> Outcome {
    let chain = Chain::connect(url).await?;
    if !chain.is_development().await? {
        let url = shown::url(url);
        return Err(Failure::usage(format!("{url} is not a development chain, and the demo spends //Alice's money"))
            .hint("run it without --url and MARQUE_URL, on a chain of its own"));
    }
    let mut teller = Teller::new(output, chain.clone());
    let cast = Cast::gather(&mut teller, &chain).await?;
    birth::registrations(&mut teller, &cast).await?;
    birth::resolution(&mut teller, &cast).await?;
    life::rotation(&mut teller, &cast).await?;
    life::signatures(&mut teller, &cast).await?;
    life::suspension(&mut teller, &cast).await?;
    life::transfer(&mut teller, &cast).await?;
    end::revocation(&mut teller, &cast).await?;
    end::history(&mut teller, &cast).await?;
    end::fleet(&mut teller, &cast, args.fleet).await?;
    let grid = grid::set_up(&mut teller, &cast).await?;
    token::issued(&mut teller, &cast, &grid).await?;
    let point = charging::charge(&mut teller, &cast, &grid).await?;
    charging::refusals(&mut teller, &cast, &grid, &point).await?;
    charging::revocations(&mut teller, &grid, &point).await?;
    gateway::story(&mut teller, &cast, &grid).await?;
    teller.end()
}
