use super::is_json;
use super::root;

#[test]
fn scratch_fuzz() {
    let secs: u64 = std::env::var("FUZZ").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let mut rng = fastrand::Rng::with_seed(
        std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1),
    );
    let t = std::time::Instant::now();
    let toks: &[&str] = &[
        "{", "[", "}", "]", "\"", "'", ",", ":", "\"a\"", "\"a\":", "1", "-", "true", "nul", "\\",
        "\\\"", "\n", " ", "#", "//", "/*", "*/", "<!--", "abc", "“", "”", "é", "\u{fffd}", "\0",
        "=", "(", ")", ";", "x", ".5", "`", "\"b\": ", "\\ud83d", "\"id\":", "},{", "],", "\"x\",",
        "\n  ", "日", "+", "0", "00", "e",
    ];
    let base = r#"{"users":[{"id":1,"name":"Ann, \"the\" one","tags":["a","b"],"sub":{"x":1.5,"y":null}},{"id":2,"name":"日本","tags":[],"sub":{"x":-2e3,"y":[true,false]}}],"total":2,"next":{"a":{"b":{"c":[[1,2],[3,4]]}}}}"#;
    let (mut n, mut refused, mut bad) = (0u64, 0u64, 0);
    while t.elapsed().as_secs() < secs {
        let mut s = String::new();
        if rng.bool() {
            s.push_str(["{", "[", ""][rng.usize(..3)]);
            for _ in 0..rng.usize(1..60) {
                s.push_str(toks[rng.usize(..toks.len())]);
            }
        } else {
            s.push_str(base);
            for _ in 0..rng.usize(1..12) {
                let mut i = rng.usize(..=s.len());
                while !s.is_char_boundary(i) {
                    i -= 1;
                }
                match rng.u8(..3) {
                    0 => {
                        let mut e = (i + rng.usize(1..30)).min(s.len());
                        while !s.is_char_boundary(e) {
                            e += 1;
                        }
                        s.replace_range(i..e, "");
                    }
                    _ => s.insert_str(i, toks[rng.usize(..toks.len())]),
                }
            }
        }
        n += 1;
        if let Err(sound) = super::check(&s)
            && let Some(f) = root::fix(&s, sound, rng.bool())
        {
            let text = String::from_utf8(f.text.clone());
            if !text.as_ref().is_ok_and(|t| is_json(t)) && bad < 10 {
                bad += 1;
                println!("{s:?}\n  -> {:?}", String::from_utf8_lossy(&f.text));
            }
        } else {
            refused += 1;
        }
    }
    println!("{n} cases {refused} refused");
    assert_eq!(bad, 0);
}
