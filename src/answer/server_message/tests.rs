//! The error formats of real APIs, from their documentation and their responses, with the expected
//! messages.

use super::*;

#[track_caller]
fn message(text: &str) -> Option<String> {
    assert!(super::super::json::is_json(text), "{text}");
    server_message(text, 4096).map(|found| found.message)
}

/// The API, its error response, and the message in it.
const FORMS: &[(&str, &str, &str)] = &[
    (
        "GitHub",
        r#"{"message":"Validation Failed","errors":[{"resource":"Issue","field":"title","code":"missing_field"}],"documentation_url":"https://docs.github.com/rest","status":"422"}"#,
        "Validation Failed",
    ),
    ("GitLab, a project", r#"{"message":"404 Project Not Found"}"#, "404 Project Not Found"),
    (
        "GitLab, validation",
        r#"{"message":{"name":["has already been taken"],"path":["has already been taken"]}}"#,
        "name has already been taken",
    ),
    (
        "Bitbucket",
        r#"{"type":"error","error":{"message":"Repository foo/bar not found"}}"#,
        "Repository foo/bar not found",
    ),
    (
        "Stripe",
        r#"{"error":{"code":"resource_missing","doc_url":"https://stripe.com/docs/error-codes/resource-missing","message":"No such customer: 'cus_1'","param":"id","type":"invalid_request_error"}}"#,
        "No such customer: 'cus_1'",
    ),
    (
        "AWS, JSON 1.1",
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}"#,
        "Requested resource not found",
    ),
    (
        "AWS, in capitals",
        r#"{"__type":"AccessDeniedException","Message":"User is not authorized to perform: kms:Decrypt"}"#,
        "User is not authorized to perform: kms:Decrypt",
    ),
    (
        "AWS Lambda",
        r#"{"errorMessage":"2026-01-01T00:00:00Z 1234 Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}"#,
        "2026-01-01T00:00:00Z 1234 Task timed out after 3.00 seconds",
    ),
    (
        "Google",
        r#"{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}"#,
        "The caller does not have permission",
    ),
    (
        "Azure",
        r#"{"error":{"code":"ResourceNotFound","message":"The Resource 'x' was not found."}}"#,
        "The Resource 'x' was not found.",
    ),
    (
        "OData 3",
        r#"{"odata.error":{"code":"ResourceNotFound","message":{"lang":"en-US","value":"The specified resource does not exist."}}}"#,
        "The specified resource does not exist.",
    ),
    (
        "OData 2",
        r#"{"error":{"code":"005056A509B11EE1BB8AF4A65EC3CA20","message":{"lang":"en","value":"Property 'X' is invalid"}}}"#,
        "Property 'X' is invalid",
    ),
    (
        "ASP.NET Web API",
        r#"{"Message":"The request is invalid.","ModelState":{"user.Name":["The Name field is required."]}}"#,
        "The request is invalid.",
    ),
    (
        "ASP.NET problem details",
        r#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Name":["The Name field is required."]}}"#,
        "One or more validation errors occurred.",
    ),
    (
        "Twilio",
        r#"{"code":20003,"message":"Authenticate","more_info":"https://www.twilio.com/docs/errors/20003","status":401}"#,
        "Authenticate",
    ),
    ("Slack", r#"{"ok":false,"error":"invalid_auth"}"#, "invalid_auth"),
    ("Telegram", r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#, "Unauthorized"),
    (
        "Shopify, one text",
        r#"{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}"#,
        "[API] Invalid API key or access token (unrecognized login or wrong password)",
    ),
    ("Shopify, fields", r#"{"errors":{"title":["can't be blank"]}}"#, "title can't be blank"),
    (
        "Salesforce",
        r#"[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]"#,
        "The requested resource does not exist",
    ),
    (
        "Jira, messages",
        r#"{"errorMessages":["Issue does not exist or you do not have permission to see it."],"errors":{}}"#,
        "Issue does not exist or you do not have permission to see it.",
    ),
    (
        "Jira, fields",
        r#"{"errorMessages":[],"errors":{"summary":"You must specify a summary of the issue."}}"#,
        "summary: You must specify a summary of the issue.",
    ),
    (
        "Django REST framework",
        r#"{"detail":"Authentication credentials were not provided."}"#,
        "Authentication credentials were not provided.",
    ),
    (
        "Django REST framework, fields",
        r#"{"name":["This field is required."],"email":["Enter a valid email address."]}"#,
        "name: This field is required.",
    ),
    (
        "Django REST framework, no field",
        r#"{"non_field_errors":["Unable to log in with provided credentials."]}"#,
        "Unable to log in with provided credentials.",
    ),
    ("Rails, fields", r#"{"errors":{"name":["is too short","is invalid"]}}"#, "name is too short"),
    ("Rails, the whole", r#"{"errors":{"base":["You are not friends"]}}"#, "You are not friends"),
    ("Rails, texts", r#"{"errors":["Name can't be blank"]}"#, "Name can't be blank"),
    ("Rails, by itself", r#"{"status":404,"error":"Not Found"}"#, "Not Found"),
    ("Phoenix", r#"{"errors":{"detail":"Not Found"}}"#, "Not Found"),
    (
        "Laravel",
        r#"{"message":"The email field is required.","errors":{"email":["The email field is required."]}}"#,
        "The email field is required.",
    ),
    (
        "FastAPI",
        r#"{"detail":[{"loc":["body","name"],"msg":"field required","type":"value_error.missing"}]}"#,
        "field required",
    ),
    (
        "Spring Boot",
        r#"{"timestamp":"2026-01-01T00:00:00.000+00:00","status":404,"error":"Not Found","message":"No message available","path":"/x"}"#,
        "Not Found",
    ),
    (
        "RFC 9457",
        r#"{"type":"https://example.com/probs/out-of-credit","title":"You do not have enough credit.","detail":"Your current balance is 30, but that costs 50.","instance":"/account/12345/msgs/abc"}"#,
        "Your current balance is 30, but that costs 50.",
    ),
    (
        "GraphQL",
        r#"{"errors":[{"message":"Cannot query field \"nam\" on type \"User\".","locations":[{"line":1,"column":3}]}],"data":null}"#,
        "Cannot query field \"nam\" on type \"User\".",
    ),
    (
        "JSON:API",
        r#"{"errors":[{"status":"422","source":{"pointer":"/data/attributes/firstName"},"title":"Invalid Attribute","detail":"First name must contain at least two characters."}]}"#,
        "First name must contain at least two characters.",
    ),
    (
        "JSON:API, a title alone",
        r#"{"jsonapi":{"version":"1.1"},"errors":[{"status":"403","title":"Forbidden here"}]}"#,
        "Forbidden here",
    ),
    (
        "JSON-RPC",
        r#"{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":"1"}"#,
        "Method not found",
    ),
    (
        "OAuth 2.0",
        r#"{"error":"invalid_grant","error_description":"The refresh token has expired","error_uri":"https://as.example/e"}"#,
        "invalid_grant: The refresh token has expired",
    ),
    ("OAuth 2.0, no description", r#"{"error":"invalid_client"}"#, "invalid_client"),
    (
        "Elasticsearch",
        r#"{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [x]"}],"type":"index_not_found_exception","reason":"no such index [x]","index":"x"},"status":404}"#,
        "no such index [x]",
    ),
    ("CouchDB", r#"{"error":"not_found","reason":"missing"}"#, "not_found"),
    (
        "Kubernetes",
        r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"x\" not found","reason":"NotFound","details":{"name":"x","kind":"pods"},"code":404}"#,
        "pods \"x\" not found",
    ),
    (
        "Docker registry",
        r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"x"}}]}"#,
        "manifest unknown",
    ),
    ("Docker engine", r#"{"message":"No such container: x"}"#, "No such container: x"),
    ("Vault", r#"{"errors":["permission denied"]}"#, "permission denied"),
    (
        "Prometheus",
        r#"{"status":"error","errorType":"bad_data","error":"parse error: unexpected end of input"}"#,
        "parse error: unexpected end of input",
    ),
    (
        "etcd",
        r#"{"error":"etcdserver: requested lease not found","code":5,"message":"etcdserver: requested lease not found"}"#,
        "etcdserver: requested lease not found",
    ),
    (
        "Apigee",
        r#"{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"oauth.v2.InvalidApiKey"}}}"#,
        "Invalid ApiKey",
    ),
    (
        "OpenStack Nova",
        r#"{"itemNotFound":{"code":404,"message":"Instance x could not be found."}}"#,
        "Instance x could not be found.",
    ),
    (
        "Tencent Cloud",
        r#"{"Response":{"Error":{"Code":"AuthFailure","Message":"The SecretId is not found"},"RequestId":"e1"}}"#,
        "The SecretId is not found",
    ),
    (
        "Okta",
        r#"{"errorCode":"E0000011","errorSummary":"Invalid token provided","errorLink":"E0000011","errorId":"x","errorCauses":[]}"#,
        "Invalid token provided",
    ),
    (
        "Dropbox",
        r#"{"error_summary":"path/not_found/..","error":{".tag":"path","path":{".tag":"not_found"}}}"#,
        "path/not_found/..",
    ),
    ("Airtable", r#"{"error":{"type":"MODEL_ID_NOT_FOUND"}}"#, "MODEL_ID_NOT_FOUND"),
    (
        "OpenAI",
        r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
        "You exceeded your current quota",
    ),
    (
        "Anthropic",
        r#"{"type":"error","error":{"type":"not_found_error","message":"The requested resource could not be found."}}"#,
        "The requested resource could not be found.",
    ),
    (
        "Cloudflare",
        r#"{"success":false,"errors":[{"code":9109,"message":"Invalid access token"}],"messages":[],"result":null}"#,
        "Invalid access token",
    ),
    (
        "Square",
        r#"{"errors":[{"category":"AUTHENTICATION_ERROR","code":"UNAUTHORIZED","detail":"This request could not be authorized."}]}"#,
        "This request could not be authorized.",
    ),
    (
        "PayPal",
        r#"{"name":"INVALID_REQUEST","message":"Request is not well-formed.","debug_id":"x","details":[{"issue":"MISSING"}]}"#,
        "Request is not well-formed.",
    ),
    ("many Node services", r#"{"code":500,"msg":"db is down"}"#, "db is down"),
    ("Xero", r#"{"Title":"Unauthorized","Status":401,"Detail":"TokenExpired"}"#, "TokenExpired"),
];

#[test]
fn the_messages_of_real_apis_are_found() {
    for (api, text, expected) in FORMS {
        assert_eq!(message(text).as_deref(), Some(*expected), "{api}: {text}");
    }
    assert!(FORMS.len() > 50);
}

#[test]
fn an_oauth_error_is_returned_separately_from_its_description() {
    let found =
        server_message(r#"{"error":"invalid_grant","error_description":"expired"}"#, 4096).unwrap();
    assert_eq!(found.error.as_deref(), Some("invalid_grant"));
    let same =
        server_message(r#"{"error":"expired","error_description":"expired"}"#, 4096).unwrap();
    assert_eq!(same, ServerMessage { message: "expired".to_owned(), error: None });
}

#[test]
fn json_without_a_message_returns_none() {
    for text in [
        "{}",
        "[]",
        "[1, 2]",
        "null",
        "7",
        "\" \"",
        r#"{"errors": []}"#,
        r#"{"error": true, "code": "x", "type": "y", "value": "z"}"#,
        r#"{"id": "7", "items": ["a"]}"#,
        r#"{"error": {"error": {"error": [1]}}}"#,
    ] {
        assert_eq!(message(text), None, "{text}");
    }
}

#[test]
fn the_message_does_not_depend_on_the_order_of_the_members() {
    let members = [r#""msg":"m""#, r#""Message":"M""#, r#""errors":{"a":["is b"]}"#, r#""n":1"#];
    for first in 0..members.len() {
        let mut rotated = members.to_vec();
        rotated.rotate_left(first);
        assert_eq!(message(&format!("{{{}}}", rotated.join(","))).as_deref(), Some("M"));
    }
    assert_eq!(message(r#"{"message":"exact","MESSAGE":"other"}"#).as_deref(), Some("exact"));
    assert_eq!(message(r#"{"MESSAGE":"other","message":"exact"}"#).as_deref(), Some("exact"));
    assert_eq!(message(r#"{"message":"one","message":"two"}"#).as_deref(), Some("two"));
    assert_eq!(message(r#"{"m\u0065ssage":"escaped"}"#).as_deref(), Some("escaped"));
}

#[test]
fn messages_are_truncated_to_the_limit() {
    for text in [
        format!(r#"{{"error":"{}"}}"#, "é".repeat(3_000_000)),
        format!(r#"{{"errors":{{"{}":["{}"]}}}}"#, "n".repeat(5_000), "w".repeat(5_000)),
        format!(r#"{{"error":"{0}","error_description":"{0}x"}}"#, "\\u00e9".repeat(5_000)),
    ] {
        let message = message(&text).unwrap();
        assert!((4_090..=4_096).contains(&message.len()), "{}", message.len());
    }
}
