use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use url::Url;

use super::search::STEPS;
use super::*;

fn redactor(values: &[&str]) -> Redactor {
    let mut secrets = Secrets::default();
    for value in values {
        secrets.add(value);
    }
    Redactor::from(secrets)
}

#[test]
fn every_occurrence_is_replaced() {
    let redacted = redactor(&["hunter22"]);
    assert_eq!(redacted.redact("hunter22, hunter22hunter22."), { "[redacted], [redacted]." });
}

#[test]
fn a_text_without_secrets_is_not_copied() {
    let text = "GET /hunter -> 200 100%";
    assert!(matches!(redactor(&["hunter22"]).redact(text), Cow::Borrowed(same) if same == text));
    assert!(matches!(Redactor::default().redact(text), Cow::Borrowed(_)));
}

#[test]
fn the_longest_secret_wins_and_overlapping_ones_go_together() {
    assert_eq!(redactor(&["abcd", "abcdefgh"]).redact("xabcdefghx"), "x[redacted]x");
    assert_eq!(redactor(&["abcdef", "efghij"]).redact("xabcdefghijx"), "x[redacted]x");
}

#[test]
fn encoded_forms_are_found_too() {
    let redactor = redactor(&["pass wörd\""]);
    for form in ["pass%20w%C3%B6rd%22", "pass+w%c3%b6rd%22", "pass wörd\\\"", "pass w\\u00f6rd\\\""]
    {
        assert_eq!(redactor.redact(&format!("a={form};")), "a=[redacted];", "{form} is visible");
    }
}

#[test]
fn values_that_are_too_short_stay_unchanged() {
    assert_eq!(redactor(&["", "a", "abc"]).redact("abc a"), "abc a");
}

#[test]
fn non_ascii_text_stays_whole_around_a_secret() {
    assert_eq!(redactor(&["gehörtmir"]).redact("ögehörtmirö😀"), "ö[redacted]ö😀");
}

fn after_header(name: &str, value: &str, text: &str) -> String {
    let mut secrets = Secrets::default();
    secrets.add_header(name, value);
    Redactor::from(secrets).redact(text).into_owned()
}

#[test]
fn a_bearer_token_is_found_without_its_scheme() {
    let text = "token abcd1234 has expired";
    assert_eq!(
        after_header("authorization", "Bearer abcd1234", text),
        "token [redacted] has expired"
    );
}

#[test]
fn a_basic_password_is_found_in_base64_and_in_clear() {
    let header = format!("Basic {}", STANDARD.encode("jane:s3cret:pw"));
    let text = format!("jane, s3cret:pw, {}", STANDARD.encode("jane:s3cret:pw"));
    assert_eq!(after_header("Authorization", &header, &text), "jane, [redacted], [redacted]");
}

#[test]
fn a_user_name_without_password_is_a_token() {
    let header = format!("Basic {}", STANDARD.encode("sk_live_1234:"));
    assert_eq!(after_header("Authorization", &header, "sk_live_1234"), "[redacted]");
    let mut secrets = Secrets::default();
    secrets.add_userinfo(&Url::parse("https://ghp_12345@host/").unwrap());
    assert_eq!(Redactor::from(secrets).redact("ghp_12345"), "[redacted]");
}

#[test]
fn each_value_of_a_cookie_header_is_found() {
    let header = "sid=abcdef; theme=\"dark blue\"; n=1";
    assert_eq!(after_header("Cookie", header, "abcdef dark blue 1"), "[redacted] [redacted] 1");
}

#[test]
fn ordinary_headers_hide_nothing() {
    assert_eq!(after_header("Accept", "text/html", "text/html"), "text/html");
}

#[test]
fn a_url_password_is_found_encoded_and_decoded() {
    let mut secrets = Secrets::default();
    secrets.add_userinfo(&Url::parse("https://jane:p%40ss%2Fword@host/").unwrap());
    let redactor = Redactor::from(secrets);
    assert_eq!(
        redactor.redact("https://jane:p%40ss%2Fword@host/ with p@ss/word"),
        "https://jane:[redacted]@host/ with [redacted]"
    );
}

#[test]
fn a_request_adds_its_own_secrets() {
    let client = redactor(&["client-secret"]);
    let mut own = Secrets::default();
    own.add("request-secret");
    let both = client.with_secrets(&own);
    assert_eq!(both.redact("client-secret request-secret"), "[redacted] [redacted]");
    assert_eq!(client.redact("request-secret"), "request-secret");
    assert_eq!(client.with_secrets(&Secrets::default()).redact("client-secret"), "[redacted]");
}

#[test]
fn debug_output_shows_only_the_number_of_secrets() {
    assert_eq!(format!("{:?}", redactor(&["client-secret"])), "Redactor(1)");
}

const TOKEN: &str = "gHz_7Qd-41xKw2M/vT9+eRb8";

#[test]
fn a_token_is_found_in_each_form_that_a_server_may_send_it_back_in() {
    let redactor = redactor(&[TOKEN]);
    let percent = percent_encoding::utf8_percent_encode(TOKEN, percent_encoding::NON_ALPHANUMERIC)
        .to_string();
    let twice = percent.replace('%', "%25");
    let html = TOKEN.replace('/', "&#47;").replace('+', "&#x2b;");
    let base64 = STANDARD.encode(format!("user:{TOKEN}"));
    for form in [
        TOKEN.to_owned(),
        TOKEN.to_ascii_lowercase(),
        TOKEN.to_ascii_uppercase(),
        percent.to_ascii_lowercase(),
        percent,
        twice,
        html,
        TOKEN.replace('/', "\\/"),
        TOKEN.replace('/', "\\\\\\/"),
        TOKEN.replace('/', "\\u002f"),
        STANDARD.encode(TOKEN),
        STANDARD.encode(TOKEN).trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(TOKEN),
        format!("{}\r\n {}", &TOKEN[..17], &TOKEN[17..]),
        format!("{}\n{}", &TOKEN[..10], &TOKEN[10..]),
        TOKEN[..18].to_owned(),
        TOKEN[5..].to_owned(),
    ] {
        let text = format!("<a={form}>");
        let shown = redactor.redact(&text);
        let visible = shown.replace(REDACTED, "");
        assert!(visible.len() < 12, "{form} is visible: {shown}");
    }
    for offset in 0..3 {
        let coded = STANDARD.encode(format!("{}{TOKEN}!", "x".repeat(offset)));
        let shown = redactor.redact(&coded);
        assert!(shown.replace(REDACTED, "").len() < 8, "{coded} is visible: {shown}");
    }
    let shown = redactor.redact(&base64);
    assert!(shown.replace(REDACTED, "").len() < 12, "{base64} is visible: {shown}");
}

#[test]
fn a_basic_header_is_found_in_any_base64() {
    let (user, password) = ("jane", "s3>cr?t~pw");
    let coded = STANDARD.encode(format!("{user}:{password}"));
    let mut secrets = Secrets::default();
    secrets.add_header("authorization", &format!("Basic {coded}"));
    let redactor = Redactor::from(secrets);
    let bare = coded.trim_end_matches('=');
    let url = bare.replace('+', "-").replace('/', "_");
    for form in [&coded, bare, &url, &bare.to_ascii_lowercase(), password] {
        assert!(!redactor.redact(form).contains(form), "{form} is visible");
    }
}

#[test]
fn a_part_that_is_not_half_of_a_secret_stays_unchanged() {
    let secret = format!("https://shop.example/cart {}", TOKEN.repeat(3));
    let text = "GET https://shop.example/cart: 404";
    assert_eq!(redactor(&[&secret]).redact(text), text);
}

#[test]
fn a_short_password_is_found_as_a_word_and_in_base64() {
    let mut secrets = Secrets::default();
    secrets.add_header("Authorization", &format!("Basic {}", STANDARD.encode("jane:Pw7")));
    secrets.add_user("", "x");
    let redactor = Redactor::from(secrets);
    assert_eq!(redactor.redact("password pw7, pw70, xpw7 x"), "password [redacted], pw70, xpw7 x");
    let coded = STANDARD.encode("jane:Pw7");
    assert_eq!(redactor.redact(&coded), "[redacted]");
}

#[test]
fn a_secret_that_is_cut_off_at_the_end_is_replaced() {
    let long = TOKEN.repeat(200);
    let redactor = redactor(&[&long]);
    let text = format!("{}{long}", "a ".repeat(50));
    let shown = redactor.redact_prefix(&text, 110);
    assert_eq!(shown, format!("{}{REDACTED}", "a ".repeat(50)));
    let all = redactor.redact_prefix("a text of few bytes", 6);
    assert_eq!(all, "a text");
}

#[test]
fn the_work_grows_with_the_sum_of_text_and_secrets_not_their_product() {
    let steps = |secrets: usize, text: usize| {
        let values: Vec<_> = (0..secrets).map(|n| format!("{n:04}{}", "ab".repeat(2046))).collect();
        let values: Vec<_> = values.iter().map(String::as_str).collect();
        let text = "ab".repeat(text);
        STEPS.with(|steps| steps.set(0));
        let _ = redactor(&values).redact(&text);
        STEPS.with(std::cell::Cell::get)
    };
    let (one, more_secrets, more_text) = (steps(30, 2_000), steps(60, 2_000), steps(30, 4_000));
    assert!(more_secrets < one * 21 / 10, "{one}, {more_secrets}");
    assert!(more_text < one * 21 / 10, "{one}, {more_text}");
    assert!(steps(60, 2_000) < 2_000_000);
}
