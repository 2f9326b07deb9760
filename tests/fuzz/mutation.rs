//! Inputs that are nearly those of a corpus, the same ones in every run.

use fastrand::Rng;

/// What parsers stumble over.
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
/// No input grows beyond this.
const LONGEST: usize = 4096;

/// An endless row of mutations.
pub struct Mutations {
    corpus: Vec<Vec<u8>>,
    chance: Rng,
}

impl Mutations {
    /// Mutations of these inputs, of which there is at least one.
    pub fn of(corpus: Vec<Vec<u8>>) -> Self {
        Self { corpus, chance: Rng::with_seed(9110) }
    }

    /// Any part of an input, an empty one too.
    fn part(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let start = self.chance.usize(..=input.len());
        start..input.len().min(start + self.chance.usize(..16))
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let part = self.part(input);
        match self.chance.u8(..7) {
            0 => {
                input.drain(part);
            }
            1 => {
                let again = input[part.clone()].to_vec();
                input.splice(part.end..part.end, again);
            }
            2 => {
                let token = self.chance.choice(TOKENS).unwrap_or_default();
                input.splice(part.start..part.start, token.iter().copied());
            }
            3 => {
                let other = self.chance.usize(..self.corpus.len());
                let other = self.corpus[other].clone();
                let from = self.part(&other);
                input.splice(part, other[from].iter().copied());
            }
            4 => {
                let byte = self.chance.u8(..);
                input.insert(part.start, byte);
            }
            5 => {
                let bit = 1 << self.chance.u8(..8);
                input.get_mut(part.start).into_iter().for_each(|byte| *byte ^= bit);
            }
            _ => input.truncate(part.start),
        }
    }
}

impl Iterator for Mutations {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let one = self.chance.usize(..self.corpus.len());
        let mut input = self.corpus[one].clone();
        for _ in 0..self.chance.u8(1..=4) {
            self.mutate(&mut input);
        }
        input.truncate(LONGEST);
        Some(input)
    }
}
