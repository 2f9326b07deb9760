//! A generated picture, as a PNG (RFC 2083).

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use std::io::{self, Write};

/// The width in pixels.
pub const WIDTH: u32 = 320;
/// The height in pixels.
pub const HEIGHT: u32 = 200;

/// A light disc over a coloured slope.
pub fn png() -> io::Result<Vec<u8>> {
    let mut pixels = ZlibEncoder::new(Vec::new(), Compression::default());
    for y in 0..HEIGHT {
        // Each row starts with its filter; 0 is none.
        pixels.write_all(&[0])?;
        for x in 0..WIDTH {
            pixels.write_all(&colour(x, y))?;
        }
    }
    let mut header = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    // 8 bits per sample, red green blue, the only compression and filter set, and no interlace.
    header.extend([8, 2, 0, 0, 0]);

    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    append_chunk(&mut png, *b"IHDR", &header)?;
    append_chunk(&mut png, *b"IDAT", &pixels.finish()?)?;
    append_chunk(&mut png, *b"IEND", &[])?;
    Ok(png)
}

fn colour(x: u32, y: u32) -> [u8; 3] {
    let from_centre = x.abs_diff(WIDTH / 2).pow(2) + y.abs_diff(HEIGHT / 2).pow(2);
    if from_centre < (HEIGHT / 3).pow(2) {
        return [0xff, 0xf4, 0xd6];
    }
    let share = |part: u32, whole: u32| u8::try_from(part * 255 / whole).unwrap_or(u8::MAX);
    [share(x, WIDTH), share(y, HEIGHT), 0x80]
}

/// Length, type, data, and the checksum of type and data.
fn append_chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> io::Result<()> {
    let length = u32::try_from(data.len()).map_err(io::Error::other)?;
    let mut sum = Crc::new();
    sum.update(&kind);
    sum.update(data);
    png.extend(length.to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(sum.sum().to_be_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::ZlibDecoder;
    use std::io::Read;

    #[test]
    fn every_chunk_is_complete_and_the_pixels_fill_the_picture() {
        let png = png().unwrap();
        let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").expect("no PNG signature");
        let mut kinds = Vec::new();
        while !rest.is_empty() {
            let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            let (checked, after) = rest[4..].split_at(4 + length);
            let mut sum = Crc::new();
            sum.update(checked);
            assert_eq!(after[..4], sum.sum().to_be_bytes(), "chunk {}", kinds.len());
            let (kind, data) = checked.split_at(4);
            if kind == b"IDAT" {
                let mut pixels = Vec::new();
                ZlibDecoder::new(data).read_to_end(&mut pixels).unwrap();
                assert_eq!(pixels.len(), (HEIGHT * (1 + 3 * WIDTH)) as usize);
            }
            kinds.push(kind);
            rest = &after[4..];
        }
        assert_eq!(kinds, [b"IHDR", b"IDAT", b"IEND"]);
    }
}
