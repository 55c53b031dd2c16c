//! Serves a development chain until interrupted: `cargo run --release --example serve -- [PORT] [DATA_DIR]`.

use marque_devnet::{Config, Devnet};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut config = Config::default();
    if let Some(port) = arguments.next() {
        config.listen.set_port(port.parse()?);
    }
    config.data_dir = arguments.next().map(Into::into);
    let devnet = Devnet::start(config).await?;
    println!("{}", devnet.url());
    tokio::signal::ctrl_c().await?;
    devnet.stop().await?;
    Ok(())
}
