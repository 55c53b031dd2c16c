//! Services.

use super::*;
use marque_primitives::bounds;

fn remove(id: &str) -> Operation {
    Operation::RemoveService { id: id.into() }
}

fn full() -> World {
    let mut world = World::of_account();
    for number in 0..bounds::SERVICES_MAX {
        world.must(CONTROLLER, set_service(&format!("s{number}")));
    }
    world
}

#[test]
fn setting_the_same_id_replaces_in_place() {
    let mut world = full();
    let changed = Service { endpoint: "coap://m.example".into(), ..service("s3") };
    world.must(CONTROLLER, Operation::SetService { service: changed.clone() });
    assert_eq!(world.device().services[3], changed);
    assert_eq!(world.device().services.len(), bounds::SERVICES_MAX);
}

#[test]
fn setting_gives_the_first_error_that_applies() {
    let world = full();
    world.refuses(CONTROLLER, set_service("key-1"), Error::InvalidService);
    world.refuses(CONTROLLER, set_service("one-more"), Error::MaxServicesExceeded);
}

#[test]
fn a_removed_service_makes_room() {
    let mut world = full();
    world.refuses(CONTROLLER, remove("one-more"), Error::ServiceNotFound);
    world.must(CONTROLLER, remove("s0"));
    world.refuses(CONTROLLER, remove("s0"), Error::ServiceNotFound);
    world.must(CONTROLLER, set_service("one-more"));
    assert_eq!(world.device().epoch, 0, "services do not touch tokens");
}

#[test]
fn metadata_is_set_and_cleared_and_the_event_has_both() {
    let mut world = World::of_account();
    world.must(CONTROLLER, Operation::SetMetadata { hash: Some([1; 32]) });
    assert_eq!(world.device().metadata, Some([1; 32]));
    world.must(CONTROLLER, Operation::SetMetadata { hash: None });
    assert_eq!(world.device().metadata, None);
    let last = &world.history.last().unwrap().0.change;
    assert_eq!(last, &Change::MetadataSet { previous: Some([1; 32]), hash: None });
}
