//! Managing people.

use super::Desk;

#[test]
fn a_person_is_added_promoted_given_a_password_and_removed() {
    let desk = Desk::start();
    let password = desk.run("user add Ada@acme.example --name Ada");
    assert_eq!(password.trim().len(), 23, "{password}");
    let listed = desk.run("user list");
    assert!(listed.contains("ada@acme.example  Ada   viewer"), "{listed}");

    assert_eq!(
        desk.run("user role ada@acme.example admin").trim(),
        "ada@acme.example is admin now."
    );
    assert_ne!(desk.run("user password ada@acme.example"), password);
    let json: serde_json::Value =
        serde_json::from_str(&desk.run("user password ada@acme.example --json")).unwrap();
    assert_eq!(json["user"]["role"], "admin");

    let ended = desk.user(&["user", "remove", "ada@acme.example"]).run();
    assert_eq!(ended.code, Some(3));
    assert!(ended.errors.contains("is the last admin here"), "{}", ended.errors);
    desk.run("user add bob@acme.example --role admin");
    desk.run("user remove ada@acme.example");
    let listed = desk.run("user list --json");
    assert!(!listed.contains("ada@") && listed.contains("bob@"), "{listed}");
}

#[test]
fn somebody_of_another_organization_is_made_a_member() {
    let desk = Desk::start();
    let key = desk.run("org create other");
    desk.run("user add ada@acme.example");
    let key = key.trim();
    let added = desk.user(&["user", "add", "ada@acme.example", "--api-key", key]).run();
    assert_eq!(added.code, Some(0), "{}", added.errors);
    assert!(added.output.contains("keep the password they have"), "{}", added.output);
}
