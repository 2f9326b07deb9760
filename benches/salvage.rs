//! How much of a damaged document is saved: documents in the styles of real APIs lose, gain or
//! change bytes, and the leaves that the repaired text still has are counted.
//!
//! A leaf is a value that holds no other (empty arrays and objects too), named by the names on its
//! path. Array indexes do not count, so that one lost element does not spoil those behind it; how
//! often a leaf occurs does.
//!
//! `cargo bench --bench salvage` prints the share of leaves found again; it fails where that is
//! below what is promised. `-- --write DIRECTORY` writes the damaged documents there instead, for
//! measuring other engines.

#![allow(clippy::print_stdout, clippy::expect_used, clippy::arithmetic_side_effects)] // A bench measures and prints; it may stop at the first surprise.

mod corpus;

use std::collections::HashMap;
use std::path::Path;

use corpus::{Damage, Document};
use sac::answer::json::{Hints, Node, Type, children, repair, root};

/// Documents of each style and form.
const EACH: usize = 10;
/// Times that each document is damaged in each way.
const ROUNDS: usize = 20;

fn main() {
    let documents = corpus::documents(EACH, 1);
    let mut arguments = std::env::args().skip_while(|argument| argument != "--write").skip(1);
    if let Some(directory) = arguments.next() {
        write_all(&documents, Path::new(&directory));
        return;
    }
    println!("leaf: (names on the path without array indexes, value), as a multiset");
    println!("{:<20} {:>9} {:>8} {:>8}  least", "damage", "documents", "recall", "refused");
    let mut kept = true;
    for (damage, name, least) in Damage::ALL {
        let score = score(&documents, *damage);
        let enough = score.recall >= *least && score.refused <= 0.01;
        kept &= enough;
        println!(
            "{name:<20} {:>9} {:>8.4} {:>8.4}  {least}{}",
            score.documents,
            score.recall,
            score.refused,
            if enough { "" } else { "  NOT REACHED" }
        );
    }
    assert!(kept, "less is saved than promised");
}

struct Score {
    documents: usize,
    recall: f64,
    refused: f64,
}

fn score(documents: &[Document], damage: Damage) -> Score {
    let (mut count, mut recall, mut refused) = (0, 0.0, 0);
    each_damaged(documents, damage, |document, bytes| {
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

fn each_damaged(documents: &[Document], damage: Damage, mut each: impl FnMut(&Document, Vec<u8>)) {
    let mut rng = fastrand::Rng::with_seed(damage as u64 + 1);
    for document in documents {
        for _ in 0..ROUNDS {
            each(document, corpus::damaged(&document.text, damage, &mut rng));
        }
    }
}

/// The share of the leaves of one document that another has.
fn share(original: &str, repaired: &str) -> f64 {
    let wanted = leaves(original);
    let found = leaves(repaired);
    let total: usize = wanted.values().sum();
    let kept: usize = wanted
        .iter()
        .map(|(leaf, times)| (*times).min(found.get(leaf).copied().unwrap_or(0)))
        .sum();
    kept as f64 / total as f64
}

fn leaves(text: &str) -> HashMap<String, usize> {
    let mut leaves = HashMap::new();
    collect(text, &root(text).expect("it is JSON"), "", &mut leaves);
    leaves
}

fn collect(text: &str, node: &Node, path: &str, leaves: &mut HashMap<String, usize>) {
    let mut inner = children(text, node).peekable();
    match node.kind() {
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
            *leaves.entry(format!("{path} {:?}", node.kind())).or_default() += 1
        }
        _ => *leaves.entry(format!("{path} {}", meaning(node.text(text)))).or_default() += 1,
    }
}

/// A string without its escapes; anything else as it is spelled.
fn meaning(spelled: &str) -> String {
    serde_json::from_str::<String>(spelled)
        .map_or_else(|_| spelled.to_owned(), |content| format!("{content:?}"))
}

/// Writes each document and what was damaged of it, numbered.
fn write_all(documents: &[Document], directory: &Path) {
    for (damage, name, _) in Damage::ALL {
        let mut number = 0;
        let directory = directory.join(name.replace(' ', "-"));
        std::fs::create_dir_all(&directory).expect("the directory can be made");
        each_damaged(documents, *damage, |document, bytes| {
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
