//! Secrets that are no longer needed are erased from the memory of the process.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use sac::client::token::NewToken;
use sac::code::Code;
use sac::settings::Change;
use url::Url;
use zeroize::Zeroizing;

use crate::support::*;

/// The number of copies of these bytes in writable memory. The argument is masked, so that the search
/// does not find it.
fn copies(masked: &[u8]) -> usize {
    let (maps, memory) = (std::fs::read_to_string("/proc/self/maps"), File::open("/proc/self/mem"));
    let (maps, memory) = (maps.unwrap(), memory.unwrap());
    let first = unmasked(masked[0]);
    let mut found = 0;
    let mut buffer = vec![0; 1 << 20];
    for mapping in maps.lines().filter(|line| line.contains(" rw")) {
        let (range, _) = mapping.split_once(' ').unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let [mut from, to] = [from, to].map(|end| u64::from_str_radix(end, 16).unwrap());
        while from + (masked.len() as u64) < to {
            let length = buffer.len().min((to - from) as usize);
            // Another thread may have unmapped it in the meantime.
            let Ok(read) = memory.read_at(&mut buffer[..length], from) else { break };
            let starts = memchr::memchr_iter(first, &buffer[..read]);
            let same = |at: &usize| {
                let candidate = buffer[*at..read].get(..masked.len());
                candidate.is_some_and(|candidate| {
                    candidate.iter().zip(masked).all(|(a, b)| *a == unmasked(*b))
                })
            };
            found += starts.filter(same).count();
            from += (read.saturating_sub(masked.len() - 1)).max(1) as u64;
        }
    }
    found
}

fn unmasked(masked: u8) -> u8 {
    masked ^ 0x55
}

/// A random secret, and its end, masked.
fn secret() -> (Zeroizing<String>, Vec<u8>) {
    let mut text = Zeroizing::new(String::with_capacity(64));
    (0..64).for_each(|_| text.push(fastrand::alphanumeric()));
    let end = text.as_bytes()[40..].iter().map(|byte| unmasked(*byte)).collect();
    (text, end)
}

/// A URL with a password, and the end of that password, masked. An allocator overwrites the
/// beginning of freed memory.
fn secret_url() -> (Zeroizing<String>, Vec<u8>) {
    let mut url = Zeroizing::new(String::with_capacity(200));
    url.push_str("http://somebody-with-a-long-name:");
    (0..64).for_each(|_| url.push(fastrand::alphanumeric()));
    let end = url.as_bytes()[url.len() - 24..].iter().map(|byte| unmasked(*byte)).collect();
    url.push_str("@127.0.0.1:9/");
    (url, end)
}

#[test]
fn no_key_for_aws_and_no_field_of_an_attempt_callback_stays_in_memory() {
    let port = RefusingPort::new();
    let ((key, masked_key), (token, masked_token), (field, masked_field)) =
        (secret(), secret(), secret());
    let client = client(&port.url(), &[]);
    client.set_aws_sigv4("r", "s3", "id", &key, Some(&token)).unwrap();
    client.set_attempt_callback(Some(Arc::new(move |request| {
        request.set_header("X-Amz-Field", &field).unwrap();
        request.header("x-amz-field").is_some()
    })));
    let response = get(&client, "/");
    assert_eq!(response.code(), Code::Connect, "{}", error_of(&response));
    for masked in [&masked_key, &masked_token, &masked_field] {
        assert_ne!(copies(masked), 0, "the search does not find an existing copy");
    }
    drop((client, response, key, token));
    for (what, masked) in [("key", masked_key), ("token", masked_token), ("field", masked_field)] {
        assert_eq!(copies(&masked), 0, "copies of the {what}");
    }
}

#[test]
fn no_token_of_a_callback_and_no_password_for_digest_stays_in_memory() {
    let port = RefusingPort::new();
    let ((token, masked_token), (password, masked_password)) = (secret(), secret());
    let client = client(&port.url(), &[]);
    client.add_digest("ada", &password).unwrap();
    drop(password);
    assert_ne!(copies(&masked_password), 0, "the search does not find an existing copy");
    client.set_token_callback(Some(Arc::new(move |_| {
        Ok(NewToken { value: token.clone(), lifetime: None })
    })));
    let response = get(&client, "/");
    assert_eq!(response.code(), Code::Connect, "{}", error_of(&response));
    assert_eq!(copies(&masked_password), 0, "copies of the replaced password");
    assert_ne!(copies(&masked_token), 0, "the search does not find an existing copy");
    drop((client, response));
    assert_eq!(copies(&masked_token), 0, "copies of the token");
}

#[test]
fn no_password_of_a_url_stays_in_memory() {
    let (url, masked) = secret_url();
    let client = client(&url, &[Change::Proxy(Some(url.clone()))]);
    drop((client, url));
    assert_eq!(copies(&masked), 0, "copies of the password");

    let (url, masked) = secret_url();
    let parsed = Url::parse(&url).unwrap();
    drop(url);
    assert_ne!(copies(&masked), 0, "the search does not find an existing copy");
    drop(parsed);
}
