//! Putting a deployment right, and who may.

use landfall_domain::role::Role;

use super::{Viewer, path_of, words};
use crate::harness::{Call, Server};

#[tokio::test]
async fn voiding_asks_for_a_reason_and_the_name_and_falls_back() {
    let server = Server::start().await;
    server.deployed_at("shop", "1", "prod", 1).await;
    let wrong = server.deployed_at("shop", "2", "prod", 2).await;
    let path = path_of("deployment", &wrong);
    let viewer = Viewer::of(&server, Role::Manager).await;
    for (fields, done) in [
        ([("reason", "a mistake"), ("confirm", "1")], "unconfirmed"),
        ([("reason", "  "), ("confirm", "2")], "unreasoned"),
        ([("reason", "never <i>there</i>"), ("confirm", " 2 ")], "voided"),
    ] {
        let answer = viewer.submit(&format!("{path}/void"), &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(answer.header("location"), format!("{path}?done={done}"));
        let page = viewer.page(answer.header("location")).await;
        let said = if done == "voided" { "counts as current again" } else { "Nothing was done" };
        assert!(page.contains(said), "{done}");
    }
    let page = viewer.page(&path).await;
    assert!(words(&page).contains("voided"), "{}", words(&page));
    assert!(!page.contains("<i>there</i>") && !page.contains("/void\""));
    let status = server.send(Call::new("GET", "/api/v1/status")).await.ok().json();
    assert_eq!(status["applications"][0]["cells"][0]["current"]["version"], "1");
}

#[tokio::test]
async fn retiring_asks_for_the_name_and_empties_the_cell() {
    let server = Server::start().await;
    let made = server.deployed_at("shop", "1", "prod", 1).await;
    let path = path_of("deployment", &made);
    let viewer = Viewer::admin(&server).await;
    let retire = format!("{path}/retire");
    let answer = viewer.submit(&retire, &[("confirm", "prod")]).await;
    assert_eq!(answer.header("location"), format!("{path}?done=unconfirmed"));
    let answer = viewer.submit(&retire, &[("confirm", "shop")]).await;
    assert_eq!(answer.header("location"), format!("{path}?done=retired"));
    let status = server.send(Call::new("GET", "/api/v1/status")).await.ok().json();
    assert_eq!(status["applications"][0]["cells"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn only_a_form_of_this_session_counts() {
    let server = Server::start().await;
    let made = server.deployed_at("shop", "1", "prod", 1).await;
    let viewer = Viewer::admin(&server).await;
    for verb in ["void", "retire"] {
        let path = format!("{}/{verb}", path_of("deployment", &made));
        for csrf in ["", "stub", "0000"] {
            let fields = [("csrf", csrf), ("confirm", "1"), ("reason", "x")];
            assert_eq!(viewer.submit_bare(&path, &fields).await.status, 403, "{verb} {csrf}");
        }
        let nobody = server.send(Call::post(&path, "").anonymous_form()).await;
        assert_eq!(nobody.status, 401, "{verb}");
    }
    let page = viewer.page(&path_of("deployment", &made)).await;
    assert!(words(&page).contains("runs there now"));
}

#[tokio::test]
async fn who_only_looks_puts_nothing_right() {
    let server = Server::start().await;
    let made = server.deployed_at("shop", "1", "prod", 1).await;
    let path = path_of("deployment", &made);
    for role in [Role::Viewer, Role::Reporter] {
        let viewer = Viewer::of(&server, role).await;
        assert!(!viewer.page(&path).await.contains("Put this right"), "{}", role.as_str());
        for (verb, confirm) in [("void", "1"), ("retire", "shop")] {
            let fields = [("confirm", confirm), ("reason", "x")];
            let answer = viewer.submit(&format!("{path}/{verb}"), &fields).await;
            assert_eq!(answer.status, 403, "{} {verb}", role.as_str());
        }
    }
    let page = Viewer::admin(&server).await.page(&path).await;
    assert!(page.contains("Put this right") && words(&page).contains("runs there now"));
}
