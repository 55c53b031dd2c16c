//! Who may do what: every actor, every operation.

use super::*;

/// A vehicle that was revoked after its session began.
const REVOKED: AccountId = AccountId([0xcc; 32]);

/// `y`: may, and it has its effect. `n`: may, and nothing happens, as there is no reason for it. `-`: may not. `t`: is refused for its
/// token. `o`: nothing is owed to it. The columns: start at a free connector; meter; stop; recheck as the token is, when it has been revoked,
/// after the session's time; set the price; withdraw.
const ROWS: [(&str, AccountId, &str); 6] = [
    ("the session's vehicle", VEHICLE, "y - y nyy - o"),
    ("the same, revoked    ", REVOKED, "t - y yyy - o"),
    ("another vehicle      ", OTHER_VEHICLE, "y - - nyy - o"),
    ("the operator         ", OPERATOR, "t - y nyy y o"),
    ("the meter            ", METER, "t y - nyy - o"),
    ("a stranger           ", STRANGER, "t - - nyy - o"),
];

/// What the operation of a column came to, in the table's letters.
type Column = (&'static str, fn(&mut World, AccountId) -> char);

const COLUMNS: [Column; 8] = [
    ("start", |world, actor| of(world.start(actor, 2, DEPOSIT, PRICE).map(|_| true))),
    ("meter", |world, actor| of(world.meter(actor, World::id(), 5).map(|reason| reason.is_none()))),
    ("stop", |world, actor| of(world.stop(actor, World::id()).map(|_| world.session(1).is_none()))),
    ("recheck", |world, actor| of(world.recheck(actor, World::id()).map(|reason| reason.is_some()))),
    ("recheck, revoked", |world, actor| {
        revoke(world, world.session(1).unwrap().vehicle);
        of(world.recheck(actor, World::id()).map(|_| world.session(1).is_none()))
    }),
    ("recheck, over", |world, actor| {
        world.now_ms = world.session(1).unwrap().ends_ms;
        of(world.recheck(actor, World::id()).map(|_| world.session(1).is_none()))
    }),
    ("set the price", |world, actor| of(world.set_price(actor, 7).map(|()| world.terms.price_per_wh == 7))),
    ("withdraw", |world, actor| of(world.withdraw(actor, actor).map(|_| true))),
];

fn of(result: Result<bool, Error>) -> char {
    match result {
        Ok(true) => 'y',
        Ok(false) => 'n',
        Err(Error::NotAuthorized) => '-',
        Err(Error::Guard(GuardError::Refused(_))) => 't',
        Err(Error::NothingOwed) => 'o',
        Err(error) => panic!("{error:?} is for another test"),
    }
}

fn revoke(world: &mut World, vehicle: AccountId) {
    world.tokens.insert(vehicle, Err(GuardError::Refused(VerifyError::DeviceRevoked)));
}

/// A session is open at connector 1: the actor's, if it is the revoked vehicle.
fn world(actor: AccountId) -> World {
    let mut world = World::new();
    world.tokens.insert(REVOKED, Ok(()));
    world.start(if actor == REVOKED { REVOKED } else { VEHICLE }, 1, DEPOSIT, PRICE).unwrap();
    revoke(&mut world, REVOKED);
    world.now_ms += HOUR_MS;
    world
}

#[test]
fn each_actor_may_do_what_the_table_says() {
    for (name, actor, cells) in ROWS {
        let cells: Vec<char> = cells.chars().filter(|cell| *cell != ' ').collect();
        assert_eq!(cells.len(), COLUMNS.len(), "{name}");
        for (cell, (column, operation)) in cells.into_iter().zip(COLUMNS) {
            let mut world = world(actor);
            let before = world.clone();
            assert_eq!(operation(&mut world, actor), cell, "{name}: {column}");
            if cell != 'y' {
                assert_eq!(world.slots, before.slots, "{name}: {column}");
                assert_eq!(world.balances, before.balances, "{name}: {column}");
                assert_eq!((world.accounts, world.terms), (before.accounts, before.terms), "{name}: {column}");
            }
        }
    }
}

#[test]
fn nobody_does_anything_to_a_session_that_is_not_open() {
    let mut world = World::charging();
    let ids = [(1, 2), (1, 0), (2, 1), (3, 1), (0, 1), (255, 1)];
    for (name, actor, _) in ROWS {
        for id in ids.map(|(connector, number)| SessionId { connector, number }) {
            assert_eq!(world.meter(actor, id, 0), Err(Error::SessionNotFound), "{name}");
            assert_eq!(world.stop(actor, id), Err(Error::SessionNotFound), "{name}");
            assert_eq!(world.recheck(actor, id), Err(Error::SessionNotFound), "{name}");
        }
    }
    world.stop(VEHICLE, World::id()).unwrap();
    assert_eq!(world.stop(VEHICLE, World::id()), Err(Error::SessionNotFound), "it has ended");
}
