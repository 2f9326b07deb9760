//! The share of a damaged document that the repair saves. Documents in the styles of real APIs
//! lose, gain or change bytes; then the benchmark counts the leaves that the repaired text still
//! has.
//!
//! A leaf is a value that contains no other (also an empty array or object), together with the
//! names on its path. Array indexes do not count, so that a lost element does not affect those
//! after it. The number of equal leaves counts.
//!
//! `cargo bench --bench salvage` prints the share of leaves found again, and fails if it is below
//! the minimum. `-- --write DIRECTORY` writes the damaged documents instead, to measure other
//! repairs.

#![allow(clippy::print_stdout, clippy::expect_used, clippy::arithmetic_side_effects)] // A benchmark prints, and may panic.

mod corpus;

use std::collections::HashMap;
use std::path::Path;

use corpus::{Damage, Document};
use sac::answer::json::{Hints, Node, Type, children, repair, root};

/// Number of documents of each style and form.
const DOCUMENTS_PER_STYLE: usize = 10;
/// Number of times that each document is damaged in each way.
const ROUNDS: usize = 20;

fn main() {
    let documents = corpus::documents(DOCUMENTS_PER_STYLE, 1);
    let mut arguments = std::env::args().skip_while(|argument| argument != "--write").skip(1);
    if let Some(directory) = arguments.next() {
        write_all(&documents, Path::new(&directory));
        return;
    }
    println!("leaf: (names on the path without array indexes, value), as a multiset");
    println!("{:<20} {:>9} {:>8} {:>8}  minimum", "damage", "documents", "recall", "refused");
    let mut all_reached = true;
    for (damage, name, minimum) in Damage::ALL {
        let score = score(&documents, *damage);
        let reached = score.recall >= *minimum && score.refused <= 0.01;
        all_reached &= reached;
        println!(
            "{name:<20} {:>9} {:>8.4} {:>8.4}  {minimum}{}",
            score.documents,
            score.recall,
            score.refused,
            if reached { "" } else { "  NOT REACHED" }
        );
    }
    assert!(all_reached, "the repair saves less than the minimum");
}

struct Score {
    documents: usize,
    recall: f64,
    refused: f64,
}

fn score(documents: &[Document], damage: Damage) -> Score {
    let (mut count, mut recall, mut refused) = (0, 0.0, 0);
    for_each_damaged(documents, damage, |document, bytes| {
        count += 1;
        match repair(&bytes, &Hints::default()) {
            Some(repaired) => recall += share(&document.text, &repaired.text),
            None => refused += 1,
        }
    });
    let documents = count;
    let count = count as f64;
    Score { documents, recall: recall / count, refused: f64::from(refused) / count }
}

fn for_each_damaged(
    documents: &[Document],
    damage: Damage,
    mut each: impl FnMut(&Document, Vec<u8>),
) {
    let mut rng = fastrand::Rng::with_seed(damage as u64 + 1);
    for document in documents {
        for _ in 0..ROUNDS {
            each(document, corpus::damaged(&document.text, damage, &mut rng));
        }
    }
}

/// The share of the leaves of `original` that `repaired` has.
fn share(original: &str, repaired: &str) -> f64 {
    let expected = leaves(original);
    let found = leaves(repaired);
    let total: usize = expected.values().sum();
    let saved: usize = expected
        .iter()
        .map(|(leaf, times)| (*times).min(found.get(leaf).copied().unwrap_or(0)))
        .sum();
    saved as f64 / total as f64
}

fn leaves(text: &str) -> HashMap<String, usize> {
    let mut leaves = HashMap::new();
    collect(text, &root(text).expect("it is JSON"), "", &mut leaves);
    leaves
}

fn collect(text: &str, node: &Node, path: &str, leaves: &mut HashMap<String, usize>) {
    let mut inner = children(text, node).peekable();
    match node.value_type() {
        Type::Array | Type::Object if inner.peek().is_some() => {
            for (name, value) in inner {
                let name = text.get(name).unwrap_or_default();
                let path = match name {
                    "" => path.to_owned(),
                    name => format!("{path}/{}", meaning(name)),
                };
                collect(text, &value, &path, leaves);
            }
        }
        Type::Array | Type::Object => {
            *leaves.entry(format!("{path} {:?}", node.value_type())).or_default() += 1
        }
        _ => *leaves.entry(format!("{path} {}", meaning(node.text(text)))).or_default() += 1,
    }
}

/// The content of a string without its escapes; any other value unchanged.
fn meaning(spelled: &str) -> String {
    serde_json::from_str::<String>(spelled)
        .map_or_else(|_| spelled.to_owned(), |content| format!("{content:?}"))
}

/// Writes each document and its damaged copy, numbered.
fn write_all(documents: &[Document], directory: &Path) {
    for (damage, name, _) in Damage::ALL {
        let mut number = 0;
        let directory = directory.join(name.replace(' ', "-"));
        std::fs::create_dir_all(&directory).expect("the directory can be created");
        for_each_damaged(documents, *damage, |document, bytes| {
            number += 1;
            let write = |end: &str, bytes: &[u8]| {
                std::fs::write(directory.join(format!("{number:05}.{end}")), bytes)
                    .expect("the file can be written");
            };
            write("json", document.text.as_bytes());
            write("damaged", &bytes);
        });
    }
}
