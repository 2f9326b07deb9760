use super::*;

/// The answer to a challenge, for a user of these examples.
fn answer(user: (&str, &str), challenge: &str, cnonce: &str, request: (&str, &str)) -> String {
    let credentials = Credentials::new(user.0, user.1).unwrap();
    let challenge = Challenge::strongest(std::iter::once(challenge.as_bytes())).unwrap();
    let session = credentials.challenged(challenge, request.1, cnonce.to_owned(), 1);
    let (value, response) = credentials.authorization(&session, request.0, request.1).unwrap();
    let value = std::str::from_utf8(value.as_bytes()).unwrap();
    assert!(value.contains(&format!(", response=\"{}\"", *response)), "{value}");
    value.to_owned()
}

fn part<'a>(value: &'a str, name: &str) -> &'a str {
    let start = value.find(&format!(" {name}=")).unwrap_or_else(|| panic!("no {name} in {value}"));
    let rest = &value[start + name.len() + 2..];
    let rest = rest.strip_prefix('"').unwrap_or(rest);
    rest.split(['"', ',']).next().unwrap()
}

#[test]
fn the_example_of_rfc_2617_is_answered_as_printed() {
    let challenge = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                     nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
                     opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    let request = ("GET", "/dir/index.html");
    let value = answer(("Mufasa", "Circle Of Life"), challenge, "0a4f113b", request);
    assert_eq!(
        value,
        "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
         nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", \
         response=\"6629fae49393a05397450978507c4ef1\", \
         opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", qop=auth, nc=00000001, cnonce=\"0a4f113b\""
    );
}

#[test]
fn the_examples_of_rfc_7616_are_answered_as_printed() {
    let challenge = |algorithm: &str| {
        format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
             algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        )
    };
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let request = ("GET", "/dir/index.html");
        let value = answer(("Mufasa", "Circle of Life"), &challenge(algorithm), cnonce, request);
        assert_eq!(part(&value, "response"), response, "{algorithm}");
        assert_eq!(part(&value, "algorithm"), algorithm);
    }
}

/// The RFC prints the first half of SHA-512. Erratum 4897 has the values of SHA-512/256.
#[test]
fn the_example_with_a_hashed_user_name_is_answered_as_its_erratum_prints() {
    let challenge = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
                     nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
                     opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, \
                     userhash=true";
    let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
    let user = ("J\u{e4}s\u{f8}n Doe", "Secret, or not?");
    let value = answer(user, challenge, cnonce, ("GET", "/doe.json"));
    let name = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b";
    let response = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";
    assert_eq!((part(&value, "username"), part(&value, "response")), (name, response));
    assert!(value.ends_with(", userhash=true"), "{value}");
}

#[test]
fn user_names_are_quoted_or_encoded() {
    let name = |name: &str, more: &str| {
        let challenge = format!("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"{more}");
        let value = answer((name, "p"), &challenge, "c", ("GET", "/"));
        value.split_once(", realm=").unwrap().0.to_owned()
    };
    assert_eq!(name("a \"b\\", ""), r#"Digest username="a \"b\\""#);
    assert_eq!(name("Jürgen", ""), "Digest username=\"Jürgen\"");
    assert_eq!(name("Jürgen #1", ", charset=UTF-8"), "Digest username*=UTF-8''J%C3%BCrgen%20#1");
    assert_eq!(name("ada", ", charset=UTF-8"), "Digest username=\"ada\"");
}

#[test]
fn servers_without_qop_get_the_answer_of_rfc_2069() {
    let challenge = "Digest realm=\"testrealm@host.com\", \
                     nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
    let request = ("GET", "/dir/index.html");
    let value = answer(("Mufasa", "CircleOfLife"), challenge, "unused", request);
    // The example of RFC 2069 section 2.4, with the value of its erratum 749.
    assert_eq!(part(&value, "response"), "1949323746fe6a43ef61f9606e7febea");
    assert!(!value.contains("cnonce") && !value.contains("qop"), "{value}");
}

#[test]
fn a_session_key_is_made_once() {
    let credentials = Credentials::new("u", "p").unwrap();
    let value = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5-sess";
    let challenge = Challenge::strongest(std::iter::once(value.as_bytes())).unwrap();
    let session = credentials.challenged(challenge, "/", "c".to_owned(), 1);
    let respond = |session: &Session| credentials.authorization(session, "GET", "/").unwrap().1;
    // MD5(MD5(MD5("u:r:p"):n:c):n:00000001:c:auth:MD5("GET:/")), computed with md5sum.
    assert_eq!(*respond(&session), "6e4aac8b22e97762f88ccd0d5ccf5b1d");
    credentials.renew(&session, b"nextnonce=\"m\"");
    let renewed = credentials.session_for("/", 1).unwrap();
    assert!(!renewed.has_nonce_of(&session));
    assert_eq!(*respond(&renewed), "5f74f8cfb5fd59cf9270d46c5ac6e3c2");
}

#[test]
fn each_request_of_any_thread_has_its_own_number() {
    let credentials = Credentials::new("u", "p").unwrap();
    let value = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
    let challenge = Challenge::strongest(std::iter::once(value.as_bytes())).unwrap();
    let session = credentials.challenged(challenge, "/", "c".to_owned(), 1);
    let mut numbers: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let one = || credentials.authorization(&session, "GET", "/").unwrap().0;
                    let text = |value: HeaderValue| part(value.to_str().unwrap(), "nc").to_owned();
                    (0..100).map(|_| text(one())).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    numbers.sort();
    let expected: Vec<String> = (1..=400).map(|number| format!("{number:08x}")).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn the_nearest_space_of_this_process_is_used() {
    let credentials = Credentials::new("u", "p").unwrap();
    let challenge = |realm: &str| {
        let value = format!("Digest realm=\"{realm}\", nonce=\"{realm}\", qop=\"auth\"");
        Challenge::strongest(std::iter::once(value.as_bytes())).unwrap()
    };
    assert!(credentials.session_for("/", 1).is_none(), "a nonce without a challenge");
    let one = credentials.challenged(challenge("one"), "/v1/items/1", String::new(), 1);
    let other = credentials.challenged(challenge("other"), "/admin/", String::new(), 1);
    let found = |path, process| credentials.session_for(path, process);
    let is = |path, wanted: &Arc<Session>| Arc::ptr_eq(&found(path, 1).unwrap(), wanted);
    assert!(is("/v1/items/2", &one) && is("/v1/items/2/x", &one));
    assert!(is("/admin/x", &other) && is("/", &other), "the last one is for the whole server");
    assert!(found("/v1/items/2", 2).is_none(), "a child process continues to count");
    credentials.forget(&other);
    assert!(is("/admin/x", &one));
    for number in 0..100 {
        credentials.challenged(challenge("r"), &format!("/{number}/"), String::new(), 1);
    }
    assert_eq!(credentials.spaces.load().len(), MAX_SPACES);
}

#[test]
fn invalid_credentials_are_refused_and_not_repeated_in_the_error() {
    for (user, password) in [("us:er", "secret"), ("us\ner", "secret"), ("user", "sec\u{7f}ret")] {
        let error = Credentials::new(user, password).unwrap_err();
        assert_eq!(error.code, crate::code::Code::InvalidArgument, "{user:?}");
        assert!(!error.message.contains("ret"), "{error}");
    }
    let credentials = Credentials::new("ada", "hunter2222").unwrap();
    assert!(!format!("{credentials:?}").contains("hunter2222"));
}
