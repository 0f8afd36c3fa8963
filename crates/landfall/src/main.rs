//! The `landfall` binary.

fn main() -> std::process::ExitCode {
    landfall::run()
}
