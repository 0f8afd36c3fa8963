//! The workspace's own tasks: `cargo run -p xtask -- TASK`.
//!
//! It reads the project as text and as `cargo metadata`, and depends on no landfall crate, so that
//! it runs when they do not compile.

mod tidy;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- TASK

tasks:
  tidy   checks what neither the compiler nor clippy can: sizes, layers, migrations, markers";

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (report, passed) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => tidy::report()?,
        _ => (USAGE.to_owned(), false),
    };
    print(&report);
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[expect(clippy::print_stdout, reason = "a task answers the person who ran it")]
fn print(report: &str) {
    println!("{report}");
}
