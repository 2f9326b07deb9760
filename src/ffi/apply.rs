//! How a C function changes a client.

use std::sync::Arc;

use super::guard::{handle, return_code, slice_arg};
use super::types::sac_client;
use crate::client::Client;
use crate::code::{Code, Error, sac_code};
use crate::settings::Change;

/// Changes a setting of a client.
///
/// # Safety
/// `client` is a live client or NULL.
pub(super) unsafe fn set(
    client: *mut sac_client,
    change: impl FnOnce() -> Result<Change, Error>,
) -> sac_code {
    // SAFETY: the caller promises the same.
    unsafe { change_client(client, |client| client.change(&change()?)) }
}

/// Changes a client. If the change is refused, the log gives the reason, because C sees only the
/// code.
///
/// # Safety
/// `client` is a live client or NULL.
pub(super) unsafe fn change_client(
    client: *mut sac_client,
    change: impl FnOnce(&Client) -> Result<(), Error>,
) -> sac_code {
    return_code(|| {
        // SAFETY: the caller promises a live client or NULL; clients change only by atomic
        // operations.
        let client = &unsafe { handle(client, "client") }?.client;
        change(client).inspect_err(|error| client.log_refusal(error))
    })
}

/// A list of statuses from C.
///
/// # Safety
/// `statuses` is NULL, or points to `count` numbers.
pub(super) unsafe fn retry_statuses(statuses: *const u16, count: usize) -> Result<Change, Error> {
    // There are only 500 statuses. A larger count is a mistake, such as -1 converted to unsigned.
    if count > 500 {
        return Err(Error::new(Code::InvalidArgument, "more than 500 statuses"));
    }
    // SAFETY: the caller promises `count` numbers, or NULL.
    let statuses = unsafe { slice_arg(statuses, count, "statuses") }?;
    Ok(Change::RetryStatuses(Arc::from(statuses)))
}
