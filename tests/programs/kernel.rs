//! The real kernel, as a program of this package, so that its tests always run the newest.

fn main() -> std::process::ExitCode {
    drupe_kernel::main()
}
