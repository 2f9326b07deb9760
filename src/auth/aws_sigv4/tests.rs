//! AWS's published examples, and what the fields of a signed request contain.

use std::time::{Duration, UNIX_EPOCH};

use super::*;
use serde_json::Value;

/// The suite, as JSON. Its first member says where it comes from.
const SUITE: &str = include_str!("../../../tests/aws_sigv4/vectors.json");
const KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn credentials(service: &str, token: Option<&str>) -> AwsSigV4 {
    AwsSigV4::new("us-east-1", service, KEY_ID, SECRET, token).unwrap()
}

fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A case of the suite.
struct Case<'a>(&'a Value);

impl Case<'_> {
    fn text(&self, member: &str) -> &str {
        self.0[member].as_str().unwrap()
    }

    /// The signed fields: a session token is one only if the case signs it.
    fn fields(&self) -> Vec<(String, &str)> {
        let mut fields: Vec<(String, &str)> = self.0["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| {
                (field[0].as_str().unwrap().to_ascii_lowercase(), field[1].as_str().unwrap())
            })
            .collect();
        let name = "x-amz-security-token";
        if let Some(token) = self.token()
            && !fields.iter().any(|(other, _)| other == name)
        {
            fields.push((name.to_owned(), token));
        }
        fields
    }

    fn token(&self) -> Option<&str> {
        let lines = self.text("canonical_request").lines();
        lines.filter_map(|line| line.strip_prefix("x-amz-security-token:")).next()
    }

    fn body_sha256(&self) -> [u8; 32] {
        Sha256::digest(self.text("body").as_bytes()).into()
    }
}

fn suite() -> Value {
    serde_json::from_str(SUITE).unwrap()
}

#[test]
fn every_case_of_the_test_suite_of_aws_has_its_canonical_request_and_signature() {
    let suite = suite();
    let cases = suite["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 34);
    for case in cases.iter().map(Case) {
        let name = case.text("name");
        let (path, query) =
            case.text("target").split_once('?').unwrap_or((case.text("target"), ""));
        let fields = case.fields();
        let canonical = CanonicalRequest::new(
            case.text("method"),
            (path, PathStyle::Normalised),
            query,
            fields.iter().map(|(name, value)| (name.as_str(), *value)).collect(),
            &hex(&case.body_sha256()),
        );
        assert_eq!(canonical.text(), case.text("canonical_request"), "{name}");
        let signer = credentials("service", case.token());
        let timestamp = Timestamp::at(time(suite["time"].as_u64().unwrap())).unwrap();
        let scope = signer.credential_scope(&timestamp);
        let to_sign = string_to_sign(&canonical, &timestamp, &scope);
        assert_eq!(to_sign, case.text("string_to_sign"), "{name}");
        let authorization = signer.authorization(&canonical, &timestamp).unwrap();
        assert_eq!(authorization, case.text("authorization"), "{name}");
    }
}

#[test]
fn the_cases_that_sign_only_the_fields_of_this_library_have_the_same_result_in_a_request() {
    let suite = suite();
    let mut signed = 0;
    for case in suite["cases"].as_array().unwrap().iter().map(Case) {
        let target = case.text("target");
        let fields = case.fields();
        let is_ours = |name: &str| name == "host" || is_signed(&name.parse().unwrap());
        if !fields.iter().all(|(name, _)| is_ours(name)) || target.contains(' ') {
            continue;
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &fields {
            headers
                .insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let host = headers.remove(header::HOST).unwrap();
        let Ok(uri) = format!("http://example.amazonaws.com{target}").parse() else {
            assert!(!target.is_ascii(), "{target}");
            continue;
        };
        let method = case.text("method").parse().unwrap();
        let time = time(suite["time"].as_u64().unwrap());
        let request = UnsignedRequest {
            method: &method,
            uri: &uri,
            host: &host,
            time,
            sha256: Some(case.body_sha256()),
        };
        let signer = credentials("service", case.token());
        signer.sign(&request, &mut headers).unwrap();
        let name = case.text("name");
        assert_eq!(headers[header::AUTHORIZATION], case.text("authorization"), "{name}");
        signed += 1;
    }
    assert!(signed >= 24, "only {signed} cases were signed");
}

/// The examples in "Signature Calculations for the Authorization Header" of the documentation of S3.
#[test]
fn the_examples_of_the_documentation_of_s3_have_their_signatures() {
    let empty = hex(&Sha256::digest(b""));
    let content = hex(&Sha256::digest(b"Welcome to Amazon S3."));
    let (host, date) = ("examplebucket.s3.amazonaws.com", "20130524T000000Z");
    let get = |more: &[(&'static str, &'static str)]| {
        let mut fields = vec![("host", host), ("x-amz-date", date)];
        fields.extend_from_slice(more);
        fields
    };
    let put = get(&[
        ("date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ]);
    for (method, path, query, fields, hash, signature) in [
        (
            "GET",
            "/test.txt",
            "",
            get(&[("range", "bytes=0-9")]),
            &empty,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test$file.text",
            "",
            put,
            &content,
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/",
            "lifecycle",
            get(&[]),
            &empty,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET",
            "/",
            "max-keys=2&prefix=J",
            get(&[]),
            &empty,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        let signer = AwsSigV4::new(
            "us-east-1",
            "s3",
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            None,
        );
        let signer = signer.unwrap();
        let mut fields = fields;
        fields.push(("x-amz-content-sha256", hash));
        let canonical = CanonicalRequest::new(method, (path, PathStyle::S3), query, fields, hash);
        let timestamp = Timestamp::at(time(1_369_353_600)).unwrap();
        let authorization = signer.authorization(&canonical, &timestamp).unwrap();
        let text = authorization.to_str().unwrap();
        assert!(
            text.ends_with(&format!("Signature={signature}")),
            "{method} {path}?{query}: {text}"
        );
    }
}

/// Signs a request, and returns its fields.
fn signed(
    signer: &AwsSigV4,
    uri: &str,
    fields: &[(&'static str, &str)],
    sha256: Option<[u8; 32]>,
) -> Result<HeaderMap, Error> {
    let mut headers: HeaderMap = fields
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    let (method, uri, host) = (Method::GET, uri.parse().unwrap(), HeaderValue::from_static("h"));
    let request = UnsignedRequest {
        method: &method,
        uri: &uri,
        host: &host,
        time: time(1_440_938_160),
        sha256,
    };
    signer.sign(&request, &mut headers)?;
    Ok(headers)
}

fn signed_headers(headers: &HeaderMap) -> &str {
    let authorization = headers[header::AUTHORIZATION].to_str().unwrap();
    authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap()
}

#[test]
fn the_signature_covers_the_fields_that_aws_demands_and_no_others() {
    let fields = [
        ("content-type", "application/json"),
        ("x-amz-target", "DynamoDB_20120810.GetItem"),
        ("x-amz-date", "19700101T000000Z"),
        ("user-agent", "x"),
        ("accept-encoding", "gzip"),
    ];
    let headers =
        signed(&credentials("dynamodb", None), "https://h/", &fields, Some([0; 32])).unwrap();
    assert_eq!(signed_headers(&headers), "content-type;host;x-amz-date;x-amz-target");
    assert_eq!(headers["x-amz-date"], "20150830T123600Z", "the date of the caller was kept");
    assert!(
        !headers.contains_key("x-amz-security-token")
            && !headers.contains_key("x-amz-content-sha256")
    );
    assert!(headers[header::AUTHORIZATION].is_sensitive());

    let with_token = credentials("s3", Some("t0ken"));
    let headers = signed(&with_token, "https://h/", &fields, Some([1; 32])).unwrap();
    assert_eq!(headers["x-amz-security-token"], "t0ken");
    assert!(headers["x-amz-security-token"].is_sensitive());
    assert_eq!(headers["x-amz-content-sha256"], hex(&[1; 32]));
    let expected =
        "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target";
    assert_eq!(signed_headers(&headers), expected);
}

#[test]
fn a_path_for_s3_is_sent_in_its_canonical_form() {
    for (service, uri, expected) in [
        ("s3", "https://h/a+b(1)?x=(1)", "https://h/a%2Bb%281%29?x=(1)"),
        ("s3", "https://h/a%2fb//c/%C3%bc", "https://h/a/b//c/%C3%BC"),
        ("s3", "https://h/plain?x", "https://h/plain?x"),
        ("s3", "https://h", "https://h/"),
        ("execute-api", "https://h/a+b(1)", "https://h/a+b(1)"),
    ] {
        let sent = credentials(service, None).uri_to_send(uri.parse().unwrap()).unwrap();
        assert_eq!(sent, expected, "{service} {uri}");
    }
    for hidden in ["/a%2F..%2F..%2Fb", "/a%2f.", "/.%2e/b"] {
        let uri = format!("https://h{hidden}").parse().unwrap();
        let refused = credentials("s3", None).uri_to_send(uri);
        assert_eq!(refused.unwrap_err().code, Code::InvalidPath, "{hidden}");
    }
}

#[test]
fn a_body_without_a_hash_is_only_for_s3_over_tls() {
    let headers = signed(&credentials("s3", None), "https://h/k", &[], None).unwrap();
    assert_eq!(headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    for (service, uri) in [("s3", "http://h/k"), ("dynamodb", "https://h/")] {
        let error = signed(&credentials(service, None), uri, &[], None).unwrap_err();
        assert_eq!(error.code, Code::InvalidArgument, "{service}");
        assert!(error.message.contains("set a rewind callback"), "{error}");
    }
}

#[test]
fn the_hash_of_the_caller_replaces_that_of_the_body() {
    let signer = credentials("vpc-lattice-svcs", None);
    let unsigned = [("x-amz-content-sha256", "UNSIGNED-PAYLOAD")];
    let headers = signed(&signer, "https://h/", &unsigned, None).unwrap();
    assert_eq!(headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    let hashed = signed(&signer, "https://h/", &unsigned, Some([7; 32])).unwrap();
    assert_eq!(headers[header::AUTHORIZATION], hashed[header::AUTHORIZATION]);
}

#[test]
fn unusable_credentials_are_refused_and_not_repeated_in_the_error() {
    let good = ["us-east-1", "s3", KEY_ID, SECRET, "t0ken"];
    let new =
        |parts: [&str; 5]| AwsSigV4::new(parts[0], parts[1], parts[2], parts[3], Some(parts[4]));
    for index in 0..good.len() {
        for bad in ["", "h unter2", "hunter2\r\nX: 1", "hunter2/x", "hunter2ü"] {
            let may_be = match index {
                3 => bad.contains('/'),
                4 => bad.contains('/') || bad.is_empty(),
                _ => false,
            };
            let mut parts = good;
            parts[index] = bad;
            match new(parts) {
                Ok(_) => assert!(may_be, "{index} {bad:?} is accepted"),
                Err(error) => {
                    assert!(!may_be, "{index} {bad:?}: {error}");
                    assert_eq!(error.code, Code::InvalidArgument);
                    assert!(!error.message.contains("unter2"), "{error}");
                }
            }
        }
    }
}

#[test]
fn debug_output_and_secrets_hide_all_keys() {
    let signer = credentials("s3", Some("t0ken-of-a-session"));
    let shown = format!("{signer:?}");
    assert!(
        !shown.contains(KEY_ID) && !shown.contains(SECRET) && !shown.contains("t0ken"),
        "{shown}"
    );
    let mut secrets = Secrets::default();
    signer.add_secrets(&mut secrets);
    let redactor = crate::log::Redactor::from(secrets);
    for secret in [KEY_ID, SECRET, "t0ken-of-a-session"] {
        assert_eq!(redactor.redact(secret), "[redacted]", "{secret}");
    }
}
