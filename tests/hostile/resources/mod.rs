//! A process without free descriptors, memory, threads, name servers or trusted certificates: calls
//! fail with clear codes, and succeed again when the resource is back.

mod descriptors;
mod limit;
mod memory;
mod names;

use crate::case::ok_response;
use crate::scenario::Scenario;
use crate::support::Server;

pub use limit::limit_memory;

const GROUP: &str = "resources";

pub fn scenarios() -> Vec<Scenario> {
    let mut all = descriptors::scenarios();
    all.extend(memory::scenarios());
    all.extend(names::scenarios());
    all
}

fn well_behaved() -> Server {
    Server::start(|received| ok_response(received.path()))
}
