//! Versioner's API: as its document shows it, and as its published clients use it.

mod answers;
mod errors;
mod fields;
mod outbound;
mod paths;
mod retries;
mod snippets;
mod statuses;
mod workflows;

use serde_json::{Value, json};

/// What is reported about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Deployment,
    Build,
}

impl Kind {
    const BOTH: [Self; 2] = [Self::Deployment, Self::Build];

    const fn path(self) -> &'static str {
        match self {
            Self::Deployment => "/deployment-events/",
            Self::Build => "/build-events/",
        }
    }

    /// The least that is a good report, with further fields or others in their place.
    fn body(self, further: &Value) -> Value {
        let mut body =
            json!({"product_name": "my-service", "version": "1.2.3", "status": "success"});
        if self == Self::Deployment {
            body["environment_name"] = json!("production");
        }
        for (name, value) in further.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }
}
