//! JSON: the strict check, the repair of invalid JSON, and reading values by pointers
//! (RFC 6901) and by nodes.
//!
//! A body that is valid JSON (RFC 8259) is never changed. Another body is decoded and repaired. The
//! result of a repair is always strictly valid. If no repair is possible, there is no result. No
//! function recurses, so deep nesting cannot exhaust the stack. The time is proportional to the length
//! of the input.

mod arriving;
mod block;
mod check;
mod copy_cache;
mod damaged_string;
mod damaged_text;
mod decode;
mod document;
mod grammar;
mod index;
mod line_scalar;
mod lookahead;
mod masks;
mod pair;
mod pieces;
mod repair;
mod repair_error;
mod repair_kind;
mod scalar;
mod scan;
mod separator;
mod skip;
mod structure;
mod tokens;
mod validate;
mod value_cache;
mod walk;

pub use arriving::ArrivingText;
pub use repair::{Hints, Repaired, most_memory, repair, try_repair};
pub use repair_error::RepairError;
pub use repair_kind::{RepairKind, RepairKinds};
pub use scalar::{string_equals, string_prefix};
pub use scan::{Node, Type, children, root};
pub use separator::{RECORD_SEPARATOR, Separator};
pub use validate::{is_json, is_json_while, valid_text};
pub use value_cache::{ValueCache, ValueRef};
