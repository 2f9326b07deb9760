//! Values that are handed out for as long as the document lives.

use std::sync::OnceLock;

use super::{Document, Node, Type, bool_value, double_value, int64_value, string_value};

/// How many bytes of the text share one list of copies.
const STRETCH: usize = 128;

/// The values of one JSON text, read by JSON pointers (RFC 6901). The text is parsed at the first
/// use, once.
///
/// What is handed out as bytes is copied once for each node and then kept, so that it may be used
/// as long as this store lives, and reading a node again takes no more memory. May be used from any
/// number of threads at once.
///
/// Every method is given the same text, which the store does not own; `None` is answered where the
/// text is no valid JSON, where nothing is at that pointer, or where it is of another type.
#[derive(Debug, Default)]
pub struct Values {
    parsed: OnceLock<Option<Parsed>>,
}

#[derive(Debug)]
struct Parsed {
    document: Document,
    strings: Store,
    texts: Store,
}

impl Values {
    /// A store that has parsed nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { parsed: OnceLock::new() }
    }

    /// The type of the value there.
    pub fn type_of(&self, text: &str, pointer: &str) -> Option<Type> {
        Some(self.find(text, pointer)?.1.kind())
    }

    /// The content of the string there, with a NUL behind it that is not part of it. The content
    /// may hold NULs of its own.
    pub fn string(&self, text: &str, pointer: &str) -> Option<&[u8]> {
        let (parsed, node) = self.find(text, pointer)?;
        let content = string_value(text, &node)?;
        parsed.strings.keep(&node, &content)
    }

    /// The JSON text of the value there, with a NUL behind it that is not part of it.
    pub fn text(&self, text: &str, pointer: &str) -> Option<&[u8]> {
        let (parsed, node) = self.find(text, pointer)?;
        parsed.texts.keep(&node, node.text(text))
    }

    /// The exact integer there; see [`int64_value`].
    pub fn int64(&self, text: &str, pointer: &str) -> Option<i64> {
        int64_value(text, &self.find(text, pointer)?.1)
    }

    /// The number there as the nearest double; see [`double_value`].
    pub fn double(&self, text: &str, pointer: &str) -> Option<f64> {
        double_value(text, &self.find(text, pointer)?.1)
    }

    /// The boolean there.
    pub fn boolean(&self, text: &str, pointer: &str) -> Option<bool> {
        bool_value(text, &self.find(text, pointer)?.1)
    }

    /// How many elements or members the value there has; 0 where it is neither an array nor an
    /// object, or is missing.
    pub fn length(&self, text: &str, pointer: &str) -> usize {
        self.find(text, pointer).map_or(0, |(parsed, node)| parsed.document.count(text, &node))
    }

    /// The document itself, for walking through it.
    pub fn document(&self, text: &str) -> Option<&Document> {
        Some(&self.parsed(text)?.document)
    }

    fn find(&self, text: &str, pointer: &str) -> Option<(&Parsed, Node)> {
        let parsed = self.parsed(text)?;
        Some((parsed, parsed.document.find(text, pointer)?))
    }

    fn parsed(&self, text: &str) -> Option<&Parsed> {
        self.parsed
            .get_or_init(|| Document::parse(text).map(|document| Parsed::new(document, text)))
            .as_ref()
    }
}

impl Parsed {
    fn new(document: Document, text: &str) -> Self {
        Self { document, strings: Store::new(text), texts: Store::new(text) }
    }
}

/// NUL-terminated copies, one for each node at most, made when they are asked for.
#[derive(Debug)]
struct Store {
    /// How long the text is.
    length: usize,
    /// For each stretch of the text the copies of what begins there; made with the first copy.
    stretches: OnceLock<Vec<Slot>>,
}

/// The first of a list of copies, or the one behind another.
type Slot = OnceLock<Box<Copied>>;

#[derive(Debug)]
struct Copied {
    /// Where the value begins in the text.
    start: usize,
    bytes: Vec<u8>,
    next: Slot,
}

impl Store {
    fn new(text: &str) -> Self {
        Self { length: text.len(), stretches: OnceLock::new() }
    }

    /// `None` where there is no memory for it.
    fn keep(&self, node: &Node, content: &str) -> Option<&[u8]> {
        let start = node.span().start;
        let mut slot = self.stretches().get(start.checked_div(STRETCH)?)?;
        let mut made = None;
        loop {
            if let Some(copied) = slot.get() {
                if copied.start == start {
                    return Some(&copied.bytes);
                }
                slot = &copied.next;
                continue;
            }
            let copied = match made.take() {
                Some(copied) => copied,
                None => Box::new(Copied { start, bytes: copy(content)?, next: Slot::new() }),
            };
            // Where another thread was faster, its copy comes before this one.
            made = slot.set(copied).err();
        }
    }

    fn stretches(&self) -> &[Slot] {
        self.stretches.get_or_init(|| {
            let count = self.length.div_ceil(STRETCH);
            let mut slots = Vec::new();
            if slots.try_reserve_exact(count).is_ok() {
                slots.resize_with(count, Slot::new);
            }
            slots
        })
    }
}

fn copy(content: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(content.len().checked_add(1)?).ok()?;
    bytes.extend_from_slice(content.as_bytes());
    bytes.push(0);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        r#"{"id":7,"ratio":0.5,"ok":true,"name":"Jos\u00e9\u0000!","tags":["a", "b"],"none":null}"#;

    #[test]
    fn each_value_is_read_as_what_it_is() {
        let values = Values::new();
        assert_eq!(values.type_of(TEXT, ""), Some(Type::Object));
        assert_eq!(values.type_of(TEXT, "/none"), Some(Type::Null));
        assert_eq!(values.type_of(TEXT, "/nothing"), None);
        assert_eq!(values.int64(TEXT, "/id"), Some(7));
        assert_eq!(values.int64(TEXT, "/ratio"), None);
        assert_eq!(values.double(TEXT, "/ratio"), Some(0.5));
        assert_eq!(values.boolean(TEXT, "/ok"), Some(true));
        assert_eq!(values.boolean(TEXT, "/id"), None);
        assert_eq!(values.string(TEXT, "/name"), Some("José\0!\0".as_bytes()));
        assert_eq!(values.string(TEXT, "/id"), None);
        assert_eq!(values.text(TEXT, "/tags"), Some(b"[\"a\", \"b\"]\0".as_slice()));
        assert_eq!(values.text(TEXT, "/name"), Some(b"\"Jos\\u00e9\\u0000!\"\0".as_slice()));
        assert_eq!((values.length(TEXT, ""), values.length(TEXT, "/tags")), (6, 2));
        assert_eq!((values.length(TEXT, "/id"), values.length(TEXT, "/x")), (0, 0));
    }

    #[test]
    fn what_was_handed_out_stays_and_is_not_copied_again() {
        let values = Values::new();
        let first = values.string(TEXT, "/name").unwrap();
        for pointer in ["/tags/0", "/tags/1"] {
            values.string(TEXT, pointer).unwrap();
            values.text(TEXT, pointer).unwrap();
        }
        let again = values.string(TEXT, "/name").unwrap();
        assert_eq!(first.as_ptr(), again.as_ptr(), "a second copy was made");
        assert_ne!(first.as_ptr(), values.text(TEXT, "/name").unwrap().as_ptr());
    }

    #[test]
    fn threads_share_one_copy() {
        let text = format!("[{}]", vec!["\"v\\n\""; 500].join(","));
        let values = Values::new();
        let read = || -> Vec<usize> {
            (0..500)
                .map(|n| values.string(&text, &format!("/{n}")).unwrap().as_ptr() as usize)
                .collect()
        };
        let all = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(read)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "two threads got different copies");
    }

    #[test]
    fn a_text_that_is_no_json_has_no_values() {
        let values = Values::new();
        assert_eq!(values.type_of("{", ""), None);
        assert_eq!(values.text("{", ""), None);
        assert_eq!(values.length("{", ""), 0);
    }
}
