//! The node's JSON-RPC, the older ("legacy") methods: by not listing `chainHead_*` in `rpc_methods` it makes clients
//! that know both choose these.

mod author;
mod chain;
mod childstate;
mod error;
mod payment;
mod state;
mod subscribe;
mod system;

use std::net::SocketAddr;
use std::sync::Arc;

use jsonrpsee::core::RegisterMethodError;
use jsonrpsee::server::{BatchRequestConfig, RpcModule, ServerBuilder, ServerConfig, ServerHandle};
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::types::params::ParamsSequence;
use serde::Serialize;
use tokio::sync::mpsc;

use crate::chain::{Chain, StateAt};
use crate::executor::Executor;
use crate::seal::Command;
use error::RpcError;

/// A request, as the node bounds it: a code upload of the greatest size that fits a block, in hex, with room to spare.
const REQUEST_BYTES_MAX: u32 = 15 * 1024 * 1024;
const RESPONSE_BYTES_MAX: u32 = 15 * 1024 * 1024;
const CONNECTIONS_MAX: u32 = 256;
const SUBSCRIPTIONS_PER_CONNECTION_MAX: u32 = 1024;
const BATCH_MAX: u32 = 256;
/// Answers and notifications that may wait for a slow connection.
const OUTBOX_MAX: u32 = 256;

/// What the methods work on.
pub(crate) struct Context {
    chain: Arc<Chain>,
    executor: Arc<Executor>,
    commands: mpsc::Sender<Command>,
}

type Module = RpcModule<Context>;

impl Context {
    /// The context of all methods.
    pub(crate) fn new(chain: Arc<Chain>, executor: Arc<Executor>, commands: mpsc::Sender<Command>) -> Self {
        Self { chain, executor, commands }
    }

    /// Runs `job` on the chain, off the async runtime.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Chain) -> Result<T, RpcError> + Send + 'static,
    ) -> Result<T, RpcError> {
        let chain = self.chain.clone();
        self.executor.run(move || job(&chain)).await.map_err(|_| RpcError::Stopped)?
    }
}

/// Listens on `address` and serves until the handle is stopped.
pub(crate) async fn serve(context: Context, address: SocketAddr) -> std::io::Result<(ServerHandle, SocketAddr)> {
    let module = module(context).map_err(std::io::Error::other)?;
    let config = ServerConfig::builder()
        .max_request_body_size(REQUEST_BYTES_MAX)
        .max_response_body_size(RESPONSE_BYTES_MAX)
        .max_connections(CONNECTIONS_MAX)
        .max_subscriptions_per_connection(SUBSCRIPTIONS_PER_CONNECTION_MAX)
        .set_batch_request_config(BatchRequestConfig::Limit(BATCH_MAX))
        .set_message_buffer_capacity(OUTBOX_MAX)
        .set_tcp_no_delay(true)
        .build();
    let server = ServerBuilder::with_config(config).build(address).await?;
    let address = server.local_addr()?;
    Ok((server.start(module), address))
}

fn module(context: Context) -> Result<Module, RegisterMethodError> {
    let mut module = RpcModule::new(context);
    author::register(&mut module)?;
    chain::register(&mut module)?;
    state::register(&mut module)?;
    childstate::register(&mut module)?;
    system::register(&mut module)?;
    payment::register(&mut module)?;
    let mut names: Vec<&str> = module.method_names().chain(["rpc_methods"]).collect();
    names.sort_unstable();
    let methods = serde_json::json!({ "methods": names });
    module.register_method("rpc_methods", move |_, _, _| methods.clone())?;
    Ok(module)
}

/// Registers a method that `answer`s from the chain what `parse` reads from the parameters.
fn query<P, R>(
    module: &mut Module,
    names: &[&'static str],
    parse: fn(&mut ParamsSequence<'_>) -> Result<P, ErrorObjectOwned>,
    answer: fn(&Chain, P) -> Result<R, RpcError>,
) -> Result<(), RegisterMethodError>
where
    P: Send + 'static,
    R: Serialize + Clone + Send + 'static,
{
    let [name, aliases @ ..] = names else {
        return Ok(());
    };
    module.register_async_method(name, move |params, context, _| async move {
        let params = parse(&mut params.sequence())?;
        let answered = context.run(move |chain| answer(chain, params)).await;
        answered.map_err(ErrorObjectOwned::from)
    })?;
    for alias in aliases {
        module.register_alias(alias, name)?;
    }
    Ok(())
}

/// Like [`query`], for a method whose last parameter is the block that it asks about.
fn state_query<P, R>(
    module: &mut Module,
    names: &[&'static str],
    parse: fn(&mut ParamsSequence<'_>) -> Result<P, ErrorObjectOwned>,
    answer: fn(StateAt, P) -> Result<R, RpcError>,
) -> Result<(), RegisterMethodError>
where
    P: Send + 'static,
    R: Serialize + Clone + Send + 'static,
{
    let [name, aliases @ ..] = names else {
        return Ok(());
    };
    module.register_async_method(name, move |params, context, _| async move {
        let mut sequence = params.sequence();
        let params = parse(&mut sequence)?;
        let at = sequence.optional_next()?;
        let answered = context.run(move |chain| answer(chain.state(at)?, params)).await;
        answered.map_err(ErrorObjectOwned::from)
    })?;
    for alias in aliases {
        module.register_alias(alias, name)?;
    }
    Ok(())
}
