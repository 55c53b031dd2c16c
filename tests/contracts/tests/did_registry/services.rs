//! Services.

use marque_contract_tests::samples;
use marque_primitives::{Change, Error, Operation, Service, bounds};

use crate::scene::Scene;

#[test]
fn are_set_replaced_and_removed() {
    let mut scene = Scene::controlled();
    let first = samples::service("meter");
    assert_eq!(
        scene.changed(Operation::SetService { service: first.clone() }),
        Change::ServiceSet { service: first.clone() }
    );
    let other = samples::service("log");
    scene.changed(Operation::SetService { service: other.clone() });
    let moved = Service { endpoint: "https://elsewhere.example/".into(), ..first };
    scene.changed(Operation::SetService { service: moved.clone() });
    assert_eq!(scene.record().services, [moved, other.clone()]);

    let removed = scene.changed(Operation::RemoveService { id: "meter".into() });
    assert_eq!(removed, Change::ServiceRemoved { id: "meter".into() });
    assert_eq!(scene.record().services, [other]);
    assert_eq!(scene.record().epoch, 0, "tokens do not depend on services");
    assert_eq!(scene.refused(Operation::RemoveService { id: "meter".into() }), Error::ServiceNotFound);
}

#[test]
fn have_a_bound_that_replacing_does_not_hit() {
    let mut scene = Scene::controlled();
    for number in 0..bounds::SERVICES_MAX {
        scene.changed(Operation::SetService { service: samples::largest_service(number) });
    }
    assert_eq!(
        scene.refused(Operation::SetService { service: samples::service("one-more") }),
        Error::MaxServicesExceeded
    );
    let bad = Service { id: String::new(), ..samples::service("x") };
    assert_eq!(scene.refused(Operation::SetService { service: bad }), Error::InvalidService, "before the bound");
    scene.changed(Operation::SetService { service: samples::largest_service(3) });
    scene.changed(Operation::RemoveService { id: samples::largest_service(0).id });
    scene.changed(Operation::SetService { service: samples::service("one-more") });
}
