//! `author_*`: transactions on their way into a block.

use std::sync::Arc;

use jsonrpsee::core::RegisterMethodError;
use jsonrpsee::server::{PendingSubscriptionSink, SubscriptionCloseResponse};
use jsonrpsee::types::{ErrorObjectOwned, Params};
use parity_scale_codec::{Decode, Encode};
use sp_core::{Bytes, H256};
use sp_runtime::OpaqueExtrinsic;
use tokio::sync::{mpsc, oneshot};

use super::error::RpcError;
use super::subscribe::send;
use super::{Context, Module};
use crate::pool::Pool;
use crate::seal::{Command, STATUSES_MAX, Status};

pub(super) fn register(module: &mut Module) -> Result<(), RegisterMethodError> {
    module.register_async_method("author_submitExtrinsic", |params, context, _| async move {
        submit(&context, &params, None).await
    })?;
    module.register_async_method("author_pendingExtrinsics", |_, context, _| async move {
        pending(&context).await.map_err(ErrorObjectOwned::from)
    })?;
    module.register_subscription(
        "author_submitAndWatchExtrinsic",
        "author_extrinsicUpdate",
        "author_unwatchExtrinsic",
        |params, sink, context, _| watch(params, sink, context),
    )?;
    Ok(())
}

async fn submit(
    context: &Context,
    params: &Params<'_>,
    watcher: Option<mpsc::Sender<Status>>,
) -> Result<H256, ErrorObjectOwned> {
    let bytes: Bytes = params.one()?;
    let extrinsic = OpaqueExtrinsic::decode(&mut &bytes[..]).map_err(|error| RpcError::Format(error.to_string()))?;
    let (reply, answer) = oneshot::channel();
    let command = Command::Submit { extrinsic, watcher, reply };
    context.commands.send(command).await.map_err(|_| RpcError::Stopped)?;
    let outcome = answer.await.map_err(|_| RpcError::Stopped)?;
    Ok(outcome.map_err(RpcError::Submit)?)
}

async fn watch(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
) -> SubscriptionCloseResponse {
    let (watcher, mut statuses) = mpsc::channel(STATUSES_MAX);
    if let Err(error) = submit(&context, &params, Some(watcher)).await {
        pending.reject(error).await;
        return SubscriptionCloseResponse::None;
    }
    let Ok(sink) = pending.accept().await else {
        return SubscriptionCloseResponse::None;
    };
    loop {
        let status = tokio::select! {
            status = statuses.recv() => status,
            () = sink.closed() => None,
        };
        let Some(status) = status else {
            return SubscriptionCloseResponse::None;
        };
        if !send(&sink, &status).await || status.is_last() {
            return SubscriptionCloseResponse::None;
        }
    }
}

/// The ready transactions, in the order in which they would be included.
async fn pending(context: &Context) -> Result<Vec<Bytes>, RpcError> {
    let (reply, answer) = oneshot::channel();
    let look: Box<dyn FnOnce(&Pool) + Send> = Box::new(move |pool| {
        let ready = pool.ready();
        // The asker may have hung up.
        let _ = reply.send(ready.iter().map(|ready| Bytes(ready.extrinsic.encode())).collect());
    });
    context.commands.send(Command::Inspect(look)).await.map_err(|_| RpcError::Stopped)?;
    answer.await.map_err(|_| RpcError::Stopped)
}
