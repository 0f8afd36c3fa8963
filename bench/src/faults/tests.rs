//! Each fault as a sender sees it, and the measurement against a Landfall that only forwards.

use clap::Parser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::deliver::tests::Forwarder;

const REQUEST: &[u8] = b"POST /faulty HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}";

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: FaultsArgs,
}

fn start(fault: Fault) -> (Faulty, String) {
    let receiver = Faulty::start(fault, &Handle::current()).unwrap();
    let authority = receiver.url().trim_start_matches("http://").replace("/faulty", "");
    (receiver, authority)
}

/// What comes back for one request: its first bytes, or all that there are. How many come in one
/// reading depends on how busy the machine is.
async fn answer(fault: Fault, bytes_max: usize) -> String {
    let (receiver, authority) = start(fault);
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    let mut answer = Vec::new();
    while answer.len() < bytes_max {
        match stream.read_buf(&mut answer).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    assert_eq!(receiver.requests(), 1);
    answer.truncate(bytes_max);
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn answers_are_as_bad_as_they_say() {
    for (fault, expected) in [
        (Fault::None, "HTTP/1.1 200 "),
        (Fault::Error, "HTTP/1.1 500 "),
        (Fault::Rest, "HTTP/1.1 429 "),
        (Fault::Redirect, "HTTP/1.1 301 "),
        (Fault::Flap, "HTTP/1.1 200 "),
        (Fault::Reset, "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf"),
        (Fault::DripHead, "HTTP/1.1 200 OK\r\nx-drip: "),
        (Fault::DripBody, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"),
    ] {
        let answer = answer(fault, expected.len()).await;
        assert!(answer.starts_with(expected), "{fault:?}: {answer}");
    }
}

#[tokio::test]
async fn what_has_no_end_goes_on() {
    for fault in [Fault::HugeBody, Fault::EndlessHeaders] {
        assert_eq!(answer(fault, 1 << 20).await.len(), 1 << 20, "{fault:?}");
    }
    let dripped = answer(Fault::DripHead, 30).await;
    assert!(dripped.ends_with("x-drip: ....."), "{dripped}");
}

#[tokio::test]
async fn what_refuses_or_hangs_says_nothing() {
    let (_refusing, authority) = start(Fault::Refuse);
    assert!(TcpStream::connect(authority).await.is_err());
    let (_hanging, authority) = start(Fault::Hang);
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    // It stays as long as the sender does.
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.is_empty());
}

#[tokio::test]
async fn each_fault_is_measured_alone_and_beside_in_turns() {
    let forwarder = Forwarder::new(1);
    let (url, _serving) = forwarder.start().await;
    let line =
        format!("faults --url {url} --key sk_1 --fault none --rate 50 --seconds 1 --rounds 1");
    let args = Cli::parse_from(line.split(' ')).args;
    let subject = Subject::prepare(&args.subject).unwrap();

    let result = measure(&args, &subject, &Handle::current()).await.unwrap();

    assert!(result.is_clean(), "{result}");
    let [none] = &result.faults[..] else { panic!("{result}") };
    // Two phases at the webhook that is measured, of which the other one is in the second.
    assert_eq!((none.delivered, none.faulty_requests), (100, 50));
    assert!(none.p50_ratio > 0.0 && none.p99_ratio > 0.0, "{result}");
    let created = forwarder.created.lock().unwrap();
    let is_faulty = |it: &&serde_json::Value| it["name"].as_str().unwrap().contains("faulty");
    assert_eq!((created.len(), created.iter().filter(is_faulty).count()), (3, 1));
}
