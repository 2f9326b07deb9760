//! What a client and its clones share.

use crate::transport::Transport;
use crate::wait::{Clock, SystemClock};

/// The connections and the clock of a client and all its clones.
pub struct Family {
    /// The connections.
    pub transport: Transport,
    /// What they wait by.
    pub clock: Box<dyn Clock>,
}

impl Family {
    /// Without any connection yet.
    pub fn new() -> Self {
        Self { transport: Transport::new(), clock: Box::new(SystemClock) }
    }
}
