//! What a station may offer.

use super::*;

#[test]
fn each_term_is_within_its_bounds() {
    let check = |change: fn(&mut Terms), expected| {
        let mut changed = terms();
        change(&mut changed);
        assert_eq!(changed.validate(&STATION), expected, "{changed:?}");
    };
    let refused = Err(Error::InvalidTerms);
    check(|_| (), Ok(()));
    check(|terms| terms.connectors = 0, refused);
    check(|terms| terms.connectors = Terms::CONNECTORS_MAX, Ok(()));
    check(|terms| terms.connectors = Terms::CONNECTORS_MAX + 1, refused);
    check(|terms| terms.price_per_wh = 0, refused);
    check(|terms| terms.price_per_wh = Balance::MAX, Ok(()));
    check(|terms| terms.power_max_w = 0, refused);
    check(|terms| terms.power_max_w = Terms::POWER_MAX_W, Ok(()));
    check(|terms| terms.power_max_w = Terms::POWER_MAX_W + 1, refused);
    check(|terms| terms.session_max_ms = 0, refused);
    check(|terms| terms.session_max_ms = Terms::SESSION_MAX_MS, Ok(()));
    check(|terms| terms.session_max_ms = Terms::SESSION_MAX_MS + 1, refused);
    check(|terms| terms.operator = STATION, refused);
}

#[test]
fn a_new_price_is_for_sessions_that_begin_later() {
    let mut world = World::charging();
    assert_eq!(world.set_price(OPERATOR, 0), Err(Error::InvalidTerms));
    assert_eq!(world.set_price(STRANGER, 0), Err(Error::NotAuthorized));
    world.set_price(OPERATOR, PRICE * 2).unwrap();
    assert_eq!(world.start(OTHER_VEHICLE, 2, DEPOSIT, PRICE), Err(Error::PriceTooHigh));
    world.start(OTHER_VEHICLE, 2, DEPOSIT, PRICE * 2).unwrap();
    assert_eq!([1, 2].map(|connector| world.session(connector).unwrap().price_per_wh), [PRICE, PRICE * 2]);
    assert_eq!(world.terms, Terms { price_per_wh: PRICE * 2, ..terms() }, "nothing else changes");
}

#[test]
fn energy_is_bounded_by_power_and_time() {
    let terms = terms();
    assert_eq!(terms.energy_max_wh(0), 0);
    assert_eq!(terms.energy_max_wh(163), 0);
    assert_eq!(terms.energy_max_wh(164), 1, "a Wh takes 163.6 ms at 22 kW");
    assert_eq!(terms.energy_max_wh(HOUR_MS), 22_000);
    assert_eq!(Terms { power_max_w: u32::MAX, ..terms }.energy_max_wh(u64::MAX), u64::MAX / HOUR_MS);
}
