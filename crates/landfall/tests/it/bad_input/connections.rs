//! Clients that get HTTP itself wrong, or take their time.

use std::time::Duration;

use landfall::server::Bounds;
use landfall_api::Limits;

use super::{Dialect, stored};
use crate::harness::{Call, Client, Heard, Server, Setup, Socket};

/// What a client sends. `KEY` stands for a good key.
struct Rough {
    name: &'static str,
    bytes: Vec<u8>,
    /// Whether it sends nothing more but listens on.
    ends: bool,
    /// Statuses that are an answer to this; 0 is a connection that is closed without one.
    statuses: &'static [u16],
    /// Part of the answer's body.
    says: &'static str,
}

const HEAD: &str = "POST /deployment-events/ HTTP/1.1\r\nHost: test\r\n\
    Authorization: Bearer KEY\r\nContent-Type: application/json\r\n";

fn rough(name: &'static str, bytes: impl Into<Vec<u8>>, statuses: &'static [u16]) -> Rough {
    Rough { name, bytes: bytes.into(), ends: false, statuses, says: "" }
}

/// A report with further header lines, and what follows the head.
fn report(name: &'static str, headers: &str, rest: &str, statuses: &'static [u16]) -> Rough {
    rough(name, format!("{HEAD}{headers}\r\n{rest}"), statuses)
}

impl Rough {
    fn saying(self, says: &'static str) -> Self {
        Self { says, ..self }
    }

    fn ending(self) -> Self {
        Self { ends: true, ..self }
    }
}

fn bad_heads() -> Vec<Rough> {
    let line = |request_line: &str| format!("{request_line}\r\nHost: test\r\n\r\n");
    vec![
        rough("one word", "GARBAGE\r\n\r\n", &[400]),
        rough("no version", line("POST /deployment-events/"), &[400]),
        rough("a version of no HTTP", line("POST / HTTP/9.9"), &[400]),
        rough("a method of other signs", line("P@ST( / HTTP/1.1"), &[400]),
        rough("a space in the path", line("POST /a b HTTP/1.1"), &[400]),
        rough("a path without a slash", line("POST deployment-events HTTP/1.1"), &[400, 404]),
        rough("the greeting of TLS", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n", &[400]),
        rough("the greeting of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0, 400, 505]),
        rough(
            "a path of 300 kB",
            line(&format!("POST /{} HTTP/1.1", "x".repeat(300_000))),
            &[414, 431],
        ),
        report("a header without a colon", "Nonsense\r\n", "", &[400]),
        report("a space in a header's name", "Bad Name: x\r\n", "", &[400]),
        report("a header without a name", ": x\r\n", "", &[400]),
        report("a NUL in a header", "X: a\0b\r\n", "", &[400]),
        report("a header of 300 kB", &format!("X: {}\r\n", "x".repeat(300_000)), "", &[431]),
        report("too many headers", &"X: x\r\n".repeat(200), "", &[431]),
        report("a length that is a word", "Content-Length: two\r\n", "{}", &[400]),
        report("a negative length", "Content-Length: -2\r\n", "{}", &[400]),
        report("a length beyond all", "Content-Length: 99999999999999999999999\r\n", "{}", &[400]),
        report("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}", &[400]),
        report("an unknown encoding", "Transfer-Encoding: gzip\r\n", "{}", &[400]),
    ]
}

fn bad_bodies() -> Vec<Rough> {
    let chunked = "Transfer-Encoding: chunked\r\n";
    let megabytes = " ".repeat(3 << 20);
    let length = format!("Content-Length: {}\r\n", megabytes.len());
    let chunk = format!("{:x}\r\n{megabytes}\r\n0\r\n\r\n", megabytes.len());
    let expecting = format!("{length}Expect: 100-continue\r\n");
    vec![
        report("a chunk without a length", chunked, "zz\r\n{}\r\n0\r\n\r\n", &[400])
            .saying("cut off"),
        report("a chunk beyond all", chunked, "fffffffffffffffff\r\n{}\r\n", &[400])
            .saying("cut off"),
        report("a chunk that is too short", chunked, "1\r\n{}\r\n0\r\n\r\n", &[400])
            .saying("cut off"),
        report("three megabytes", &length, &megabytes, &[413]).saying("larger than 1048576"),
        report("three megabytes in chunks", chunked, &chunk, &[413]).saying("larger than 1048576"),
        report("three megabytes to come", &expecting, "", &[413]).saying("larger than 1048576"),
        report("a body that is cut off", "Content-Length: 100\r\n", "{\"version\":", &[0, 400])
            .ending(),
        report("chunks that are cut off", chunked, "5\r\n{\"ver", &[0, 400]).ending(),
        report("a body that never ends", "Content-Length: 100\r\n", "{\"version\":", &[408])
            .saying("did not arrive within 1 seconds"),
        report("chunks that never end", chunked, "5\r\n{\"ver\r\n", &[408])
            .saying("did not arrive within 1 seconds"),
        rough("a head that never ends", "POST /deployment-events/ HTTP/1.1\r\nHo", &[0, 408]),
        rough("nothing at all", "", &[0, 408]),
    ]
}

async fn check(server: &Server, rough: &Rough) {
    let Rough { name, bytes, ends, statuses, says } = rough;
    let before = stored(server).await;
    let bytes = String::from_utf8(bytes.clone())
        .map_or_else(std::string::FromUtf8Error::into_bytes, |text| {
            text.replace("KEY", &server.admin_key).into_bytes()
        });
    let mut socket = Socket::connect(server.address).await;
    socket.send(&bytes).await;
    if *ends {
        socket.end().await;
    }
    let (status, body) = match socket.hear().await {
        Heard::Answer(status, _, body) => (status, body),
        Heard::Closed => (0, String::new()),
    };
    assert!(statuses.contains(&status), "{name}: {status} {body}");
    assert!(body.contains(says), "{name}: {body}");
    assert_eq!(stored(server).await, before, "{name} stored something");
    let good = Call::post(Dialect::Deployment.path(), Dialect::Deployment.good().to_string());
    // Over a connection of its own, since idle ones are closed soon here.
    Client::new(&server.url(), &server.admin_key).send(good).await.ok();
}

async fn check_all(roughs: Vec<Rough>) {
    let limits = Limits { body_time_max: Duration::from_secs(1), ..Limits::default() };
    let bounds = Bounds { head_time_max: Duration::from_millis(300), ..Bounds::default() };
    let server = Server::start_with(Setup { limits, bounds, ..Setup::default() }).await;
    server.post(Dialect::Deployment.path(), &Dialect::Deployment.good()).await.ok();
    for rough in &roughs {
        check(&server, rough).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_head_that_is_no_http_is_refused() {
    check_all(bad_heads()).await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_as_it_should_is_refused() {
    check_all(bad_bodies()).await;
}

#[tokio::test]
async fn a_path_that_is_nowhere_is_a_404() {
    let server = Server::start().await;
    for path in
        ["/nowhere", "/deployment-event/", "/deployment-events/x", "/api/v2/x", "/.env", "/%00"]
    {
        let answer = server.send(Call::post(path, "{}")).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        assert!(answer.text("detail").contains(path), "{path}: {}", answer.body);
    }
    server.stop().await;
}

#[tokio::test]
async fn slow_clients_do_not_hold_up_others() {
    let server = Server::start().await;
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut socket = Socket::connect(server.address).await;
        let head = HEAD.replace("KEY", &server.admin_key);
        socket.send(format!("{head}Content-Length: 100\r\n\r\n{{").as_bytes()).await;
        slow.push(socket);
    }
    server.post(Dialect::Deployment.path(), &Dialect::Deployment.good()).await.ok();
    drop(slow);
    server.stop().await;
}
