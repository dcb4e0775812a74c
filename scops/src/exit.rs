//! Failures at the process's edge: what is printed, and the exit code.

use std::process::ExitCode;

use protocol::ErrorClass;

/// Prints the error on stderr. Exit codes: 2 the SQL, 3 a limit, 4 permission, 5 data, storage or
/// workers, 9 a fault of scops, 1 everything else.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if is_broken_pipe(error) {
        return ExitCode::SUCCESS;
    }
    let Some(typed) = error.downcast_ref::<protocol::Error>() else {
        eprintln!("error: {error:#}");
        return ExitCode::from(1);
    };
    eprintln!("error: {}", typed.to_user_text());
    ExitCode::from(match typed.code.class() {
        ErrorClass::Sql => 2,
        ErrorClass::Limit => 3,
        ErrorClass::Permission => 4,
        ErrorClass::Data | ErrorClass::Storage | ErrorClass::Worker => 5,
        ErrorClass::Internal => 9,
    })
}

/// Whoever reads our output has had enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
