//! The metadata hash.

use marque_primitives::{Change, Operation};

use crate::scene::Scene;

#[test]
fn is_set_replaced_and_cleared_with_both_values_in_the_event() {
    let mut scene = Scene::controlled();
    for (previous, hash) in [(None, Some([1; 32])), (Some([1; 32]), Some([2; 32])), (Some([2; 32]), None)] {
        assert_eq!(scene.changed(Operation::SetMetadata { hash }), Change::MetadataSet { previous, hash });
        assert_eq!(scene.record().metadata, hash);
    }
    assert_eq!((scene.record().epoch, scene.record().version), (0, 4));
}
