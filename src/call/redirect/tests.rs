use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

const FROM: &str = "https://api.example.org/v1/things?page=2";

fn redirect(
    method: &Method,
    status: u16,
    location: &str,
) -> Result<Option<Redirect>, RedirectError> {
    resolve_redirect(method, &url(FROM), status, Some(location.as_bytes()))
}

fn followed(location: &str) -> Redirect {
    redirect(&Method::GET, 302, location)
        .unwrap()
        .unwrap_or_else(|| panic!("{location} not followed"))
}

#[test]
fn method_and_body_change_as_in_browsers() {
    let rows = [
        ("GET", [("GET", true), ("GET", true), ("GET", true), ("GET", true), ("GET", true)]),
        ("HEAD", [("HEAD", true), ("HEAD", true), ("HEAD", true), ("HEAD", true), ("HEAD", true)]),
        ("POST", [("GET", false), ("GET", false), ("GET", false), ("POST", true), ("POST", true)]),
        ("PUT", [("PUT", true), ("PUT", true), ("GET", false), ("PUT", true), ("PUT", true)]),
        (
            "DELETE",
            [
                ("DELETE", true),
                ("DELETE", true),
                ("GET", false),
                ("DELETE", true),
                ("DELETE", true),
            ],
        ),
        (
            "QUERY",
            [("QUERY", true), ("QUERY", true), ("GET", false), ("QUERY", true), ("QUERY", true)],
        ),
        (
            "PATCH",
            [("PATCH", true), ("PATCH", true), ("GET", false), ("PATCH", true), ("PATCH", true)],
        ),
    ];
    for (method, expected) in rows {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for (status, (next, keep_body)) in [301, 302, 303, 307, 308].into_iter().zip(expected) {
            let redirect = redirect(&method, status, "/x").unwrap().unwrap();
            assert_eq!(
                (redirect.method.as_str(), redirect.keep_body),
                (next, keep_body),
                "{method} on {status}"
            );
        }
    }
}

#[test]
fn other_statuses_are_not_redirects() {
    for status in [100, 200, 201, 202, 300, 304, 305, 306, 309, 399, 400, 404, 503] {
        assert_eq!(redirect(&Method::GET, status, "/x"), Ok(None), "{status}");
    }
}

#[test]
fn a_response_without_a_location_is_the_result() {
    assert_eq!(resolve_redirect(&Method::GET, &url(FROM), 302, None), Ok(None));
    assert_eq!(redirect(&Method::GET, 302, ""), Ok(None));
    assert_eq!(redirect(&Method::GET, 302, " \t"), Ok(None));
}

#[test]
fn a_location_is_resolved_against_the_url_of_the_request() {
    let rows = [
        ("/login", "https://api.example.org/login"),
        ("other", "https://api.example.org/v1/other"),
        ("../up?q=1", "https://api.example.org/up?q=1"),
        ("?page=3", "https://api.example.org/v1/things?page=3"),
        ("//cdn.example.org/x", "https://cdn.example.org/x"),
        ("https://api.example.org:443/x", "https://api.example.org/x"),
        ("  /spaces  ", "https://api.example.org/spaces"),
        ("/a b", "https://api.example.org/a%20b"),
        ("/kept%2Fas%20is", "https://api.example.org/kept%2Fas%20is"),
        ("/käse", "https://api.example.org/k%C3%A4se"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
    ];
    for (location, expected) in rows {
        assert_eq!(followed(location).url.as_str(), expected, "{location:?}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_stay_unchanged() {
    let redirect =
        resolve_redirect(&Method::GET, &url(FROM), 302, Some(b"/k\xe4se")).unwrap().unwrap();
    assert_eq!(redirect.url.as_str(), "https://api.example.org/k%E4se");
}

#[test]
fn userinfo_and_fragment_are_dropped_from_the_location_and_from_the_request() {
    let redirect = followed("https://user:secret@api.example.org/x#part");
    assert_eq!(redirect.url.as_str(), "https://api.example.org/x");
    assert!(redirect.same_origin);
    let from = url("https://user:secret@api.example.org/v1#part");
    let redirect = resolve_redirect(&Method::GET, &from, 302, Some(b"/x")).unwrap().unwrap();
    assert_eq!(redirect.url.as_str(), "https://api.example.org/x");
}

#[test]
fn a_change_of_scheme_host_or_port_is_another_origin() {
    let rows = [
        ("http://a.example/1", "/2", true),
        ("http://a.example/1", "http://A.EXAMPLE:80/2", true),
        ("https://a.example:8443/1", "https://a.example:8443/2", true),
        ("http://a.example/1", "https://a.example/2", false),
        ("http://a.example/1", "http://a.example:8080/2", false),
        ("http://a.example/1", "http://b.example/2", false),
        ("http://a.example/1", "http://sub.a.example/2", false),
        ("http://a.example/1", r"\\b.example\2", false),
        ("http://a.example/1", "http://a.example@b.example/2", false),
        ("http://127.0.0.1/1", "http://localhost/2", false),
    ];
    for (from, location, same_origin) in rows {
        let redirect = resolve_redirect(&Method::GET, &url(from), 307, Some(location.as_bytes()));
        assert_eq!(redirect.unwrap().unwrap().same_origin, same_origin, "{from} to {location}");
    }
}

#[test]
fn no_redirect_leads_from_https_to_http_or_out_of_http() {
    assert_eq!(
        redirect(&Method::GET, 302, "http://api.example.org/"),
        Err(RedirectError::Downgrade)
    );
    for (location, scheme) in [
        ("ftp://example.org/x", "ftp"),
        ("file:///etc/passwd", "file"),
        ("javascript:alert(1)", "javascript"),
        ("data:,x", "data"),
        ("mailto:root@example.org", "mailto"),
    ] {
        let refused = Err(RedirectError::Scheme(scheme.to_owned()));
        assert_eq!(redirect(&Method::GET, 302, location), refused, "{location}");
    }
    for location in ["https://", "https://exa mple.org/", "//[::1", "https://x:99999/"] {
        assert_eq!(
            redirect(&Method::GET, 302, location),
            Err(RedirectError::Unparsable),
            "{location}"
        );
    }
}

#[test]
fn an_error_text_contains_only_the_scheme_of_the_location() {
    let refused =
        redirect(&Method::GET, 302, "ftp://me:hunter2@example.org/?token=abc").unwrap_err();
    let error = Error::from(refused);
    assert_eq!(error.code, Code::Redirect);
    assert_eq!(error.message, "redirect refused: it leads to \"ftp\", not to http or https");
}

#[test]
fn only_harmless_header_fields_go_to_another_origin() {
    let rows = [
        ("accept", true, true),
        ("accept-encoding", true, true),
        ("user-agent", true, true),
        ("range", true, true),
        ("if-range", true, true),
        ("if-match", true, true),
        ("content-type", false, true),
        ("content-range", false, true),
        ("expect", false, true),
        ("content-location", false, false),
        ("content-secret", false, false),
        ("authorization", false, false),
        ("cookie", false, false),
        ("proxy-authorization", false, false),
        ("host", false, false),
        ("idempotency-key", false, false),
        ("referer", false, false),
        ("origin", false, false),
        ("traceparent", false, false),
        ("x-pass", false, false),
        ("x-request-id", false, false),
        ("x-never-heard-of", false, false),
    ];
    for (name, without_body, with_body) in rows {
        let name = HeaderName::from_static(name);
        assert_eq!(allowed_cross_origin(&name, false), without_body, "{name}, without a body");
        assert_eq!(allowed_cross_origin(&name, true), with_body, "{name}, with a body");
    }
}

#[test]
fn header_fields_that_describe_the_body_are_recognised() {
    for name in [
        "content-type",
        "content-length",
        "content-encoding",
        "content-language",
        "content-location",
        "content-digest",
        "transfer-encoding",
        "expect",
    ] {
        assert!(describes_body(&HeaderName::from_static(name)), "{name}");
    }
    for name in ["accept", "authorization", "cookie", "accept-encoding"] {
        assert!(!describes_body(&HeaderName::from_static(name)), "{name}");
    }
}

#[test]
fn a_location_longer_than_any_request_line_is_refused() {
    let from = Url::parse("http://h/").unwrap();
    let redirect =
        |length: usize| resolve_redirect(&Method::GET, &from, 302, Some(&vec![b'a'; length]));
    assert!(redirect(65_535).unwrap().is_some());
    assert_eq!(redirect(65_536), Err(RedirectError::Unparsable));
}
