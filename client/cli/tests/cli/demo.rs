//! The demo.

use std::fs;

use crate::common::User;

#[test]
fn tells_the_whole_story_and_writes_nothing() {
    let user = User::new();
    let ran = user.run(&["demo"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for step in [
        "the registry is deployed",
        "the charger registers itself",
        "the meter signs its registration, the utility submits and pays it",
        "the old key can do nothing any more  (refused: NotAuthorized)",
        "submitted again it is refused  (refused: InvalidNonce)",
        "its own key can change nothing now  (refused: Suspended)",
        "the utility has no say in it any more  (refused: NotAuthorized)",
        "it can't be revoked twice  (refused: Revoked)",
        "its DID resolves as deactivated, without a document",
        "replayed, they give exactly what the chain has",
        "all of them are active",
        "the contract says of the CWT what the verifier said of the JWT",
        "the station keeps nothing",
        "for another station  (refused: WrongAudience)",
        "one for reading meters  (refused: MissingScope)",
        "one of two hours ago  (refused: Expired)",
        "one of another URL  (refused: UnknownIssuer)",
        "one that a stranger signed  (refused: InvalidSignature)",
        "a stranger who presents the vehicle's token is not the vehicle  (refused: PresenterIsNotSubject)",
        "the station refuses it  (refused: TokenRevoked)",
        "the station refuses it too  (refused: DeviceSuspended)",
        "its tokens from before stay dead  (refused: StaleEpoch)",
        "the meter's next report ends the session",
        "for that reason, settled by what had flowed before",
        "it is served no more  (refused: DeviceRevoked)",
        "puts both on the chain by itself",
        "the meter, which nobody registered at the gateway, signs who it is with its key, and gets a token",
        "the same assertion again is worth nothing  (refused: invalid_client)",
        "meter:reset is given by no rule  (refused: access_denied)",
        "the old one is deactivated, and counts no more  (refused: invalid_client)",
        "is told a nonce first  (refused: use_dpop_nonce)",
        "policy `substations`, rule `resetting`: decides",
        "the chain of hashes holds, over all",
        "tokens of both keys are good",
        "its next request gets nothing  (refused: invalid_client)",
        "its token from before is inactive, and no more is told",
        "whoever follows the chain knows it too  (refused: DeviceSuspended)",
    ] {
        assert!(ran.stdout.contains(step), "{step}");
    }
    assert!(!ran.stdout.contains('\u{1b}'), "colours without a terminal");
    assert_eq!(fs::read_dir(user.path("")).unwrap().count(), 0);
}

#[test]
fn is_json_lines_for_programs_and_runs_on_a_running_chain_again_and_again() {
    let user = User::new();
    let mut chain = user.start(&["up", "--port", "0", "--json"]);
    let url = chain.line()["url"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let ran = user.run(&["demo", "--json", "--fleet", "3", "--url", &url]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let lines = ran.lines();
        let (last, steps) = lines.split_last().unwrap();
        assert_eq!(last["ok"], true);
        assert_eq!(last["steps"], steps.len());
        assert!(steps.iter().all(|step| step["ok"] == true));
        assert!(steps.iter().any(|step| step["cost"]["fee"].is_string() && step["cost"]["deposit"].is_string()));
    }
    chain.signal("TERM");
    assert_eq!(chain.end().code, 0);
}

#[test]
fn ends_quietly_when_nobody_reads_on() {
    let user = User::new();
    let mut demo = user.start(&["demo", "--json"]);
    assert_eq!(demo.line()["step"], 1);
    let ran = demo.stop_reading();
    assert_eq!((ran.code, ran.stderr.as_str()), (141, ""));
}
