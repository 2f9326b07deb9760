//! One socket: reading, writing, and waiting for it.

pub(super) mod readiness;
mod tcp;

pub(super) use tcp::{Probe, Tcp};
