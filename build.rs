//! Generates `include/sac.h` from the sources.

// A build script that cannot continue must stop with a message.
#![allow(clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The files that make up the C interface, in the order in which the header shows them.
const INTERFACE: &[&str] = &[
    "src/ffi/version.rs",
    "src/code.rs",
    "src/answer/json_state.rs",
    "src/answer/json_type.rs",
    "src/auth/hash.rs",
    "src/auth/encoding.rs",
    "src/auth/webhook/scheme.rs",
    "src/log/mod.rs",
    "src/auth/token/state.rs",
    "src/settings/tls.rs",
    "src/ffi/types.rs",
    "src/ffi/code.rs",
    "src/ffi/client.rs",
    "src/ffi/scope.rs",
    "src/ffi/token.rs",
    "src/ffi/setting.rs",
    "src/ffi/callback.rs",
    "src/ffi/attempt.rs",
    "src/ffi/send.rs",
    "src/ffi/send_all.rs",
    "src/ffi/request.rs",
    "src/ffi/request_json.rs",
    "src/ffi/request_body.rs",
    "src/ffi/request_output.rs",
    "src/ffi/request_setting.rs",
    "src/ffi/trace.rs",
    "src/ffi/cancel.rs",
    "src/ffi/response.rs",
    "src/ffi/json.rs",
    "src/ffi/node.rs",
    "src/ffi/cookie.rs",
    "src/ffi/hmac.rs",
    "src/ffi/webhook.rs",
    "src/ffi/stream.rs",
    "src/ffi/string.rs",
];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    for file in INTERFACE.iter().chain(&["cbindgen.toml", "build.rs", "include/sac.h"]) {
        println!("cargo:rerun-if-changed={file}");
    }
    write_header(&root);
}

/// Writes the header if it has changed. A read-only source tree keeps its header.
fn write_header(root: &Path) {
    let config =
        cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml can be read");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in INTERFACE.iter().map(|file| root.join(file)) {
        builder = builder.with_src(file);
    }
    let mut header = Vec::new();
    builder.generate().expect("the C interface can be turned into a header").write(&mut header);
    let header = without_rust_sections(&String::from_utf8(header).expect("the header is UTF-8"));
    let path = root.join("include/sac.h");
    if fs::read_to_string(&path).ok().as_ref() != Some(&header)
        && let Err(error) = fs::write(&path, &header)
    {
        println!(
            "cargo:warning=include/sac.h differs from the sources and cannot be written: {error}"
        );
    }
}

/// Removes the `# Safety` section at the end of each comment. It is for readers of Rust; readers of
/// C find the same in the text before it.
fn without_rust_sections(header: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut skipping = false;
    for line in header.lines() {
        if line.trim() == "* # Safety" {
            skipping = true;
            if lines.last().is_some_and(|last| last.trim() == "*") {
                lines.pop();
            }
        }
        skipping &= line.trim() != "*/";
        if !skipping {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
}
