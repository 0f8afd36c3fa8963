//! The client against receivers, names and proxies that mean no good.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nX-Answer: yes\r\nContent-Length: 5\r\n\r\nhello";
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Long enough for what is meant to succeed on a busy machine.
const PATIENT: Duration = Duration::from_secs(10);
/// Short enough for what is meant to run out.
const BRIEF: Duration = Duration::from_millis(200);

/// A server on loopback that remembers what it was sent. Ends when it is dropped.
struct Receiver {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Receiver {
    /// Answers every request of every connection with the same bytes.
    async fn answering(answer: &'static [u8]) -> Self {
        Self::start(move |mut stream, heads| async move {
            while let Some(head) = read_request(&mut stream).await {
                heads.lock().unwrap().push(head);
                if stream.write_all(answer).await.is_err() {
                    break;
                }
            }
        })
        .await
    }

    /// Answers a request with a beginning, and then with the same bytes for ever.
    async fn endless(beginning: &'static str, more: &'static str, pause: Duration) -> Self {
        Self::start(move |mut stream, _| async move {
            read_request(&mut stream).await;
            let mut next = stream.write_all(beginning.as_bytes()).await;
            let mut pace = tokio::time::interval(pause.max(Duration::from_nanos(1)));
            while next.is_ok() {
                if !pause.is_zero() {
                    pace.tick().await;
                }
                next = stream.write_all(more.as_bytes()).await;
            }
        })
        .await
    }

    async fn start<F, S>(serve: S) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
        S: Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> F + Send + 'static,
    {
        let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (counter, kept) = (Arc::clone(&accepted), Arc::clone(&heads));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                connections.spawn(serve(stream, Arc::clone(&kept)));
            }
        });
        Self { address, accepted, heads, _tasks: tasks }
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/hook?a=b", self.address.port())
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// The head of a request whose body has its given length, or nothing at the connection's end.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some(head)
}

fn open(allow: &str) -> Egress {
    Egress::new(EgressOptions { allow: allow.parse().unwrap(), ..Default::default() }).unwrap()
}

/// A client for which every name leads where the script says.
fn scripted(
    allow: &str,
    script: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static,
    options: EgressOptions,
) -> Egress {
    let names = Names::told_by(move |host| {
        Ok(script(host).into_iter().map(|address| (address, 0).into()).collect())
    });
    Egress::new(EgressOptions { allow: allow.parse().unwrap(), names, ..options }).unwrap()
}

fn outgoing(egress: &Egress, url: &str, timeout: Duration) -> Outgoing {
    let target = egress.check_url(url).unwrap();
    let headers = BTreeMap::from([("X-Own".to_owned(), "1".to_owned())]);
    let headers = check_headers(&headers).unwrap();
    Outgoing { target, headers, body: Bytes::from_static(b"{}"), timeout }
}

async fn send(egress: &Egress, url: &str) -> Result<Answer, SendError> {
    egress.send(outgoing(egress, url, PATIENT)).await
}

async fn send_briefly(egress: &Egress, url: &str) -> Result<Answer, SendError> {
    egress.send(outgoing(egress, url, BRIEF)).await
}

#[tokio::test]
async fn a_request_arrives_whole_and_its_answer_comes_back() {
    let receiver = Receiver::answering(OK).await;
    let answer = send(&open("127.0.0.0/8"), &receiver.url("127.0.0.1")).await.unwrap();

    assert_eq!((answer.status, answer.is_cut), (200, false));
    assert_eq!(answer.body, b"hello");
    let expected = [("x-answer", "yes"), ("content-length", "5")];
    assert_eq!(answer.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let port = receiver.address.port();
    let expected = format!(
        "POST /hook?a=b HTTP/1.1\r\nx-own: 1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: 2\r\n\r\n"
    );
    assert_eq!(receiver.heads(), [expected]);
}

#[tokio::test]
async fn connections_are_reused_also_by_clones() {
    let receiver = Receiver::answering(OK).await;
    let egress = open("127.0.0.0/8");
    for _ in 0..10 {
        send(&egress.clone(), &receiver.url("127.0.0.1")).await.unwrap();
    }
    assert_eq!(receiver.heads().len(), 10);
    assert_eq!(receiver.accepted(), 1);
}

#[tokio::test]
async fn a_name_that_leads_to_loopback_is_refused() {
    let receiver = Receiver::answering(OK).await;
    let error = send(&open(""), &receiver.url("localhost")).await.unwrap_err();
    assert_eq!(error.code(), "forbidden_address");
    assert!(error.to_string().starts_with("localhost leads to "), "{error}");
    assert!(error.to_string().contains("LANDFALL_EGRESS_ALLOW"), "{error}");
    assert_eq!(receiver.accepted(), 0);
}

#[tokio::test]
async fn one_forbidden_address_among_public_ones_refuses_the_name() {
    let answers = |host: &str| match host {
        "mapped.test" => vec!["1.1.1.1".parse().unwrap(), "::ffff:10.0.0.1".parse().unwrap()],
        "metadata.test" => vec!["169.254.169.254".parse().unwrap()],
        _ => vec![],
    };
    let wide = scripted("0.0.0.0/0", answers, EgressOptions::default());
    let error = send(&wide, "http://metadata.test/").await.unwrap_err();
    assert_eq!(error.code(), "forbidden_address");
    let strict = scripted("", answers, EgressOptions::default());
    let error = send(&strict, "https://mapped.test/").await.unwrap_err();
    let address = "10.0.0.1".parse().unwrap();
    assert_eq!(error, SendError::Forbidden { host: "mapped.test".to_owned(), address });
    assert_eq!(send(&strict, "http://unknown.test/").await.unwrap_err().code(), "dns");
}

#[tokio::test]
async fn an_opened_authority_is_reached_and_its_neighbours_are_not() {
    let receiver = Receiver::answering(OK).await;
    let neighbour = Receiver::answering(OK).await;
    let egress = open(&format!("localhost:{}", receiver.address.port()));
    assert_eq!(send(&egress, &receiver.url("localhost")).await.unwrap().status, 200);
    let error = send(&egress, &neighbour.url("localhost")).await.unwrap_err();
    assert_eq!(error.code(), "forbidden_address");
    assert!(egress.check_url(&receiver.url("127.0.0.1")).is_err());
    assert_eq!(neighbour.accepted(), 0);
}

/// The first address is open, all later ones are not: what is dialled is what was checked, each
/// connection is checked anew, and a kept connection stays where it was checked.
#[tokio::test]
async fn a_name_that_changes_its_mind_leads_nowhere_new() {
    let closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    for (answer, second) in [(OK, None), (&closing[..], Some("forbidden_address"))] {
        let receiver = Receiver::answering(answer).await;
        let lookups = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&lookups);
        let script = move |_: &str| match counter.fetch_add(1, Ordering::SeqCst) {
            0 => vec![LOOPBACK],
            _ => vec!["127.0.0.2".parse().unwrap()],
        };
        let egress = scripted("127.0.0.1/32", script, EgressOptions::default());
        let url = receiver.url("rebinding.test");
        assert_eq!(send(&egress, &url).await.unwrap().status, 200);
        assert_eq!(lookups.load(Ordering::SeqCst), 1, "no second look between check and dial");
        assert_eq!(send(&egress, &url).await.err().map(|error| error.code()), second);
        assert_eq!(receiver.accepted(), 1);
    }
}

#[tokio::test]
async fn a_second_address_is_tried_when_the_first_one_fails() {
    let receiver = Receiver::answering(OK).await;
    let answers = |_: &str| vec!["127.0.0.3".parse().unwrap(), LOOPBACK];
    let egress = scripted("127.0.0.0/8", answers, EgressOptions::default());
    assert_eq!(send(&egress, &receiver.url("two.test")).await.unwrap().status, 200);
    assert_eq!(receiver.accepted(), 1);
}

#[tokio::test]
async fn those_who_want_one_name_wait_for_one_lookup() {
    let receiver = Receiver::answering(OK).await;
    let lookups = Arc::new(AtomicUsize::new(0));
    let (counter, (release, released)) = (Arc::clone(&lookups), std::sync::mpsc::channel());
    let released = Mutex::new(released);
    let script = move |_: &str| {
        counter.fetch_add(1, Ordering::SeqCst);
        released.lock().unwrap().recv().unwrap();
        vec![LOOPBACK]
    };
    let egress = scripted("127.0.0.0/8", script, EgressOptions::default());
    let url = receiver.url("slow.test");
    // They are polled in this order, so both wait when the name is told.
    let (first, second, ()) = tokio::join!(send(&egress, &url), send(&egress, &url), async {
        release.send(()).unwrap();
    });
    assert_eq!((first.unwrap().status, second.unwrap().status), (200, 200));
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_without_an_answer_is_told_from_a_receiver_without_one() {
    let (held, released) = std::sync::mpsc::channel::<()>();
    let released = Mutex::new(released);
    let script = move |_: &str| {
        // An error is what it waits for: that the sender was dropped.
        let _ = released.lock().unwrap().recv();
        vec![LOOPBACK]
    };
    let egress = scripted("127.0.0.0/8", script, EgressOptions::default());
    let error = send_briefly(&egress, "http://silent.test/").await.unwrap_err();
    let expected = "silent.test: no answer before the deadline".to_owned();
    assert_eq!(error, SendError::Resolve(expected));
    drop(held);
}

#[tokio::test]
async fn nobody_at_the_address_is_a_connect_error() {
    let receiver = Receiver::answering(OK).await;
    let url = receiver.url("127.0.0.2");
    let error = send(&open("127.0.0.0/8"), &url).await.unwrap_err();
    assert_eq!(error.code(), "connect", "{error}");
    assert!(error.to_string().contains("127.0.0.2:"), "{error}");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let redirect =
        b"HTTP/1.1 307 No\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n";
    let receiver = Receiver::answering(redirect).await;
    let answer = send(&open("127.0.0.0/8"), &receiver.url("127.0.0.1")).await.unwrap();
    assert_eq!(answer.status, 307);
    assert_eq!(receiver.heads().len(), 1);
}

#[tokio::test]
async fn an_endless_body_is_cut_and_its_connection_dropped() {
    let beginning = "HTTP/1.1 201 Created\r\nConnection: keep-alive\r\n\r\n";
    let receiver = Receiver::endless(beginning, "0123456789abcdef", Duration::ZERO).await;
    let egress = open("127.0.0.0/8");
    for connections in 1..=2 {
        let answer = send(&egress, &receiver.url("127.0.0.1")).await.unwrap();
        assert_eq!((answer.status, answer.is_cut, answer.body.len()), (201, true, 16 * 1024));
        assert_eq!(receiver.accepted(), connections);
    }
}

#[tokio::test]
async fn a_body_of_just_the_limit_is_whole() {
    let receiver = Receiver::start(|mut stream, _| async move {
        while read_request(&mut stream).await.is_some() {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {BODY_BYTES_MAX}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&[b'x'; BODY_BYTES_MAX]).await.unwrap();
        }
    })
    .await;
    let egress = open("127.0.0.0/8");
    for _ in 0..2 {
        let answer = send(&egress, &receiver.url("127.0.0.1")).await.unwrap();
        assert_eq!((answer.is_cut, answer.body.len()), (false, BODY_BYTES_MAX));
    }
    assert_eq!(receiver.accepted(), 1);
}

#[tokio::test]
async fn endless_headers_are_an_error() {
    let egress = open("127.0.0.0/8");
    for more in ["x-more: 1\r\n", "no end of this line in sight"] {
        let receiver = Receiver::endless("HTTP/1.1 200 OK\r\nx: ", more, Duration::ZERO).await;
        let error = send(&egress, &receiver.url("127.0.0.1")).await.unwrap_err();
        assert_eq!(error.code(), "protocol", "{error}");
    }
}

#[tokio::test]
async fn dripping_bytes_end_at_the_deadline() {
    let egress = open("127.0.0.0/8");
    let pause = Duration::from_millis(5);
    for beginning in ["HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"] {
        let receiver = Receiver::endless(beginning, "x", pause).await;
        let error = send_briefly(&egress, &receiver.url("127.0.0.1")).await.unwrap_err();
        assert_eq!(error, SendError::Timeout);
    }
}

#[tokio::test]
async fn a_silent_receiver_is_given_up_at_the_deadline() {
    let receiver = Receiver::start(|stream, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let egress = open("127.0.0.0/8");
    let error = send_briefly(&egress, &receiver.url("127.0.0.1")).await.unwrap_err();
    assert_eq!(error, SendError::Timeout);
    let https = receiver.url("127.0.0.1").replace("http:", "https:");
    assert_eq!(send_briefly(&egress, &https).await.unwrap_err(), SendError::Timeout);
}

#[tokio::test]
async fn broken_answers_are_errors_of_their_own() {
    let egress = open("127.0.0.0/8");
    for answer in [
        &b"SSH-2.0-OpenSSH_9.9\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
    ] {
        let receiver = Receiver::answering(answer).await;
        let error = send(&egress, &receiver.url("127.0.0.1")).await.unwrap_err();
        assert_eq!(error.code(), "protocol", "{error}");
    }
    let cut_short = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhe").await.unwrap();
    })
    .await;
    let error = send(&egress, &cut_short.url("127.0.0.1")).await.unwrap_err();
    assert_eq!(error.code(), "protocol", "{error}");
}

#[test]
fn only_so_many_headers_are_kept() {
    let headers = |count: usize, bytes: usize| {
        let name = |i| http::HeaderName::try_from(format!("x-{i:02}")).unwrap();
        let value = http::HeaderValue::try_from("v".repeat(bytes)).unwrap();
        (0..count).map(|i| (name(i), value.clone())).collect::<HeaderMap>()
    };
    assert_eq!(kept_headers(&headers(3, 1)).len(), 3);
    assert_eq!(kept_headers(&headers(90, 1)).len(), HEADERS_KEPT_MAX);
    assert_eq!(kept_headers(&headers(90, 1_020)).len(), 8);
    assert!(kept_headers(&headers(1, HEADER_BYTES_KEPT_MAX)).is_empty());
}

/// Answers CONNECT, and then speaks as the target would.
async fn proxy_answering(connect: &'static [u8]) -> Receiver {
    Receiver::start(move |mut stream, heads| async move {
        let mut answer = connect;
        while let Some(head) = read_request(&mut stream).await {
            heads.lock().unwrap().push(head);
            if stream.write_all(answer).await.is_err() {
                break;
            }
            answer = OK;
        }
    })
    .await
}

fn behind(proxy: &Receiver) -> Egress {
    let url = format!("http://user:p%40ss@{}", proxy.address);
    let answers = |host: &str| match host {
        "inside.test" => vec!["10.0.0.1".parse().unwrap()],
        _ => vec!["1.2.3.4".parse().unwrap()],
    };
    scripted("", answers, EgressOptions { proxy: Some(url), ..Default::default() })
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_checked_address() {
    let proxy = proxy_answering(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n").await;
    let egress = behind(&proxy);
    for _ in 0..2 {
        let answer = send(&egress, "http://receiver.test/hook").await.unwrap();
        assert_eq!(answer.body, b"hello");
    }
    let heads = proxy.heads();
    assert_eq!(
        heads[0],
        "CONNECT 1.2.3.4:80 HTTP/1.1\r\nHost: 1.2.3.4:80\r\n\
         Proxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n"
    );
    assert!(heads[1].starts_with("POST /hook HTTP/1.1\r\n"), "{}", heads[1]);
    assert!(heads[1].contains("\r\nhost: receiver.test\r\n"), "{}", heads[1]);
    assert_eq!((heads.len(), proxy.accepted()), (3, 1), "the tunnel is used again");
}

#[tokio::test]
async fn a_proxy_hears_nothing_of_a_forbidden_address() {
    let proxy = proxy_answering(b"HTTP/1.1 200 OK\r\n\r\n").await;
    let error = send(&behind(&proxy), "https://inside.test/").await.unwrap_err();
    assert_eq!(error.code(), "forbidden_address");
    assert_eq!(proxy.accepted(), 0);
}

#[tokio::test]
async fn a_proxy_that_opens_no_tunnel_is_named_as_the_cause() {
    for refusal in [&b"HTTP/1.1 407 No\r\n\r\n"[..], b"HTTP/1.1 502 Bad\r\n\r\n", b"hello\r\n\r\n"]
    {
        let proxy = proxy_answering(refusal).await;
        let error = send(&behind(&proxy), "https://receiver.test/").await.unwrap_err();
        assert_eq!(error.code(), "proxy", "{error}");
        assert!(!error.to_string().contains("p@ss"), "{error}");
    }
    let talkative = Receiver::endless("HTTP/1.1 200 OK\r\n", "x: y\r\n", Duration::ZERO).await;
    let error = send(&behind(&talkative), "http://receiver.test/").await.unwrap_err();
    assert_eq!(error.code(), "proxy", "{error}");
}

#[test]
fn what_is_no_proxy_is_refused_without_its_password() {
    for url in ["", "proxy:3128", "socks5://user:secret@proxy", "http://user:secret@proxy/path"] {
        let options = EgressOptions { proxy: Some(url.to_owned()), ..Default::default() };
        let error = Egress::new(options).err().unwrap().to_string();
        assert!(error.contains("proxy"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

/// Answers one request over TLS for each connection, as `receiver.test`.
fn tls_receiver() -> u16 {
    let chain = CertificateDer::from_pem_slice(include_bytes!("testdata/receiver.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("testdata/receiver.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind((LOOPBACK, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(session, socket.unwrap());
            let mut request = [0; 4_096];
            // A client that does not believe the certificate goes away here.
            if stream.read(&mut request).is_ok() {
                stream.write_all(OK).unwrap();
            }
        }
    });
    port
}

#[tokio::test]
async fn an_authority_of_ones_own_is_believed_for_its_names_only() {
    let port = tls_receiver();
    let own = Some(include_bytes!("testdata/authority.pem").to_vec());
    let options = |ca_pem| EgressOptions { ca_pem, ..Default::default() };
    let trusting = scripted("127.0.0.0/8", |_| vec![LOOPBACK], options(own));
    let answer = send(&trusting, &format!("https://receiver.test:{port}/")).await.unwrap();
    assert_eq!(answer.body, b"hello");

    let other_name = send(&trusting, &format!("https://other.test:{port}/")).await.unwrap_err();
    assert_eq!(other_name.code(), "tls", "{other_name}");
    let plain = scripted("127.0.0.0/8", |_| vec![LOOPBACK], options(None));
    let unknown = send(&plain, &format!("https://receiver.test:{port}/")).await.unwrap_err();
    assert_eq!(unknown.code(), "tls", "{unknown}");
    assert!(unknown.to_string().contains("UnknownIssuer"), "{unknown}");
}

#[test]
fn certificates_that_are_none_are_refused() {
    for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let options = EgressOptions { ca_pem: Some(pem.into()), ..Default::default() };
        assert!(matches!(Egress::new(options), Err(EgressError::Certificates(_))), "{pem}");
    }
}
