//! Mutations of a corpus, the same in every run.

use fastrand::Rng;

/// Tokens that often cause errors in parsers.
const TOKENS: [&[u8]; 20] = [
    b"\0",
    b"\r\n",
    b"\n",
    b"\xff",
    b"\xc3",
    b"%2e",
    b"%",
    b"..",
    b"//",
    b"\\",
    b"\"",
    b":",
    b";",
    b",",
    b"-1",
    b"0",
    b"18446744073709551616",
    b"1e999",
    b"{",
    b"[",
];
/// Maximum length of an input in bytes.
const MAX_LENGTH: usize = 4096;

/// An endless iterator of mutations.
pub struct Mutations {
    corpus: Vec<Vec<u8>>,
    rng: Rng,
}

impl Mutations {
    /// Mutations of these inputs, of which there must be at least one.
    pub fn new(corpus: Vec<Vec<u8>>) -> Self {
        Self { corpus, rng: Rng::with_seed(9110) }
    }

    /// A random part of an input, which may be empty.
    fn part(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let start = self.rng.usize(..=input.len());
        start..input.len().min(start + self.rng.usize(..16))
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let part = self.part(input);
        match self.rng.u8(..7) {
            0 => {
                input.drain(part);
            }
            1 => {
                let again = input[part.clone()].to_vec();
                input.splice(part.end..part.end, again);
            }
            2 => {
                let token = self.rng.choice(TOKENS).unwrap_or_default();
                input.splice(part.start..part.start, token.iter().copied());
            }
            3 => {
                let other = self.rng.usize(..self.corpus.len());
                let other = self.corpus[other].clone();
                let from = self.part(&other);
                input.splice(part, other[from].iter().copied());
            }
            4 => {
                let byte = self.rng.u8(..);
                input.insert(part.start, byte);
            }
            5 => {
                let bit = 1 << self.rng.u8(..8);
                input.get_mut(part.start).into_iter().for_each(|byte| *byte ^= bit);
            }
            _ => input.truncate(part.start),
        }
    }
}

impl Iterator for Mutations {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let one = self.rng.usize(..self.corpus.len());
        let mut input = self.corpus[one].clone();
        for _ in 0..self.rng.u8(1..=4) {
            self.mutate(&mut input);
        }
        input.truncate(MAX_LENGTH);
        Some(input)
    }
}
