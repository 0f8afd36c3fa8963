//! Asking Landfall's API: what an answer means for the command that asked.

use hyper::header::LOCATION;
use hyper::{Method, StatusCode};
use serde::Deserialize;

use super::client::{Answer, Call, Client, DEADLINE, NoAnswer};
use super::connection::{Connection, ServerOptions, find_connection};
use super::failure::Failure;
use super::path::Path;
use super::retry;
use super::session::Session;

/// The API of one server.
pub(crate) struct Api<'a> {
    client: Client,
    session: &'a Session,
}

/// How the API says no (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    title: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
}

impl<'a> Api<'a> {
    /// The API that flags, environment and file name.
    pub(crate) fn find(options: &ServerOptions, session: &'a Session) -> Result<Self, Failure> {
        let connection = find_connection(options, &session.variables)?;
        Ok(Self::new(Client::new(connection, DEADLINE), session))
    }

    /// The API behind a client.
    pub(crate) const fn new(client: Client, session: &'a Session) -> Self {
        Self { client, session }
    }

    /// The client, for what is no plain question and answer.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Reads something, as the server's own text.
    pub(crate) async fn get(&self, path: Path) -> Result<String, Failure> {
        self.ask(&Call { method: Method::GET, path, body: None, idempotency_key: None }).await
    }

    /// Sends a JSON body along.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: Path,
        body: &serde_json::Value,
    ) -> Result<String, Failure> {
        let body = Some(body.to_string().into());
        self.ask(&Call { method, path, body, idempotency_key: None }).await
    }

    /// Removes something.
    pub(crate) async fn delete(&self, path: Path) -> Result<String, Failure> {
        self.ask(&Call { method: Method::DELETE, path, body: None, idempotency_key: None }).await
    }

    /// Makes a call once: a person is there, who rather knows than waits.
    async fn ask(&self, call: &Call) -> Result<String, Failure> {
        judge(self.client.send(call).await, self.client.connection())
    }

    /// Makes a call that is harmless to repeat until it has an answer that stands.
    pub(crate) async fn insist(&self, call: &Call) -> Result<String, Failure> {
        let mut attempts_made = 0;
        loop {
            let outcome = self.client.send(call).await;
            attempts_made += 1;
            let pause = retry::pause(&outcome, attempts_made, self.session.now());
            let outcome = judge(outcome, self.client.connection());
            let (Some(pause), Err(failure)) = (pause, &outcome) else { return outcome };
            let seconds = pause.as_secs();
            self.session.output.note(&format!("{failure}; trying again in {seconds} s"));
            tokio::time::sleep(pause).await;
        }
    }
}

/// Takes the body of a good answer, and says what is wrong with any other.
pub(crate) fn judge(
    outcome: Result<Answer, NoAnswer>,
    connection: &Connection,
) -> Result<String, Failure> {
    let answer = outcome.map_err(|NoAnswer(why)| Failure::Unreachable(why))?;
    let status = answer.status;
    if status.is_success() {
        return Ok(answer.body);
    }
    let words = reason(&answer, connection);
    Err(match status {
        StatusCode::UNAUTHORIZED => Failure::NotSignedIn(words),
        StatusCode::FORBIDDEN => Failure::Forbidden(words),
        _ if retry::is_passing(status) => Failure::Unreachable(words),
        _ => Failure::Refused(words),
    })
}

fn reason(answer: &Answer, connection: &Connection) -> String {
    let Connection { address, .. } = connection;
    if let Some(to) = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok())
        && answer.status.is_redirection()
    {
        return format!("{address} sends us on to {to}; give that address with --url");
    }
    let problem: Option<Problem> = serde_json::from_str(&answer.body).ok();
    let Some(Problem { title, code, detail }) = problem.filter(|it| !it.title.is_empty()) else {
        let status = answer.status;
        return format!("{address} answered {status}, but not as Landfall does; is it the server?");
    };
    let text = if detail.is_empty() { title } else { detail };
    if code.is_empty() { text } else { format!("{text} ({code})") }
}

/// Reads an answer into a shape of ours.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T, Failure> {
    serde_json::from_str(body).map_err(|error| {
        let error = anyhow::Error::new(error);
        Failure::Local(error.context("the server's answer can't be read; is it another version?"))
    })
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderMap, HeaderValue};

    use super::super::connection::{Address, Secret};
    use super::*;

    fn check(status: u16, body: &str, expected: (u8, &str)) {
        let mut headers = HeaderMap::new();
        if (300..400).contains(&status) {
            headers.insert(LOCATION, HeaderValue::from_static("https://b.example/"));
        }
        let status = StatusCode::from_u16(status).unwrap();
        let connection = Connection {
            address: Address::parse("https://a.example").unwrap(),
            key: Secret::new("sk"),
        };
        let failure = judge(Ok(Answer { status, headers, body: body.to_owned() }), &connection);
        let failure = failure.unwrap_err();
        assert_eq!((failure.exit_code(), failure.to_string().as_str()), expected);
    }

    #[test]
    fn a_failure_tells_the_problem_and_ends_with_its_code() {
        let problem = r#"{"title":"Conflict","status":409,"code":"version_pinned","detail":"version 1.4.2 is pinned to a1b2c3d"}"#;
        check(409, problem, (3, "version 1.4.2 is pinned to a1b2c3d (version_pinned)"));
        check(401, r#"{"title":"Unauthorized","code":"no_key"}"#, (4, "Unauthorized (no_key)"));
        check(403, r#"{"title":"Forbidden"}"#, (4, "Forbidden"));
        check(503, r#"{"title":"Busy","detail":"too many reports"}"#, (2, "too many reports"));
    }

    #[test]
    fn an_answer_of_something_else_is_told_from_ours() {
        check(
            404,
            "<html>nginx</html>",
            (
                3,
                "https://a.example answered 404 Not Found, but not as Landfall does; is it the server?",
            ),
        );
        check(
            301,
            "",
            (
                3,
                "https://a.example sends us on to https://b.example/; give that address with --url",
            ),
        );
    }
}
