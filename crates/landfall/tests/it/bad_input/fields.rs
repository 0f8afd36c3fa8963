//! Fields that hold what they may not.

use serde_json::Value;

use super::Dialect::{self, Build, Deployment, Native};
use super::{Case, check};
use crate::harness::Call;

/// Takes the field out.
const ABSENT: &str = "";

/// A field of a good report, what it holds instead as JSON, and part of the message.
type Wrong = (Dialect, &'static str, &'static str, &'static str);

const WRONG: [Wrong; 65] = [
    (Deployment, "product_name", ABSENT, "Field 'product_name' is required"),
    (Deployment, "version", ABSENT, "Field 'version' is required"),
    (Deployment, "environment_name", ABSENT, "Field 'environment_name' is required"),
    (Deployment, "status", ABSENT, "Field 'status' is required"),
    (Build, "product_name", ABSENT, "Field 'product_name' is required"),
    (Build, "version", ABSENT, "Field 'version' is required"),
    (Deployment, "product_name", "null", "Field 'product_name' is required"),
    (Deployment, "product_name", r#""""#, "Field 'product_name' is required"),
    (Deployment, "version", r#"" \t ""#, "Field 'version' is required"),
    (Deployment, "status", "null", "Field 'status' is required"),
    (Build, "version", r#""\u00a0""#, "Field 'version' is required"),
    (Deployment, "product_name", "5", "Field 'product_name' must be a string, not a number"),
    (Deployment, "product_name", "[]", "Field 'product_name' must be a string, not an array"),
    (Deployment, "product_name", "{}", "Field 'product_name' must be a string, not an object"),
    (Deployment, "version", "1.2", "Field 'version' must be a string, not a decimal number"),
    (Deployment, "version", "true", "Field 'version' must be a string, not a boolean"),
    (Deployment, "version", r#"["1"]"#, "Field 'version' must be a string, not an array"),
    (Deployment, "environment_name", "1", "Field 'environment_name' must be a string"),
    (Deployment, "status", "200", "Field 'status' must be a string, not a number"),
    (Deployment, "status", "false", "Field 'status' must be a string, not a boolean"),
    (Deployment, "status", r#""exploded""#, "`exploded` is not a status; use one of pending"),
    (Deployment, "status", r#""success!""#, "`success!` is not a status"),
    (Build, "status", r#""in progress""#, "`in progress` is not a status"),
    (Build, "status", r#""ѕuccess""#, "is not a status"),
    (Deployment, "product_name", r#""a\u0000b""#, "'product_name' must not contain control"),
    (Deployment, "version", r#""1\n2""#, "'version' must not contain control characters"),
    (Deployment, "environment_name", r#""\u001b[31m""#, "must not contain control characters"),
    (Build, "scm_branch", r#""main\u007f""#, "'scm_branch' must not contain control"),
    (Build, "built_by", r#""a\u0085b""#, "'built_by' must not contain control characters"),
    (Deployment, "version", r#""\ud800""#, "hex escape"),
    (Deployment, "version", r#""\udc00x""#, "hex escape"),
    (Deployment, "version", r#""\ud800\ud800""#, "hex escape"),
    (Deployment, "scm_sha", "[1]", "Field 'scm_sha' must be a string, not an array"),
    (Deployment, "build_number", "1.5", "Field 'build_number' must be a string, not a decimal"),
    (Deployment, "build_number", "1e400", "number out of range"),
    (Deployment, "invoke_id", "true", "Field 'invoke_id' must be a string, not a boolean"),
    (Deployment, "invoke_id", "99999999999999999999999", "Field 'invoke_id' must be a string"),
    (Build, "error_message", "{}", "Field 'error_message' must be a string, not an object"),
    (Deployment, "completed_at", r#""yesterday""#, "`yesterday` is not a time such as 2026"),
    (Deployment, "completed_at", "1772366400", "Field 'completed_at' must be a string"),
    (Deployment, "completed_at", r#""1772366400""#, "is not a time such as"),
    (Deployment, "completed_at", r#""2026-02-30T00:00:00Z""#, "is not a time such as"),
    (Deployment, "completed_at", r#""2026-02-01T25:00:00Z""#, "is not a time such as"),
    (Deployment, "completed_at", r#""2026-02-01T10:00:00+99:00""#, "is not a time such as"),
    (Deployment, "completed_at", r#""1969-12-31T23:59:59Z""#, "is not between 1970 and 9999"),
    (Deployment, "completed_at", r#""0001-01-01T00:00:00Z""#, "is not between 1970 and 9999"),
    (Build, "started_at", r#""2026-13-01T00:00:00Z""#, "Field 'started_at' is wrong"),
    (Build, "built_at", r#""01/02/2026""#, "Field 'built_at' is wrong"),
    (Deployment, "extra_metadata", r#""text""#, "Field 'extra_metadata' must be a JSON object"),
    (Deployment, "extra_metadata", "[]", "Field 'extra_metadata' must be a JSON object"),
    (Build, "extra_metadata", "7", "Field 'extra_metadata' must be a JSON object"),
    (Build, "extra_metadata", "false", "Field 'extra_metadata' must be a JSON object"),
    (Native, "application", ABSENT, "application"),
    (Native, "version", ABSENT, "version"),
    (Native, "environment", ABSENT, "environment"),
    (Native, "application", "5", "application"),
    (Native, "version", r#""  ""#, "version"),
    (Native, "environment", r#""a\u0000b""#, "control characters"),
    (Native, "status", r#""exploded""#, "`exploded` is not a status"),
    (Native, "completed_at", r#""2026-02-30T00:00:00Z""#, "is not a time such as"),
    (Native, "occurred_at", r#""9999-12-30T22:00:00.5Z""#, "is not between 1970 and 9999"),
    (Native, "commits", r#"[{"sha":"abcdef1","at":"9999-12-30T22:00:00.5Z"}]"#, "1970 and 9999"),
    (Native, "metadata", "[]", "metadata"),
    (Native, "enviroment", r#""production""#, "`enviroment`"), // typos:ignore
    (Native, "product_name", r#""shop""#, "`product_name`"),
];

/// Two fields of one name, which JSON allows and no two readers understand alike.
const TWICE: [(Dialect, &str); 3] =
    [(Deployment, "version"), (Build, "product_name"), (Native, "environment")];

/// A good report in which one field holds other JSON, whether valid or not.
fn body_with(dialect: Dialect, field: &str, json: &str) -> String {
    let mut report = dialect.good();
    let members = report.as_object_mut().unwrap();
    members.remove(field);
    let mut members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())))
        .collect();
    if json != ABSENT {
        members.push(format!("{}:{json}", Value::from(field)));
    }
    format!("{{{}}}", members.join(","))
}

fn case((dialect, field, json, says): Wrong) -> Case {
    let call = Call::post(dialect.path(), body_with(dialect, field, json));
    Case { dialect, name: format!("{field} {json}"), call, status: 400, says, is_kept: true }
}

#[tokio::test]
async fn a_field_that_holds_what_it_may_not_is_named() {
    check(WRONG.map(case).into()).await;
}

#[tokio::test]
async fn a_field_that_is_there_twice_is_named() {
    let cases = TWICE.map(|(dialect, field)| {
        let good = dialect.good().to_string();
        let body =
            format!("{},{}:\"other\"}}", good.strip_suffix('}').unwrap(), Value::from(field));
        let call = Call::post(dialect.path(), body);
        let name = format!("{field} twice");
        Case { dialect, name, call, status: 400, says: "duplicate field", is_kept: true }
    });
    check(cases.into()).await;
}

#[tokio::test]
async fn metadata_of_over_100_kib_is_refused() {
    let metadata = format!(r#"{{"k":"{}"}}"#, "x".repeat(100 * 1024));
    let cases = [(Deployment, "extra_metadata"), (Build, "extra_metadata"), (Native, "metadata")]
        .map(|(dialect, field)| {
            let call = Call::post(dialect.path(), body_with(dialect, field, &metadata));
            let says = "larger than 102400 bytes";
            Case { dialect, name: field.to_owned(), call, status: 400, says, is_kept: true }
        });
    check(cases.into()).await;
}
