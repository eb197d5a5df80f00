//! The `vodflow` program: hands over to the command line.

fn main() -> std::process::ExitCode {
    vodflow::cli::main()
}
