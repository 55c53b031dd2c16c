//! The config file.

use crate::common::User;

fn with_config(text: &str) -> User {
    let user = User::new();
    std::fs::create_dir(user.path("home")).unwrap();
    std::fs::write(user.path("home/config.toml"), text).unwrap();
    user
}

#[test]
fn what_is_broken_is_named_by_file_and_line() {
    for (text, line) in
        [("url = \"ws://x\"\ncolour = 1\n", "line 2"), ("[registries\n", "line 1"), ("url = 1", "line 1")]
    {
        let user = with_config(text);
        let ran = user.run(&["device", "list"]);
        assert_eq!(ran.code, 6);
        assert!(ran.stderr.contains("config.toml") && ran.stderr.contains(line), "{}", ran.stderr);
    }
}

#[test]
fn flag_before_environment_before_config() {
    let mut user = with_config("url = \"ws://127.0.0.1:1\"\n");
    assert!(user.run(&["events"]).stderr.contains("ws://127.0.0.1:1"));
    user.set_url("ws://127.0.0.1:2");
    assert!(user.run(&["events"]).stderr.contains("ws://127.0.0.1:2"));
    assert!(user.run(&["events", "--url", "ws://127.0.0.1:3"]).stderr.contains("ws://127.0.0.1:3"));
}

#[test]
fn the_demo_does_not_care_and_completions_neither() {
    let user = with_config("nonsense");
    assert_eq!(user.run(&["completions", "bash"]).code, 0);
    assert_eq!(user.fails(&["demo", "--url", "ws://127.0.0.1:1"]).0, 3);
}
