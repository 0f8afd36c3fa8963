//! Slack messages, as a channel would show them.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::time::Timestamp;
use crate::webhook::format::sample::{KINDS, sample};

fn organization() -> Named {
    Named { id: Uuid::nil(), name: "acme".to_owned() }
}

fn sample_data(kind: &str) -> Value {
    let at = Timestamp::from_micros(1_700_000_000_000_000);
    serde_json::to_value(sample(kind, &organization(), at).unwrap()).unwrap()
}

fn post(kind: &str, data: &Value) -> Value {
    let (organization, data) = (organization(), data.to_string());
    let message = Message {
        id: "evt_1",
        sequence: 7,
        kind,
        at: Timestamp::from_micros(1_700_000_000_000_000),
        organization: &organization,
        data: &data,
        base_url: Some("https://landfall.test"),
        vendor_secret: None,
        app_id: None,
    };
    serde_json::from_slice(&render(&message).unwrap()).unwrap()
}

/// Every text in the blocks, in order.
fn lines(post: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for block in post["blocks"].as_array().unwrap() {
        let own = block.get("text").into_iter();
        let elements = block.get("elements").and_then(Value::as_array).into_iter().flatten();
        lines.extend(own.chain(elements).map(|text| text["text"].as_str().unwrap().to_owned()));
    }
    lines
}

#[test]
fn every_event_is_one_clear_sentence() {
    for (kind, sentence) in [
        ("deployment.pending", "*checkout* 1.4.2 is waiting to be deployed to *Production*"),
        ("deployment.started", "*checkout* 1.4.2 is being deployed to *Production*"),
        ("deployment.completed", "*checkout* 1.4.2 was deployed to *Production*"),
        ("deployment.failed", "*checkout* 1.4.2 failed to deploy to *Production*"),
        ("deployment.aborted", "The deployment of *checkout* 1.4.2 to *Production* was aborted"),
        ("build.failed", "*checkout* 1.4.2 failed to build"),
        ("environment.created", "Environment *Production* was created"),
        ("environment.updated", "Environment *Production* was updated; it was called *prod*"),
        ("application.retired", "Application *checkout* no longer runs in *Production*"),
        ("project.deleted", "Project *shop* was deleted"),
        ("webhook.disabled", "Webhook was disabled"),
        ("webhook.skipped", "Webhook missed events that were forgotten"),
    ] {
        let post = post(kind, &sample_data(kind));
        assert_eq!(lines(&post)[0], sentence);
        assert_eq!(post["text"], json!(sentence.replace('*', "")));
    }
    assert_eq!(post("team.moved", &json!({}))["text"], json!("New event: team.moved"));
    for kind in KINDS {
        let headline = &lines(&post(kind, &sample_data(kind)))[0];
        assert!(!headline.starts_with("New event"), "{kind}");
    }
}

#[test]
fn a_deployment_shows_who_how_long_and_where() {
    assert_eq!(
        lines(&post("deployment.completed", &sample_data("deployment.completed")))[1..],
        [
            "About: Faster checkout",
            "by Ada Lovelace",
            "took 1 min 23 s",
            "replaced 1.4.1",
            "project shop",
            "target eu-1",
            "<https://github.com/acme/checkout/actions/runs/9284710|CI run>",
            "<https://landfall.test|Landfall>",
        ]
    );
}

#[test]
fn a_failure_shows_its_error_and_a_disabled_webhook_its_reason() {
    let failed = post("deployment.failed", &sample_data("deployment.failed"));
    assert_eq!(lines(&failed)[1], "Error: health check on /ready failed: 503 after 60 s");
    let voided = post("deployment.voided", &sample_data("deployment.voided"));
    assert_eq!(lines(&voided)[1], "Reason: reported for the wrong environment");
    let data = json!({"webhook": {"id": Uuid::nil(), "name": "ops"}, "reason": "410 Gone"});
    let disabled = post("webhook.disabled", &data);
    assert_eq!(lines(&disabled)[..2], ["Webhook *ops* was disabled", "Reason: 410 Gone"]);
}

#[test]
fn only_web_addresses_become_links() {
    for (url, shown) in [
        ("https://ci.test/1?a=1&b=<2>", Some("<https://ci.test/1?a=1&amp;b=%3C2%3E|x>")),
        ("HTTP://ci.test", Some("<HTTP://ci.test|x>")),
        ("https://ci.test/|@here", Some("<https://ci.test/%7C@here|x>")),
        ("javascript:alert(1)", None),
        ("slack://open", None),
        ("httpsé", None),
        ("https://ci.test/a b", None),
        ("", None),
    ] {
        assert_eq!(link(url, "x").as_deref(), shown, "{url}");
    }
    assert_eq!(link(&format!("https://{}", "x".repeat(URL_CHARS_MAX)), "x"), None);
}

#[test]
fn what_came_in_does_not_act() {
    let mut data = sample_data("deployment.failed");
    data["application"]["name"] = json!("<!channel> & <https://evil.test|x>\n");
    data["deployment"]["error"]["message"] = json!("<@U123>");
    data["deployment"]["url"] = json!("javascript:alert(1)");
    let post = post("deployment.failed", &data);
    assert_eq!(
        lines(&post)[..2],
        [
            "*&lt;!channel&gt; &amp; &lt;https://evil.test|x&gt; * 1.4.2 failed to deploy to \
             *Production*",
            "Error: &lt;@U123&gt;",
        ]
    );
    assert!(!post.to_string().contains("javascript"));
}

#[test]
fn durations_read_well() {
    for (millis, words) in [
        (0, "0 ms"),
        (999, "999 ms"),
        (1_500, "1 s"),
        (60_000, "1 min 0 s"),
        (3_600_000, "1 h 0 min"),
        (90_061_000, "25 h 1 min"),
    ] {
        assert_eq!(in_words(Duration::from_millis(millis)), words);
    }
}

/// Undoes [`escaped`]; `None` if something is left that Slack would act upon.
fn unescaped(text: &str) -> Option<String> {
    let is_bare = text.contains(['<', '>'])
        || text
            .split('&')
            .skip(1)
            .any(|rest| !["amp;", "lt;", "gt;"].iter().any(|entity| rest.starts_with(entity)));
    (!is_bare).then(|| text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

proptest! {
    #[test]
    fn escaped_text_is_inert_bounded_and_begins_like_the_original(
        text in "\\PC{0,60}|[&<>a]{0,60}", chars_max in 1_usize..80,
    ) {
        let out = escaped(&text, chars_max);
        prop_assert!(out.chars().count() <= chars_max);
        let read = unescaped(&out).unwrap();
        prop_assert!(read == text || text.starts_with(read.strip_suffix('…').unwrap()));
    }

    #[test]
    fn messages_stay_within_slacks_limits(name in "[&<é\u{0}*]{0,900}", prose in "[>x\n]{0,4000}") {
        let mut data = sample_data("deployment.failed");
        for path in ["/application/name", "/version/name", "/environment/name", "/project/name",
            "/deployment/actor/name"]
        {
            *data.pointer_mut(path).unwrap() = json!(name);
        }
        data["target"] = json!(name);
        data["deployment"]["error"]["message"] = json!(prose);
        data["deployment"]["url"] = json!(format!("https://ci.test/{name}"));
        let post = post("deployment.failed", &data);
        for line in lines(&post) {
            prop_assert!((1..=3_000).contains(&line.chars().count()));
        }
        for block in post["blocks"].as_array().unwrap() {
            let elements = block.get("elements").and_then(Value::as_array).map_or(0, Vec::len);
            prop_assert!(elements <= 10);
        }
    }
}
