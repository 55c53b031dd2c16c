//! The story: each chapter is a file, and leaves the world as it found it but for its own devices.

mod deployment;
mod lifecycle;
mod many;
mod record;
mod replay;
mod world;

use marque_e2e_tests::Backend;

use world::World;

/// Tells it all.
pub async fn tell(backend: &Backend) {
    let world = World::begin(backend).await;
    deployment::what_is_not_the_registry_is_not_attached_to(&world).await;
    let own = record::a_funded_device_registers_itself(&world).await;
    let sponsored = record::a_device_without_funds_is_sponsored(&world).await;
    record::keys_are_added_rotated_and_revoked(&world, &sponsored).await;
    record::services_and_metadata_are_set_and_removed(&world, &sponsored).await;
    lifecycle::delegates_act_in_their_roles_alone(&world, &sponsored).await;
    lifecycle::a_suspended_device_is_not_trusted(&world, &sponsored).await;
    lifecycle::control_passes_by_offer_and_acceptance(&world, &sponsored).await;
    replay::a_signed_operation_is_good_once_and_in_one_place(&world, &own).await;
    replay::time_ends_what_was_signed_delegated_and_offered(&world, backend.clock()).await;
    lifecycle::revocation_is_for_ever(&world, &sponsored).await;
    many::a_batch_registers_what_can_be_registered(&world).await;
    many::sixteen_submitters_share_an_account(&world).await;
    many::of_two_that_submit_the_same_one_is_refused(&world).await;
    many::the_log_has_every_change_once_and_in_order(&world).await;
}
