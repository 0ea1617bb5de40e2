//! The kernel as a program of its own, for embedders that ship no `drupe` command.

fn main() -> std::process::ExitCode {
    drupe_kernel::main()
}
