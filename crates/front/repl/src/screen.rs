//! The size of the terminal.

/// Rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// The size of the terminal at standard output; 24 by 80 where it is not known.
pub(crate) fn size() -> Size {
    known().filter(|size| size.rows > 0 && size.columns > 0).unwrap_or(Size { rows: 24, columns: 80 })
}

#[cfg(unix)]
fn known() -> Option<Size> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(Size { rows: size.ws_row.into(), columns: size.ws_col.into() })
}

#[cfg(not(unix))]
fn known() -> Option<Size> {
    None
}
