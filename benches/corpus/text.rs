//! Words, sentences and catalogues of translations.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::pick;

const WORDS: &[&str] = &[
    "the", "release", "of", "a", "server", "fails", "when", "request", "time", "is", "over", "and",
    "client", "waits", "for", "answer", "in", "queue", "with", "default", "value", "not", "found",
    "new", "build", "users", "can", "see", "their", "orders", "again", "it's", "don't", "10%",
];

const SENTENCES: &[&str] = &[
    "He said \"wait, what?\" and left.",
    "See https://example.org/docs/start?lang=en&v=2#top for more, or ask: help@example.org",
    "Line one\nline two\n\tindented, line three",
    "Preise ab 5,00 € – größer, schöner, weiter",
    "日本語のテキスト、改行なし。",
    "C:\\Program Files\\App\\bin",
    "<p class=\"note\">It's <b>bold</b>, isn't it?</p>",
    "if (a[0] == {b: 1}) { return [c, d]; }",
    "🚀 launched: 3, 2, 1 … go!",
    "quoted 'single', \"double\" and `back` marks",
    "Привет, мир! Это тест.",
    "x = y; z: {1, 2}, [3]",
    "",
];

pub fn words(rng: &mut Rng, least: usize, most: usize) -> String {
    let count = rng.usize(least..=most);
    let mut text = String::new();
    for n in 0..count {
        if n > 0 {
            text.push_str(if rng.u8(..12) == 0 { ", " } else { " " });
        }
        text.push_str(pick(rng, WORDS));
    }
    text
}

pub fn sentence(rng: &mut Rng) -> String {
    match rng.u8(..4) {
        0 => pick(rng, SENTENCES).to_owned(),
        1 => format!("{} {}", words(rng, 2, 8), pick(rng, SENTENCES)),
        _ => words(rng, 3, 14),
    }
}

/// Up to 140 characters in Japanese, with what else stands in such messages.
pub fn japanese(rng: &mut Rng) -> String {
    const PHRASES: &[&str] = &[
        "今日は",
        "新しい",
        "サーバーの",
        "リリースを",
        "公開しました。",
        "ありがとう",
        "ございます！",
        "東京で",
        "明日から",
        "、",
        "一緒に",
        "写真を",
        "見てください",
        "🎉",
        "\n",
        " #json ",
        "@user_123 ",
        "RT ",
        "http://t.example/1a2b3c4d",
        "笑",
        "「お知らせ」",
        "30％オフ",
    ];
    let length = rng.usize(10..140);
    let mut text = String::new();
    while text.chars().count() < length {
        text.push_str(pick(rng, PHRASES));
    }
    text
}

pub fn hex(rng: &mut Rng, digits: usize) -> String {
    (0..digits).map(|_| pick(rng, b"0123456789abcdef") as char).collect()
}

pub fn date(rng: &mut Rng) -> String {
    format!(
        "20{:02}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        rng.u8(10..26),
        rng.u8(1..13),
        rng.u8(1..29),
        rng.u8(..24),
        rng.u8(..60),
        rng.u8(..60)
    )
}

/// A catalogue: groups of keys with texts in several languages.
pub fn translations(rng: &mut Rng) -> Value {
    const GROUPS: &[&str] = &["common", "errors", "checkout", "profile", "settings"];
    const VERBS: &[&str] = &["save", "cancel", "delete", "retry", "confirm", "open", "share"];
    const PATTERNS: &[&str] = &[
        "Are you sure you want to delete \"{name}\"?",
        "{count, plural, one {# item} other {# items}}",
        "Votre panier est vide, ajoutez un article.",
        "Änderungen speichern",
        "保存しますか？",
        "Не удалось сохранить: попробуйте ещё раз",
        "Hello, {user}! You have <b>{n}</b> new messages.",
        "¿Olvidaste tu contraseña?",
    ];
    let mut root = Map::new();
    root.insert("locale".into(), pick(rng, &["en", "de-DE", "ja", "fr"]).into());
    root.insert("version".into(), rng.u32(1..400).into());
    for group in GROUPS {
        let mut entries = Map::new();
        for verb in VERBS {
            let text = pick(rng, PATTERNS).to_owned();
            let entry = match rng.u8(..3) {
                0 => text.into(),
                1 => sentence(rng).into(),
                _ => json!({ "title": text, "hint": sentence(rng), "max": rng.u8(..) }),
            };
            entries.insert(format!("{verb}.{}", pick(rng, &["button", "label", "help"])), entry);
        }
        root.insert((*group).into(), Value::Object(entries));
    }
    Value::Object(root)
}
