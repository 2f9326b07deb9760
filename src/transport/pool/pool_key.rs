//! Which requests may share a connection.

use http::uri::Authority;

use crate::transport::route::ConnectionSpec;

/// The properties that two requests must share to use the same connection.
#[derive(Debug)]
pub(in crate::transport) struct PoolKey {
    pub(in crate::transport) authority: Authority,
    pub(in crate::transport) spec: ConnectionSpec,
}

impl PoolKey {
    /// Whether a connection with this key fits such a request.
    pub(in crate::transport) fn matches(
        &self,
        authority: &Authority,
        spec: &ConnectionSpec,
    ) -> bool {
        self.spec == *spec && same_authority(&self.authority, authority)
    }
}

/// Usually both share their memory, because they come from the same base URL.
fn same_authority(one: &Authority, other: &Authority) -> bool {
    std::ptr::eq(one.as_str(), other.as_str()) || one == other
}
