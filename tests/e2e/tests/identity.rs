//! The whole life of devices, told by one function on both chains.

mod story;

use marque_e2e_tests::Backend;

#[tokio::test(flavor = "multi_thread")]
async fn devices_live_on_the_embedded_chain() {
    let backend = Backend::embedded().await;
    story::tell(&backend).await;
    backend.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_live_on_a_node() {
    let backend = Backend::node().await;
    story::tell(&backend).await;
    backend.stop().await;
}
