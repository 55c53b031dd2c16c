//! `marque gateway login`

use serde_json::json;

use crate::{
    config::KnownGateway,
    context::Context,
    failure::{Failure, Outcome},
    gateway::{Client, args::Connection, authority, token},
    output,
};

const EXAMPLES: &str = "\
Examples:
  marque gateway login --gateway https://gateway.example                                the token is asked for
  marque gateway login --gateway https://gateway.example --token-file ./first-token
  vault read -field=token marque | marque gateway login --gateway https://gateway.example
  marque gateway login --gateway https://10.1.0.5:8443 --ca ./ca.pem --token-file ./token

The token is tried, and then kept beside the config, for its owner alone. It is sent to this gateway and to no other.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    connection: Connection,
}

/// Remembers a gateway, once it has taken the token.
///
/// # Errors
/// When the gateway can't be reached or refuses, or nothing can be remembered.
pub async fn run(context: &Context, args: &Args) -> Outcome {
    let address = args.connection.address(context)?;
    let ca = args.connection.ca.as_ref();
    let authorities = ca.map(|path| authority(path)).transpose()?;
    let ca = ca.map(|path| path.canonicalize().map_err(|error| Failure::file("read", path, &error))).transpose()?;
    let token = match &args.connection.token_file {
        Some(path) => token::from_file(path)?,
        None => token::from_stdin()?,
    };
    let client = Client::new(address, &token, authorities, context.output)?;
    let servers = client.list(&["authorizationServers"]).await?.len();
    let (url, path) = (client.address().to_string(), context.gateway_token_path());
    context.remember_gateway(KnownGateway { url: url.clone(), ca: ca.clone() }, &token)?;
    let result = json!({ "gateway": url, "ca": ca, "token_file": path, "authorization_servers": servers });
    context.output.result(&result, || {
        let mut fields = vec![("gateway", output::styled(output::BOLD, &url))];
        fields.extend(ca.map(|path| ("authority", path.display().to_string())));
        fields.push(("token", path.display().to_string()));
        fields.push(("servers", servers.to_string()));
        output::fields(&fields)
    })
}
