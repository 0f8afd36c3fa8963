//! The commands of Versioner's document, run by bash and curl as they are written: only the base
//! URL and the key differ, and the CI system's own substitutions are made.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::Server;

const BASE_URL: &str = "https://api.versioner.io";
const SHA: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

/// Runs a script of `snippets/` in bash, and returns what curl printed.
async fn run(server: &Server, script: String, variables: &[(&str, &str)]) -> Value {
    assert!(script.contains(BASE_URL), "{script}");
    let script = script.replace(BASE_URL, &server.url());
    let mut command = Command::new("bash");
    command.args(["-e", "-c", &script]).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command.env("VERSIONER_API_KEY", &server.admin_key).envs(variables.iter().copied());
    let run = tokio::task::spawn_blocking(move || command.output());
    let output = run.await.unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn read(name: &str) -> String {
    let snippets = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/versioner/snippets");
    std::fs::read_to_string(snippets.join(name)).unwrap()
}

/// The lines that follow `head` and are indented deeper than it, without their indentation.
fn block(text: &str, head: &str) -> String {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().skip_while(|line| line.trim() != head);
    let outer = depth(lines.next().unwrap());
    let inner: Vec<&str> =
        lines.take_while(|line| line.trim().is_empty() || depth(line) > outer).collect();
    let cut = inner.iter().map(|line| depth(line)).min().unwrap();
    inner.iter().flat_map(|line| [&line[cut..], "\n"]).collect()
}

/// Replaces each `<open>name<close>` by its value, as the CI system does before a shell sees it.
fn substitute(text: &str, (open, close): (&str, &str), values: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{open}{name}{close}"), value);
    }
    assert!(!text.contains(open), "a placeholder has no value: {text}");
    text
}

fn assert_holds(answer: &Value, wanted: &Value) {
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&answer[name], value, "{name} of {answer}");
    }
}

#[tokio::test]
async fn every_curl_command_of_the_document_works_as_written() {
    let deployment = |status| {
        json!({"product_name": "my-service", "version": "1.2.3", "environment_name": "production",
            "status": status, "deployed_at": "2026-03-01T12:00:00Z"})
    };
    let build = |status| {
        json!({"product_name": "my-service", "version": "1.2.3", "status": status,
            "created_at": "2026-03-01T12:00:00Z"})
    };
    for (name, wanted) in [
        ("deployment-success.sh", deployment("completed")),
        ("deployment-failed.sh", deployment("failed")),
        ("deployment-full.sh", deployment("completed")),
        ("build-completed.sh", build("completed")),
        ("build-failed.sh", build("failed")),
        ("build-full.sh", build("completed")),
    ] {
        let server = Server::start().await;
        let answer = run(&server, read(name), &[]).await;
        assert_holds(&answer, &wanted);
        server.stop().await;
    }
}

#[tokio::test]
async fn all_that_the_fullest_commands_say_comes_back() {
    let server = Server::start().await;
    let link = "https://github.com/mycompany/my-service/actions/runs/123";
    let common = json!({
        "scm_branch": "main", "scm_sha": "abc123def456", "build_number": "456",
        "scm_repository": "github.com/mycompany/my-service", "source_system": "github",
    });

    let deployment = run(&server, read("deployment-full.sh"), &[]).await;
    assert_holds(&deployment, &common);
    assert_eq!(deployment["deploy_url"], link);
    assert_eq!(deployment["deployed_by"], "john.doe");
    let metadata = json!({"deployment_duration_seconds": 120, "deployment_method": "terraform"});
    assert_eq!(deployment["extra_metadata"], metadata);

    let build = run(&server, read("build-full.sh"), &[]).await;
    assert_holds(&build, &common);
    assert_eq!(build["build_url"], link);
    assert_eq!(build["built_by"], "github-actions");
    assert_eq!(build["extra_metadata"]["test_coverage"], "85%");
    server.stop().await;
}

#[tokio::test]
async fn the_github_actions_step_works_as_written() {
    let server = Server::start().await;
    let values = [
        ("secrets.VERSIONER_API_KEY", server.admin_key.as_str()),
        ("github.sha", SHA),
        ("github.actor", "octo"),
        ("github.ref_name", "main"),
        ("github.server_url", "https://github.com"),
        ("github.repository", "acme/my-service"),
        ("github.run_id", "42"),
    ];
    let script = block(&read("github-actions.yml"), "run: |");
    let answer = run(&server, substitute(&script, ("${{ ", " }}"), &values), &[]).await;
    let wanted = json!({
        "product_name": "my-service", "version": SHA, "environment_name": "production",
        "status": "completed", "deployed_by": "octo", "scm_branch": "main", "scm_sha": SHA,
        "deploy_url": "https://github.com/acme/my-service/actions/runs/42",
    });
    assert_holds(&answer, &wanted);
    server.stop().await;
}

#[tokio::test]
async fn the_jenkins_step_works_as_written() {
    let server = Server::start().await;
    let values = [
        ("VERSIONER_API_KEY", server.admin_key.as_str()),
        ("BUILD_NUMBER", "17"),
        ("BUILD_USER", "ada"),
        ("BUILD_URL", "https://jenkins.test/job/my-service/17/"),
    ];
    let step = read("Jenkinsfile");
    let string = step.trim().strip_prefix("sh \"\"\"").unwrap().strip_suffix("\"\"\"").unwrap();
    // Groovy fills in the variables and takes one backslash of two, then hands it to a shell.
    let script = substitute(string, ("${", "}"), &values).replace(r"\\", r"\");
    let answer = run(&server, script, &[]).await;
    let wanted = json!({
        "product_name": "my-service", "version": "17", "environment_name": "production",
        "status": "completed", "deployed_by": "ada",
        "deploy_url": "https://jenkins.test/job/my-service/17/",
    });
    assert_holds(&answer, &wanted);
    server.stop().await;
}

#[tokio::test]
async fn the_gitlab_job_works_as_written() {
    let server = Server::start().await;
    let variables = [
        ("CI_COMMIT_SHORT_SHA", &SHA[..8]),
        ("CI_COMMIT_SHA", SHA),
        ("CI_COMMIT_REF_NAME", "main"),
        ("CI_JOB_URL", "https://gitlab.test/acme/my-service/-/jobs/9"),
        ("GITLAB_USER_LOGIN", "ada"),
    ];
    let answer = run(&server, block(&read("gitlab-ci.yml"), "- |"), &variables).await;
    let wanted = json!({
        "product_name": "my-service", "version": &SHA[..8], "environment_name": "production",
        "status": "completed", "deployed_by": "ada", "scm_branch": "main", "scm_sha": SHA,
        "deploy_url": "https://gitlab.test/acme/my-service/-/jobs/9",
    });
    assert_holds(&answer, &wanted);
    server.stop().await;
}
