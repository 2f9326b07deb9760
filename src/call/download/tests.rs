use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use http::HeaderValue;

use super::resume::validator;
use super::*;

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("sac-download-{}-{name}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    path
}

fn listed(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn head(status: u16, fields: &[(&'static str, &'static str)]) -> ResponseHead {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    let (version, reason) = (http::Version::HTTP_11, "".into());
    ResponseHead {
        status,
        version,
        reason,
        headers: headers.into(),
        quota_exhausted: false,
        tls: None,
    }
}

#[test]
fn a_file_appears_only_when_it_is_complete() {
    let folder = folder("whole");
    let target = folder.join("target");
    let mut download = Download::begin(target.to_str().unwrap()).unwrap();
    download.begin_body(&head(200, &[]), true).unwrap();
    download.write(b"all of it").unwrap();
    assert!(!target.exists());
    download.response_complete();
    download.commit().unwrap();
    drop(download);
    assert_eq!(fs::read(&target).unwrap(), b"all of it");
    assert_eq!(listed(&folder), ["target"]);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_incomplete_download_leaves_no_file_and_keeps_the_old_one() {
    let folder = folder("broken");
    let target = folder.join("target");
    fs::write(&target, "old").unwrap();
    let mut download = Download::begin(target.to_str().unwrap()).unwrap();
    download.begin_body(&head(200, &[]), true).unwrap();
    download.write(b"half of").unwrap();
    download.commit().unwrap();
    drop(download);
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert_eq!(listed(&folder), ["target"]);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_existing_file_keeps_its_permissions_and_a_link_stays_a_link() {
    let folder = folder("link");
    let (target, link) = (folder.join("target"), folder.join("link"));
    fs::write(&target, "old").unwrap();
    fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink("target", &link).unwrap();
    let mut download = Download::begin(link.to_str().unwrap()).unwrap();
    download.begin_body(&head(200, &[]), true).unwrap();
    download.write(b"new").unwrap();
    download.response_complete();
    download.commit().unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&target).unwrap(), b"new");
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_dangling_link_is_followed_and_a_circular_link_is_refused() {
    let folder = folder("dangling");
    fs::create_dir(folder.join("deep")).unwrap();
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.join(name)).unwrap();
    link("second", "first");
    link("deep/target", "second");
    let first = folder.join("first");
    let mut download = Download::begin(first.to_str().unwrap()).unwrap();
    download.begin_body(&head(200, &[]), true).unwrap();
    download.write(b"new").unwrap();
    download.response_complete();
    download.commit().unwrap();
    assert_eq!(fs::read(folder.join("deep/target")).unwrap(), b"new");
    assert!(fs::symlink_metadata(&first).unwrap().is_symlink());
    link("round", "round");
    let round = folder.join("round");
    assert_eq!(Download::begin(round.to_str().unwrap()).unwrap_err().code, Code::File);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_path_that_cannot_be_a_file_is_refused_at_once() {
    for path in ["/dev/null", "/tmp", "/nowhere/at/all", "", "/"] {
        assert_eq!(Download::begin(path).unwrap_err().code, Code::File, "{path}");
    }
}

#[test]
fn only_a_strong_validator_lets_a_download_resume() {
    let late = ("date", "Sun, 06 Nov 1994 08:51:00 GMT");
    let modified = ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT");
    let soon = ("date", "Sun, 06 Nov 1994 08:49:38 GMT");
    for (fields, strong) in [
        (vec![("etag", "\"a\"")], true),
        (vec![("etag", "W/\"a\""), modified, late], false),
        (vec![modified, late], true),
        (vec![modified, soon], false),
        (vec![modified], false),
        (vec![("etag", "\"a\""), ("accept-ranges", "none")], false),
        (vec![], false),
    ] {
        assert_eq!(validator(&head(200, &fields).headers).is_some(), strong, "{fields:?}");
    }
}

/// A download that was interrupted after five of ten bytes.
fn broken(folder: &Path) -> Download {
    let mut download = Download::begin(folder.join("target").to_str().unwrap()).unwrap();
    let whole = head(200, &[("etag", "\"a\""), ("content-length", "10")]);
    download.begin_body(&whole, true).unwrap();
    download.write(b"12345").unwrap();
    let mut headers = HeaderMap::new();
    download.ask_for_rest(&mut headers);
    assert_eq!(headers["range"], "bytes=5-");
    assert_eq!(headers["if-range"], "\"a\"");
    download
}

#[test]
fn a_part_that_was_not_requested_is_refused_and_the_next_attempt_requests_the_whole() {
    let folder = folder("part");
    for range in [
        "bytes 4-9/10",
        "bytes 5-8/10",
        "bytes 5-8/9",
        "bytes 5-9/11",
        "bytes 5-10/11",
        "bytes 5-8/*",
        "bytes 5-9",
        "bytes */10",
        "lines 5-9/10",
        "",
    ] {
        let mut download = broken(&folder);
        let other = head(206, &[("content-range", range)]);
        assert!(
            matches!(download.begin_body(&other, true), Err(BodyIoError::Protocol(_))),
            "{range:?}"
        );
        let mut headers = HeaderMap::new();
        download.ask_for_rest(&mut headers);
        assert!(headers.is_empty(), "{range:?}: {headers:?}");
    }
    for range in ["bytes 5-9/10", "bytes 5-9/*", " bytes  5 - 9 / 10 "] {
        let mut download = broken(&folder);
        let rest = head(206, &[("content-range", range)]);
        download.begin_body(&rest, true).unwrap();
        assert_eq!(download.received(), 5, "{range:?}");
    }
    let mut download = broken(&folder);
    let coded = head(206, &[("content-range", "bytes 5-9/10")]);
    assert!(matches!(download.begin_body(&coded, false), Err(BodyIoError::Protocol(_))));
    drop(download);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_part_continues_a_download_only_with_the_requested_validator() {
    let folder = folder("version");
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let modified = [("last-modified", date), ("date", "Sun, 06 Nov 1994 09:49:37 GMT")];
    let other = "Mon, 07 Nov 1994 08:49:37 GMT";
    for (first, second, same) in [
        (&[("etag", "\"a\"")][..], ("etag", "\"a\""), true),
        (&[("etag", "\"a\"")], ("etag", "\"b\""), false),
        (&[("etag", "\"a\"")], ("etag", "W/\"a\""), false),
        (&[("etag", "\"a\"")], ("last-modified", other), true),
        (&modified, ("last-modified", date), true),
        (&modified, ("last-modified", other), false),
        (&modified, ("etag", "\"a\""), true),
    ] {
        let target = folder.join("target");
        let mut download = Download::begin(target.to_str().unwrap()).unwrap();
        download
            .begin_body(&head(200, &[first, &[("content-length", "10")]].concat()), true)
            .unwrap();
        download.write(b"12345").unwrap();
        download.ask_for_rest(&mut HeaderMap::new());
        let rest = head(206, &[second, ("content-range", "bytes 5-9/10")]);
        let opened = download.begin_body(&rest, true);
        assert_eq!(opened.is_ok(), same, "{first:?}, then {second:?}");
        assert_eq!(download.take_restart(), !same, "{first:?}, then {second:?}");
        let mut headers = HeaderMap::new();
        download.ask_for_rest(&mut headers);
        assert_eq!(headers.contains_key("range"), same, "{first:?}, then {second:?}: {headers:?}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_part_is_not_the_rest_if_its_length_disagrees_or_the_whole_has_no_known_length() {
    let folder = folder("ends");
    let mut short = broken(&folder);
    let part = head(206, &[("content-range", "bytes 5-9/10"), ("content-length", "3")]);
    assert!(matches!(short.begin_body(&part, true), Err(BodyIoError::Protocol(_))));
    for (range, taken) in [("bytes 5-9/*", false), ("bytes 5-9/10", true)] {
        let mut download = Download::begin(folder.join("target").to_str().unwrap()).unwrap();
        download.begin_body(&head(200, &[("etag", "\"a\"")]), true).unwrap();
        download.write(b"12345").unwrap();
        download.ask_for_rest(&mut HeaderMap::new());
        let rest = head(206, &[("content-range", range)]);
        assert_eq!(download.begin_body(&rest, true).is_ok(), taken, "{range}");
    }
    drop(short);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_part_is_refused_unless_the_caller_asked_for_a_range() {
    let folder = folder("unasked");
    let part = head(206, &[("content-range", "bytes 0-4/10")]);
    let mut download = Download::begin(folder.join("target").to_str().unwrap()).unwrap();
    assert!(matches!(download.begin_body(&part, true), Err(BodyIoError::Protocol(_))));
    download.allow_partial();
    download.begin_body(&part, true).unwrap();
    drop(download);
    fs::remove_dir_all(folder).unwrap();
}

/// Whether the next attempt requests the rest.
fn asks_for_rest(download: &mut Download) -> bool {
    let mut headers = HeaderMap::new();
    download.ask_for_rest(&mut headers);
    headers.contains_key("range")
}

#[test]
fn a_200_to_a_range_is_what_its_content_range_says() {
    let folder = folder("slice");
    for (range, received) in [
        ("bytes 5-9/10", 5),
        ("bytes 5-9/*", 5),
        ("Bytes=5-9/10", 5),
        ("bytes 0-9/10", 0),
        ("bytes 0-19/20", 0),
    ] {
        let mut download = broken(&folder);
        download.begin_body(&head(200, &[("content-range", range)]), true).unwrap();
        assert_eq!(download.received(), received, "{range:?}");
    }
    for range in [
        "bytes 4-9/10",
        "bytes 5-8/10",
        "bytes 5-9/11",
        "bytes 0-4/10",
        "bytes 0-4/*",
        "bytes */10",
        "bytes 9-5/10",
        "bytes 5-10/10",
        "bytes 5-9,7-9/10",
        "bytes",
    ] {
        let mut download = broken(&folder);
        let result = download.begin_body(&head(200, &[("content-range", range)]), true);
        assert!(matches!(result, Err(BodyIoError::Protocol(_))), "{range:?}");
        assert!(download.take_restart() && !asks_for_rest(&mut download), "{range:?}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_200_to_a_range_must_agree_with_the_known_version_and_length() {
    let folder = folder("known");
    let slice = ("content-range", "bytes 5-9/10");
    let coded = broken(&folder).begin_body(&head(200, &[slice]), false);
    assert!(matches!(coded, Err(BodyIoError::Protocol(_))));
    let mut other = broken(&folder);
    let result = other.begin_body(&head(200, &[slice, ("etag", "\"b\"")]), true);
    assert!(matches!(result, Err(BodyIoError::Protocol(_))));
    assert!(other.take_restart(), "the bytes in the file are of another version");
    let all = ("content-range", "bytes 0-19/20");
    let contrary = broken(&folder).begin_body(&head(200, &[all, ("etag", "\"a\"")]), true);
    assert!(
        matches!(contrary, Err(BodyIoError::Protocol(_))),
        "the same version has another length"
    );
    fs::remove_dir_all(folder).unwrap();
}

type Fields = &'static [(&'static str, &'static str)];

/// A download that was interrupted after five bytes of a response with these header fields.
fn broken_off(folder: &Path, first: Fields) -> Download {
    let mut download = Download::begin(folder.join("target").to_str().unwrap()).unwrap();
    download.begin_body(&head(200, first), true).unwrap();
    download.write(b"12345").unwrap();
    assert!(asks_for_rest(&mut download), "{first:?}");
    download
}

#[test]
fn a_200_to_a_range_without_a_content_range_is_the_whole_only_if_its_length_proves_it() {
    const TAG: (&str, &str) = ("etag", "\"a\"");
    const OTHER: (&str, &str) = ("etag", "\"b\"");
    const WEAK: (&str, &str) = ("etag", "W/\"a\"");
    const DATE: (&str, &str) = ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT");
    const LATER: (&str, &str) = ("last-modified", "Mon, 07 Nov 1994 08:49:37 GMT");
    const NOW: (&str, &str) = ("date", "Tue, 08 Nov 1994 09:49:37 GMT");
    const TEN: (&str, &str) = ("content-length", "10");
    const REST: (&str, &str) = ("content-length", "5");
    const SEVEN: (&str, &str) = ("content-length", "7");
    const PAGES: (&str, &str) = ("content-range", "items 0-9/10");
    let folder = folder("unsaid");
    let cases: &[(Fields, &[(Fields, bool)])] = &[
        (
            &[TAG, TEN],
            &[
                (&[TAG, TEN], true),
                (&[TAG, REST], false),
                (&[TAG, SEVEN], false),
                (&[TAG], false),
                (&[TEN], true),
                (&[REST], false),
                (&[SEVEN], false),
                (&[], false),
                (&[PAGES, TEN], true),
                (&[PAGES], false),
                (&[OTHER, TEN], true),
                (&[OTHER, SEVEN], true),
                (&[WEAK, SEVEN], true),
                (&[OTHER, REST], false),
                (&[OTHER], false),
            ],
        ),
        // The server did not say the length.
        (
            &[TAG],
            &[
                (&[TAG, TEN], false),
                (&[TAG], false),
                (&[TEN], false),
                (&[], false),
                (&[OTHER, TEN], true),
                (&[OTHER], false),
            ],
        ),
        (
            &[DATE, NOW, TEN],
            &[
                (&[DATE, NOW, TEN], true),
                (&[DATE, NOW, REST], false),
                (&[DATE, NOW], false),
                (&[LATER, NOW, SEVEN], true),
                (&[LATER, NOW, REST], false),
            ],
        ),
    ];
    for (first, responses) in cases {
        for (second, whole) in *responses {
            let mut download = broken_off(&folder, first);
            let opened = download.begin_body(&head(200, second), true);
            assert_eq!(opened.is_ok(), *whole, "{first:?}, then {second:?}");
            assert_eq!(download.take_restart(), !whole, "{first:?}, then {second:?}");
            assert_eq!(download.received(), if *whole { 0 } else { 5 });
            assert!(whole | !asks_for_rest(&mut download), "{first:?}, then {second:?}");
        }
    }
    let coded = broken_off(&folder, &[TAG, TEN]).begin_body(&head(200, &[TAG]), false);
    assert!(
        matches!(coded, Err(BodyIoError::Protocol(_))),
        "nothing proves that it is the whole body"
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_whole_body_of_the_same_version_must_have_the_same_length() {
    let folder = folder("restart");
    for (second, bytes, taken) in [
        (&[("etag", "\"a\"")][..], &b"1234567890"[..], true),
        (&[("etag", "\"a\"")], b"67890", false),
        (&[("etag", "\"a\"")], b"12345678901", false),
        (&[("etag", "\"b\"")], b"67890", true),
        (&[], b"67890", true),
    ] {
        let mut download = broken(&folder);
        assert!(download.restart());
        assert!(
            !asks_for_rest(&mut download),
            "the server refused to continue, but the next attempt requests the rest"
        );
        download.begin_body(&head(200, second), true).unwrap();
        let outcome = download.write(bytes).and_then(|()| download.end_body());
        assert_eq!(outcome.is_ok(), taken, "{second:?}: {bytes:?}");
        assert!(!download.take_restart(), "{second:?}: the download would never end");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn several_ranges_are_refused_and_a_range_of_everything_is_the_whole() {
    let folder = folder("several");
    let several = ("content-type", "multipart/byteranges; boundary=x");
    for fields in [&[several][..], &[several, ("content-range", "bytes 5-9/10")]] {
        for status in [200, 206] {
            let mut download = broken(&folder);
            let result = download.begin_body(&head(status, fields), true);
            assert!(matches!(result, Err(BodyIoError::Protocol(_))), "{status}");
            assert!(!asks_for_rest(&mut download), "{status}");
        }
    }
    let mut download = broken(&folder);
    download.begin_body(&head(206, &[("content-range", "bytes 0-9/10")]), true).unwrap();
    assert_eq!(download.received(), 0);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_200_to_a_request_without_a_range_must_be_the_whole() {
    let folder = folder("first");
    let target = folder.join("target");
    for (range, taken) in [
        ("bytes 0-9/10", true),
        ("bytes 0-9/*", true),
        ("bytes */10", true),
        ("items 0-24/319", true),
        ("bytes 5-9/10", false),
        ("bytes 5-9/*", false),
        ("bytes 0-4/10", false),
    ] {
        let mut download = Download::begin(target.to_str().unwrap()).unwrap();
        let result = download.begin_body(&head(200, &[("content-range", range)]), true);
        assert_eq!(result.is_ok(), taken, "{range}");
        download.allow_partial();
        download.begin_body(&head(200, &[("content-range", range)]), true).unwrap();
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_body_must_have_the_length_of_its_content_range() {
    let folder = folder("longer");
    for (bytes, whole) in [(&b"6789"[..], false), (b"67890", true), (b"678901", false)] {
        for (status, range) in [(206, "bytes 5-9/10"), (200, "bytes 5-9/10"), (200, "bytes 0-4/5")]
        {
            let mut download = broken(&folder);
            download.begin_body(&head(status, &[("content-range", range)]), true).unwrap();
            let outcome = download.write(bytes).and_then(|()| download.end_body());
            assert_eq!(outcome.is_ok(), whole, "{status} {range}: {bytes:?}");
            assert!(whole || !asks_for_rest(&mut download), "{status} {range}: {bytes:?}");
        }
    }
    fs::remove_dir_all(folder).unwrap();
}
