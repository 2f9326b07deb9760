//! Which requests may share a connection.

use http::uri::Authority;

use crate::transport::route::ConnectionSpec;

/// What two requests must have in common to share a connection.
#[derive(Debug)]
pub(in crate::transport) struct PoolKey {
    pub(in crate::transport) authority: Authority,
    pub(in crate::transport) spec: ConnectionSpec,
}

impl PoolKey {
    /// Whether a connection of this key can carry such a request.
    pub(in crate::transport) fn matches(
        &self,
        authority: &Authority,
        spec: &ConnectionSpec,
    ) -> bool {
        self.spec == *spec && same_authority(&self.authority, authority)
    }
}

/// Mostly they share their memory, for they come from the same base URL.
fn same_authority(one: &Authority, other: &Authority) -> bool {
    std::ptr::eq(one.as_str(), other.as_str()) || one == other
}
