//! Where webhooks may go: an operator's list in the first line, a URL in the second, a header in each
//! one after that.
//!
//! What is accepted is accepted again as it is sent, and an address that is not public only if the list
//! opens one.

#![no_main]

use std::collections::BTreeMap;
use std::net::IpAddr;

use landfall_engine::egress::{Allow, Egress, EgressOptions, Target, check_headers};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let mut lines = input.lines();
    let (list, url) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    check_headers_of(lines);
    let Ok(allow) = list.parse::<Allow>() else { return };
    let is_closed = allow == Allow::default();
    let options = EgressOptions { allow, ..EgressOptions::default() };
    let egress = Egress::new(options).expect("options that name no file always work");
    let Ok(target) = egress.check_url(url) else { return };
    check_again(&egress, &target);
    if is_closed {
        check_public(&target);
    }
});

fn check_again(egress: &Egress, target: &Target) {
    let sent = target.uri().to_string();
    // Saved is what was written, which is shorter where characters have to be escaped.
    if sent.len() <= Target::BYTES_MAX {
        let again = egress.check_url(&sent).expect("what is sent to can be saved");
        assert_eq!(again.uri(), target.uri());
    }
    assert!(matches!(target.uri().scheme_str(), Some("http" | "https")), "{sent}");
    assert!(!target.authority().contains('@') && !target.authority().is_empty(), "{sent}");
}

/// By the standard library's own account of addresses, which knows fewer that are closed.
fn check_public(target: &Target) {
    let host = target.uri().host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => {
            let is_closed = address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_multicast()
                || address.is_documentation()
                || address.is_unspecified()
                || address.is_broadcast();
            assert!(!is_closed, "{address}");
        }
        Ok(IpAddr::V6(address)) => {
            let is_closed = address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_unique_local()
                || address.is_unicast_link_local();
            assert!(!is_closed, "{address}");
        }
        Err(_) => check_name(host),
    }
}

/// The system's resolver takes numbers for addresses, in whatever form.
fn check_name(host: &str) {
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    let digits = last.strip_prefix("0x").unwrap_or(last);
    let is_number = !last.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    assert!(!is_number, "{host}");
}

fn check_headers_of<'a>(lines: impl Iterator<Item = &'a str>) {
    let pairs = lines.filter_map(|line| line.split_once(':'));
    let headers: BTreeMap<String, String> =
        pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    let Ok(checked) = check_headers(&headers) else { return };
    for (name, value) in &checked {
        let is_ours =
            ["content-", "proxy-", "webhook-"].iter().any(|it| name.as_str().starts_with(it));
        assert!(!is_ours && name != "host" && name != "transfer-encoding", "{name}");
        assert!(value.is_sensitive() && value.to_str().is_ok(), "{name}");
    }
}
