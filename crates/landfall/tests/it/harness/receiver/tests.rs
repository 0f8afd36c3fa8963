//! The receiver itself: it must do what its replies say, or the tests that use it prove nothing.

use std::io::ErrorKind;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::{Receiver, Refusing, Reply};
use crate::harness::{Call, Client};

fn call(id: &str) -> Call {
    Call::post("", format!(r#"{{"id":"{id}"}}"#)).with("webhook-id", id)
}

/// A sender that may misbehave as well: the bare socket.
struct Sender(TcpStream);

impl Sender {
    async fn connect(url: &str) -> Self {
        let address = url.strip_prefix("http://").unwrap().strip_suffix("/hook").unwrap();
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn send(&mut self, path: &str, body: &str) {
        let length = body.len();
        let request = format!("POST {path} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}");
        self.0.write_all(request.as_bytes()).await.unwrap();
    }

    /// Reads so many bytes.
    async fn hear(&mut self, count: usize) -> String {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).await.unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// Reads to the end, and says how it came.
    async fn hear_end(&mut self) -> (String, Option<ErrorKind>) {
        let mut bytes = Vec::new();
        let end = self.0.read_to_end(&mut bytes).await;
        (String::from_utf8(bytes).unwrap(), end.err().map(|error| error.kind()))
    }
}

#[tokio::test]
async fn requests_are_recorded_in_order_and_answered_by_script() {
    let receiver = Receiver::start(|request| match request.number {
        1 => Reply::Status(503),
        _ => Reply::With {
            status: 429,
            headers: vec![("retry-after", "7".to_owned())],
            body: format!("{} later", request.id()),
        },
    });
    let client = Client::new(&receiver.url(), "sk_1");

    let first = client.send(call("msg_1").with("X-Team", "web")).await;
    let second = client.send(call("msg_2")).await;

    assert_eq!((first.status, first.body.as_str()), (503, ""));
    assert_eq!((second.status, second.body.as_str()), (429, "msg_2 later"));
    assert_eq!(second.header("retry-after"), "7");
    let requests = receiver.wait_for(2).await;
    assert_eq!(requests.iter().map(|it| it.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((requests[0].path.as_str(), requests[0].header("x-team")), ("/hook", "web"));
    assert_eq!((requests[1].id(), &requests[1].json()["id"]), ("msg_2", &"msg_2".into()));
    assert_eq!(requests[0].connection, requests[1].connection);
    assert!(requests[0].at <= requests[1].at);
}

#[tokio::test]
async fn the_behaviour_changes_while_it_runs() {
    let receiver = Receiver::ok();
    let client = Client::new(&receiver.url(), "");
    assert_eq!(client.send(call("a")).await.status, 200);

    receiver.set(|_| Reply::CloseAtOnce);

    assert!(client.try_send(call("b")).await.is_none());
    assert_eq!(receiver.requests().len(), 2);
}

#[tokio::test]
async fn a_body_in_pieces_and_two_requests_in_one_are_read_alike() {
    let receiver = Receiver::ok();
    let mut sender = Sender::connect(&receiver.url()).await;

    sender.0.write_all(b"POST /a HTTP/1.1\r\nContent-Le").await.unwrap();
    sender.0.write_all(b"ngth: 4\r\n\r\nbo").await.unwrap();
    sender.0.write_all(b"dyPOST /b?c HTTP/1.1\r\nContent-Length: 0\r\n\r\n").await.unwrap();

    let requests = receiver.wait_until(|all| all.iter().any(|it| it.path == "/b?c")).await;
    assert_eq!((requests[0].body.as_slice(), requests[1].body.as_slice()), (&b"body"[..], &[][..]));
}

#[tokio::test]
async fn held_requests_are_answered_one_per_permit_and_all_when_it_is_closed() {
    let permits = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&permits);
    let receiver = Receiver::start(move |_| Reply::Hold(Arc::clone(&held)));
    let client = Client::new(&receiver.url(), "");
    let (first, rest, ()) = tokio::join!(
        client.send(call("a")),
        async {
            receiver.wait_for(1).await;
            tokio::join!(client.send(call("b")), client.send(call("c")))
        },
        async {
            receiver.wait_for(3).await;
            permits.add_permits(1);
            permits.close();
        }
    );

    assert_eq!((first.status, rest.0.status, rest.1.status), (200, 200, 200));
}

#[tokio::test]
async fn a_hanging_receiver_says_nothing_until_the_sender_leaves() {
    let receiver = Receiver::start(|_| Reply::Hang);
    let mut sender = Sender::connect(&receiver.url()).await;

    sender.send("/", "x").await;
    receiver.wait_for(1).await;
    sender.0.shutdown().await.unwrap();

    assert_eq!(sender.hear_end().await, (String::new(), None));
}

#[tokio::test]
async fn a_reset_comes_in_the_middle_of_a_body() {
    let receiver = Receiver::start(|_| Reply::ResetMidBody);
    let mut sender = Sender::connect(&receiver.url()).await;

    sender.send("/", "x").await;

    let (heard, end) = sender.hear_end().await;
    assert!(heard.ends_with("\r\n\r\nhalf"), "{heard}");
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_drip_and_headers_never_end() {
    let receiver = Receiver::start(|request| match request.path.as_str() {
        "/drip" => Reply::Drip,
        _ => Reply::EndlessHeaders,
    });
    let mut dripping = Sender::connect(&receiver.url()).await;
    dripping.send("/drip", "").await;
    let mut endless = Sender::connect(&receiver.url()).await;
    endless.send("/headers", "").await;

    assert!(dripping.hear(41).await.ends_with("\r\n\r\n..."));
    let headers = endless.hear(1 << 20).await;
    assert!(headers.starts_with("HTTP/1.1 200 OK\r\nx-more: ") && !headers.contains("\r\n\r\n"));
}

#[tokio::test]
async fn a_huge_body_is_as_long_as_it_says_and_the_connection_goes_on() {
    let receiver = Receiver::start(|_| Reply::Huge(100_000));
    let client = Client::new(&receiver.url(), "");

    for id in ["a", "b"] {
        assert_eq!(client.send(call(id)).await.ok().body.len(), 100_000);
    }

    assert_eq!(receiver.requests()[1].connection, 1);
}

#[tokio::test]
async fn a_port_refuses_accepts_and_refuses_again() {
    let refusing = Refusing::start();
    let url = refusing.url();
    let client = Client::new(&url, "");
    assert!(client.try_send(call("a")).await.is_none());

    let receiver = refusing.accept(|_| Reply::Status(200));
    assert_eq!(receiver.url(), url);
    assert_eq!(client.send(call("b")).await.status, 200);

    let refusing = receiver.refuse().await;
    assert!(client.try_send(call("c")).await.is_none());
    let receiver = refusing.accept(|_| Reply::Status(204));
    assert_eq!(client.send(call("d")).await.status, 204);
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn everything_ends_when_it_is_dropped() {
    let receiver = Receiver::start(|_| Reply::Hang);
    let url = receiver.url();
    let mut sender = Sender::connect(&url).await;
    sender.send("/", "").await;
    receiver.wait_for(1).await;

    drop(receiver);

    assert_eq!(sender.hear_end().await, (String::new(), None));
    assert!(Client::new(&url, "").try_send(call("a")).await.is_none());
}
