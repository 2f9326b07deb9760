//! The tree of a JSON body.

use std::collections::HashMap;
use std::sync::Arc;

use crate::code::Error;
use crate::memory;

use super::text::out_of_memory;

/// Number of members that are searched one by one.
const MAX_SEARCHED: usize = 16;

/// A value.
#[derive(Clone)]
pub(super) enum Node {
    /// A JSON text: a scalar, or an array or object into which no pointer has led.
    Text(Box<str>),
    /// An array.
    Array(Vec<Node>),
    /// An object.
    Object(Box<Members>),
}

impl Node {
    /// The element or member at a place.
    pub(super) fn child_mut(&mut self, place: usize) -> Option<&mut Node> {
        match self {
            Self::Text(_) => None,
            Self::Array(elements) => elements.get_mut(place),
            Self::Object(members) => members.list.get_mut(place).map(|(_, value)| value),
        }
    }
}

/// The members of an object, in the order in which they were first set. A name is a JSON string, in
/// the form that [`super::text::quote`] gives it.
#[derive(Clone, Default)]
pub(super) struct Members {
    list: Vec<(Arc<str>, Node)>,
    /// The place of each name in the list, if there are many.
    places: HashMap<Arc<str>, usize>,
}

impl Members {
    /// The members.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.list.iter().map(|(name, value)| (&**name, value))
    }

    /// The place of the member with this name.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        if self.places.is_empty() {
            self.list.iter().position(|(existing, _)| **existing == *name)
        } else {
            self.places.get(name).copied()
        }
    }

    /// Sets the value of a member. A new one becomes the last.
    ///
    /// # Errors
    /// [`Code::TooLarge`](crate::code::Code::TooLarge) if there is not enough memory.
    pub(super) fn set(&mut self, name: &str, value: Node) -> Result<(), Error> {
        if let Some((_, existing)) = self.place(name).and_then(|place| self.list.get_mut(place)) {
            *existing = value;
            return Ok(());
        }
        self.list.try_reserve(1).map_err(|_| out_of_memory())?;
        // A shared text has no constructor that can fail.
        if !memory::is_left(name.len()) {
            return Err(out_of_memory());
        }
        let name = Arc::from(name);
        if self.list.len() >= MAX_SEARCHED {
            self.add_place(&name)?;
        }
        self.list.push((name, value));
        Ok(())
    }

    /// Adds the name of the next member to the places.
    fn add_place(&mut self, name: &Arc<str>) -> Result<(), Error> {
        let missing = self.list.iter().enumerate().skip(self.places.len());
        let needed = missing.len().saturating_add(1);
        self.places.try_reserve(needed).map_err(|_| out_of_memory())?;
        self.places.extend(missing.map(|(place, (name, _))| (Arc::clone(name), place)));
        self.places.insert(Arc::clone(name), self.list.len());
        Ok(())
    }
}
