//! Registering the devices of a file.

use std::{fmt::Write, fs};

use serde_json::Value;

use crate::common::{Ran, User};

const DEVICES: u64 = 12;

const REGISTER: [&str; 9] =
    ["device", "register", "--file", "fleet.csv", "--sponsor", "//Alice", "--controller", "//Alice", "--json"];

const SLOWLY: [&str; 4] = ["--batch-size", "2", "--in-flight", "1"];

/// A file of devices that have no keys yet.
fn write_fleet(user: &User) {
    let mut text = "name\n".to_owned();
    (0..DEVICES).for_each(|number| writeln!(text, "meter-{number}").unwrap());
    fs::write(user.path("fleet.csv"), text).unwrap();
}

fn summary(ran: &Ran) -> Value {
    ran.lines().pop().unwrap()["summary"].clone()
}

#[test]
fn goes_on_after_an_interruption_and_after_a_kill() {
    let mut user = User::new();
    let (_chain, _) = user.up();
    write_fleet(&user);
    let slowly = [&REGISTER[..], &SLOWLY].concat();

    let mut interrupted = user.start(&slowly);
    assert_eq!(interrupted.line()["batch"]["registered"], 2);
    interrupted.signal("INT");
    let ran = interrupted.end();
    assert_eq!(ran.code, 130);
    assert_eq!(ran.lines().last().unwrap()["summary"]["complete"], false);

    let mut killed = user.start(&slowly);
    assert_eq!(killed.line()["batch"]["registered"], 2);
    drop(killed);
    // As if the kill had come in the middle of a write.
    let journal = user.path("fleet.csv.marque-progress");
    let mut bytes = fs::read(&journal).unwrap();
    bytes.extend(b"{\"line\":9,\"devi");
    fs::write(&journal, bytes).unwrap();

    let ran = user.run(&REGISTER);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let done = summary(&ran);
    let (registered, already) = (done["registered"].as_u64().unwrap(), done["already"].as_u64().unwrap());
    assert!(already >= 4 && registered + already == DEVICES, "{done}");
    let listed = user.json(&["device", "list"]);
    let devices = listed["devices"].as_array().unwrap();
    assert_eq!(devices.len() as u64, DEVICES);
    assert!(devices.iter().all(|device| device["status"] == "active"));

    // Without the journal the chain still knows.
    fs::remove_file(&journal).unwrap();
    assert_eq!(summary(&user.run(&REGISTER))["already"], DEVICES);
}

#[test]
fn a_second_interruption_ends_it_at_once_and_it_can_go_on() {
    let mut user = User::new();
    let (chain, _) = user.up();
    write_fleet(&user);
    let mut follower = user.start(&["events", "--follow", "--from", "1", "--json"]);
    let as_text: Vec<_> = REGISTER.into_iter().chain(SLOWLY).filter(|argument| *argument != "--json").collect();
    let mut run = user.start(&as_text);
    assert_eq!(follower.line()["change"]["type"], "registered");
    // Now what is under way never comes to an end.
    chain.signal("STOP");
    run.signal("INT");
    run.errors_until("stopping after what is under way");
    run.signal("INT");
    let ran = run.end();
    assert_eq!((ran.code, ran.stdout.as_str()), (130, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("stopped at once"), "{}", ran.stderr);

    chain.signal("CONT");
    let ran = user.run(&REGISTER);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let done = summary(&ran);
    let (registered, already) = (done["registered"].as_u64().unwrap(), done["already"].as_u64().unwrap());
    assert!(already >= 2 && registered > 0 && registered + already == DEVICES, "{done}");
}

#[test]
fn a_bad_row_fails_alone_and_is_written_down() {
    let mut user = User::new();
    let (_chain, _) = user.up();
    let text = "name,controller,services\ngood,,\"api,Http,https://x.example/\"\nbad name,,\nworse,nobody,\ngood,,\n";
    fs::write(user.path("fleet.csv"), text).unwrap();
    let ran = user.run(&REGISTER);
    assert_eq!(ran.code, 1);
    assert_eq!(summary(&ran)["registered"], 1);
    let errors = fs::read_to_string(user.path("fleet.csv.errors.jsonl")).unwrap();
    let mut lines: Vec<u64> =
        errors.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["line"].as_u64().unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines, [3, 4, 5]);
    assert_eq!(user.json(&["device", "show", "good"])["services"][0]["id"], "api");

    fs::write(user.path("fleet.csv"), "name\ngood\n").unwrap();
    assert_eq!(user.run(&REGISTER).code, 0);
    assert!(!user.path("fleet.csv.errors.jsonl").exists());
}

#[test]
fn a_file_that_makes_no_sense_changes_nothing() {
    let mut user = User::new();
    let (_chain, _) = user.up();
    for text in ["", "nonsense\n", "name\n", "name,name\na,b\n"] {
        fs::write(user.path("fleet.csv"), text).unwrap();
        assert_eq!(user.run(&REGISTER).code, 2, "{text:?}");
    }
    fs::remove_file(user.path("fleet.csv")).unwrap();
    assert_eq!(user.run(&REGISTER).code, 4);
    fs::write(user.path("fleet.csv"), "name\na\n").unwrap();
    fs::write(user.path("fleet.csv.marque-progress"), "not mine\n").unwrap();
    assert_eq!(user.run(&REGISTER).code, 6);
    assert!(!user.path("home/keys").exists());
}

#[test]
fn who_cannot_pay_stops_the_run_and_it_can_go_on() {
    let mut user = User::new();
    let (_chain, _) = user.up();
    user.json(&["device", "new", "poor"]);
    fs::write(user.path("fleet.csv"), "name\na\nb\n").unwrap();
    let ran = user.run(&["device", "register", "--file", "fleet.csv", "--sponsor", "poor", "--json"]);
    assert_eq!(ran.code, 7, "{}", ran.stderr);
    assert_eq!(ran.error()["kind"], "cannot_pay");
    let ran = user.run(&REGISTER);
    assert_eq!((ran.code, summary(&ran)["registered"].as_u64()), (0, Some(2)), "{}", ran.stderr);
}

#[test]
fn registrations_that_were_signed_elsewhere_are_submitted_by_who_is_named_in_them() {
    let mut user = User::new();
    let (_chain, _) = user.up();
    let mut rows = String::new();
    for name in ["a", "b"] {
        user.json(&["device", "new", name]);
        rows += &user.run(&["device", "register", name, "--sign-only", "--sponsor", "//Alice"]).stdout;
    }
    fs::write(user.path("signed.jsonl"), &rows).unwrap();
    let by = |who| user.run(&["device", "register", "--file", "signed.jsonl", "--sponsor", who, "--json"]);
    let stolen = by("//Bob");
    assert_eq!((stolen.code, summary(&stolen)["failed"].as_u64()), (1, Some(2)));
    let ran = by("//Alice");
    assert_eq!((ran.code, summary(&ran)["registered"].as_u64()), (0, Some(2)), "{}", ran.stderr);
    assert_eq!(user.json(&["device", "show", "b"])["controller"], "self");
    fs::remove_file(user.path("signed.jsonl.marque-progress")).unwrap();
    assert_eq!(summary(&by("//Alice"))["already"], 2);
}
