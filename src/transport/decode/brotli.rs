//! The `br` content coding (RFC 7932).

use std::io::{self, Read};

use brotli_decompressor::reader::DecompressorCustomAlloc;
use brotli_decompressor::{Allocator, BrotliDecoderParameter, SliceWrapper, SliceWrapperMut};

use super::coding::Coding;
use super::layer::{CHUNK, LayerReader, no_memory};

/// Decodes `br`.
pub(super) struct Brotli<'a> {
    decoder: Decoder<'a>,
    source: LayerReader<'a>,
}

type Decoder<'a> =
    DecompressorCustomAlloc<LayerReader<'a>, Memory<u8>, Tried<'a>, Tried<'a>, Tried<'a>>;

impl<'a> Brotli<'a> {
    pub(super) fn new(source: LayerReader<'a>) -> Self {
        let [bytes, words, codes] = [(); 3].map(|()| Tried(source.clone()));
        let input = Memory(vec![0; CHUNK]);
        let mut decoder = Decoder::new(source.clone(), input, bytes, words, codes);
        // A window of more than 16 MiB means another format, which has no name in HTTP.
        decoder.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
        Self { decoder, source }
    }
}

impl Read for Brotli<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer)?;
        // If the decoder is called after its end, it fails because of input that it has not used.
        if read == 0 && self.decoder.read(buffer).is_err() {
            self.source.mark_trailing_bytes();
        }
        Ok(read)
    }
}

/// Allocates memory for the decoder. If there is none, the decoder gets an empty slice, which it
/// treats as an error, and the body ends.
struct Tried<'a>(LayerReader<'a>);

impl<T: Clone + Default> Allocator<T> for Tried<'_> {
    type AllocatedMemory = Memory<T>;

    fn alloc_cell(&mut self, length: usize) -> Memory<T> {
        let mut memory = Vec::new();
        if memory.try_reserve_exact(length).is_err() {
            self.0.fail(no_memory(Coding::Brotli));
            return Memory(Vec::new());
        }
        memory.resize(length, T::default());
        Memory(memory)
    }

    fn free_cell(&mut self, memory: Memory<T>) {
        drop(memory);
    }
}

#[derive(Default)]
struct Memory<T>(Vec<T>);

impl<T> SliceWrapper<T> for Memory<T> {
    fn slice(&self) -> &[T] {
        &self.0
    }
}

impl<T> SliceWrapperMut<T> for Memory<T> {
    fn slice_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}
