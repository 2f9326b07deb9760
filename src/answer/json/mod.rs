//! JSON: the strict check, the repair of what is not quite JSON, and reading values by pointers
//! (RFC 6901).
//!
//! A body that is valid JSON (RFC 8259) is never changed. One that is not is decoded and repaired.
//! What leaves this module is strictly valid in every case, or nothing leaves it. No part of it
//! recurses, so no depth of nesting can exhaust the stack, and all of it takes time in proportion
//! to the length of the input.

mod block;
mod check;
mod copies;
mod decode;
mod document;
mod index;
mod kinds;
mod masks;
mod pointer;
mod repair;
mod scan;
mod skip;
mod strict;
mod unrepaired;
mod value;
mod values;
mod verdict;

pub use kinds::{Kind, Kinds};
pub use repair::{Hints, Repaired, most_memory, repair, try_repair};
pub use scan::{Node, Type, children, root};
pub use strict::{is_json, is_json_while, strict};
pub use unrepaired::Unrepaired;
pub use value::{spells, string_beginning};
pub use values::{Place, Values};
