"""The Rust side: the settings that exist, and the C functions."""

from table import KINDS, MARK, resolve, sentence, wrap

RUST_TYPES = {
    "uint64_t": "u64", "uint32_t": "u32", "int32_t": "i32", "bool": "bool", "size_t": "usize",
    "const char *": "*const c_char", "const uint16_t *": "*const u16",
}
# What a variant of `Change` holds.
HELD = {
    "milliseconds": "(u64)", "deadline": "(u64)", "count": "(u32)", "bytes": "(u64)", "flag": "(bool)",
    "guard": "(bool)", "tls_version": "(i32)", "text": "(Option<String>)", "optional_path": "(Option<String>)",
    "optional_text": "(Option<String>)", "password": "(Option<Secret>)",
    "proxy": "(Option<Zeroizing<String>>)", "pem": "(Arc<[u8]>)", "pem_pair": "(Arc<[u8]>, SecretPem)",
    "backoff": " { base: u64, max: u64 }", "statuses": "(Arc<[u16]>)",
}
# The pattern for a kind of value in `apply`, and the arguments of `set_NAME`.
BOUND = {
    "backoff": ("{ base, max }", "*base, *max"), "statuses": ("(statuses)", "statuses"),
    "text": ("(value)", "value.as_deref()"), "optional_path": ("(value)", "value.as_deref()"),
    "optional_text": ("(value)", "value.as_deref()"),
    "proxy": ("(value)", "value.as_ref().map(|value| value.as_str())"),
    "pem_pair": ("(chain, key)", ""),
}


def variant(row):
    doc = wrap(f"{sentence(row.what)}", "    /// ")
    held = HELD[row.kind]
    if row.kind == "backoff":
        held = " {\n/// The upper end of the first wait, in milliseconds.\nbase: u64,\n" \
            "/// The upper end of any wait, in milliseconds.\nmax: u64,\n}"
    return f"{doc}    {row.change}{held},\n"


def place(row):
    if row.field.startswith("tls."):
        return f"Arc::make_mut(&mut self.tls).{row.field.removeprefix('tls.')}"
    return f"self.{row.field}"


def arm(row):
    pattern, argument = BOUND.get(row.kind, ("(value)", "*value"))
    if row.by_hand:
        return f"Change::{row.change}{pattern} => self.set_{row.name}({argument})?,\n"
    value = {
        "milliseconds": "duration_from_ms(*value)" if row.zero else "Duration::from_millis(*value)",
        "password": "value.clone()", "deadline": "duration_from_ms(*value)", "pem": "Some(value.clone().into())",
        "pem_pair": "Some((chain.clone(), key.clone()).into())",
    }.get(row.kind, argument)
    return f"Change::{row.change}{pattern} => {place(row)} = {value},\n"


def change(rows):
    rows = [row for row in rows if row.change]
    text = f"//! One setting with a new value, and its assignment to the settings.\n// {MARK}\n\n" \
        "use std::sync::Arc;\nuse std::time::Duration;\n\nuse zeroize::Zeroizing;\n\n" \
        "use crate::code::Error;\nuse crate::log::Secret;\n\nuse super::{SecretPem, Settings, duration_from_ms};\n\n" \
        "/// One setting with a new value. Times are in milliseconds, as in C.\n" \
        "#[derive(Debug, Clone)]\npub enum Change {\n"
    text += "".join(resolve(variant(row), rows, lambda row: f"`{row.name}`", lambda code: f"`{code}`") for row in rows)
    text += "}\n\nimpl Settings {\n    /// Gives one setting its new value.\n    ///\n    /// # Errors\n" \
        "    /// If the value is out of bounds; nothing changes.\n" \
        "    pub fn apply(&mut self, change: &Change) -> Result<(), Error> {\n        match change {\n"
    return text + "".join(map(arm, rows)) + "}\nOk(())\n}\n}\n"


def given(row):
    """The description of the parameter in C."""
    names = [f"`{name}`" for name, _ in row.parameters]
    unit = KINDS[row.kind][1]
    if row.kind == "statuses":
        return "`statuses`, `count`: the statuses, each from 100 to 599, copied; NULL with 0 for none; " \
            f"the default is {row.default_in('c')}."
    if row.kind == "rate":
        return "`requests`, `per_ms`: the number of requests, and the time for them in milliseconds; 0 requests " \
            f"{row.zero}, the default. `burst`: the number of requests that may go at once after a pause; " \
            "1 spaces all requests evenly. Calls that already wait keep their turn."
    if row.kind == "tls_version":
        return f"{names[0]}: `SAC_TLS_1_2`, the default, or `SAC_TLS_1_3`."
    if isinstance(row.value, list):
        return " ".join(f"{name}: {value}." for name, value in zip(names, row.value))
    parts = [part for part in (unit if row.kind != "text" or not row.value else None, row.value) if part]
    if row.nullable:
        parts.append(f"NULL {row.nullable}")
    if row.kind == "proxy":
        parts.append(f'`""` {row.zero}')
    elif row.default == 0 and row.default is not False:
        parts.append(f"0, the default, {row.zero}")
    elif row.kind in {"flag", "guard"}:
        parts += [f"the default is {row.default_in('c')}", f"false {row.zero}"]
    else:
        parts += [f"0 {row.zero}"] if row.zero else []
        if row.default is not None:
            default = row.default_in("c")
            parts.append(f"the defaults are {default}" if " and " in default else f"the default is {default}")
    return f"{', '.join(names)}: {'; '.join(parts)}."


def errors(row, handle):
    listed = ["`SAC_ERR_NULL_ARGUMENT`" + (f" (the {handle})" if row.nullable else "")]
    for error in row.errors:
        code, _, reason = error.partition(" ")
        listed.append(f"`SAC_ERR_{code.upper()}`" + (f" {reason}" if reason else ""))
    return f"Errors: {', '.join(listed)}."


def safety(row, handle):
    pointers = [f"`{name}`" for name, type_ in row.parameters if type_ == "const char *"]
    if row.kind == "statuses":
        return f"`{handle}` is a live {handle}, `statuses` points to `count` numbers; each may be NULL."
    if len(pointers) == 1:
        return f"`{handle}` is a live {handle}, {pointers[0]} a string; each may be NULL."
    if pointers:
        return f"`{handle}` is a live {handle}, {' and '.join(pointers)} are strings; each may be NULL."
    return f"`{handle}` is a live {handle} or NULL."


def new_value(row):
    """The change with the parameters, as an expression that may fail."""
    names = [name for name, _ in row.parameters]
    match row.kind:
        case "backoff":
            return f"Ok(Change::{row.change} {{ base, max }})"
        case "statuses":
            return "retry_statuses(statuses, count)"
        case "text" | "optional_text" | "optional_path":
            return f'Ok(Change::{row.change}(optional_str_arg({names[0]}, "{names[0]}")?.map(str::to_owned)))'
        case "password":
            return f'Ok(Change::{row.change}(optional_str_arg({names[0]}, "{names[0]}")?.map(Secret::from)))'
        case "proxy":
            owned = "map(|url| Zeroizing::new(url.to_owned()))"
            return f'Ok(Change::{row.change}(optional_str_arg({names[0]}, "{names[0]}")?.{owned}))'
    return f"Ok(Change::{row.change}({names[0]}))"


def method_call(row):
    names = [name for name, _ in row.parameters]
    texts = [f'str_arg({name}, "{name}")?' for name in names]
    arguments = {
        "path": texts, "path_pair": texts, "pem": [f"{texts[0]}.as_bytes()"],
        "pem_pair": [f"{texts[0]}.as_bytes()", f"SecretPem::new({texts[-1]}.as_bytes().to_vec())"],
        "rate": [*names, "shared_number"],
    }.get(row.kind, names)
    return f"client.{row.method}({', '.join(arguments)})"


def signature(function, handle, row):
    parameters = [f"{handle}: *mut sac_{handle}"]
    parameters += [f"{name}: {RUST_TYPES[type_]}" for name, type_ in row.parameters]
    return f"#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn {function}({', '.join(parameters)}) -> sac_code {{\n"


def for_c(text, rows):
    return resolve(text, rows, lambda row: f"`sac_set_{row.c}`", lambda code: f"`SAC_ERR_{code.upper()}`")


def client_function(row, rows):
    comment = wrap(for_c(" ".join([f"Sets {row.what}.", *row.more[:1]]), rows), "/// ")
    for paragraph in row.more[1:]:
        comment += "///\n" + wrap(for_c(paragraph, rows), "/// ")
    details = f"{given(row)} Any thread; running calls are not affected. {errors(row, 'client')}"
    comment += "///\n" + wrap(for_c(details, rows), "/// ")
    comment += "///\n/// # Safety\n" + wrap(safety(row, "client"), "/// ")
    body = f"change_client(client, |client| {method_call(row)})" if row.method else f"set(client, || {new_value(row)})"
    return f"{comment}{signature(f'sac_set_{row.c}', 'client', row)}" \
        f"    // SAFETY: the caller makes the same promise.\n    unsafe {{ {body} }}\n}}\n"


def request_function(row, rows):
    if row.client:
        comment = wrap(f"Like `sac_set_{row.c}`, but only for this request.", "/// ")
        details = f"One thread at a time. {errors(row, 'request')}"
    else:
        comment = wrap(for_c(" ".join([f"Sets {row.what}.", *row.more]), rows), "/// ")
        details = f"{given(row)} One thread at a time. {errors(row, 'request')}"
    comment += "///\n" + wrap(for_c(details, rows), "/// ")
    comment += "///\n/// # Safety\n" + wrap(safety(row, "request"), "/// ")
    value = new_value(row).removeprefix("Ok(").removesuffix(")") if new_value(row).startswith("Ok(") \
        else f"{new_value(row)}?"
    return f"{comment}{signature(f'sac_request_set_{row.c}', 'request', row)}" \
        "    // SAFETY: the caller makes the same promise.\n" \
        f"    unsafe {{ change(request, |request| request.change({value})) }}\n}}\n"


def client_functions(rows):
    body = "\n".join(client_function(row, rows) for row in rows if row.client)
    return f"//! The settings of a client.\n// {MARK}\n\nuse std::ffi::c_char;\n\nuse zeroize::Zeroizing;\n\n" \
        "use super::apply::{change_client, retry_statuses, set};\nuse super::guard::{optional_str_arg, str_arg};\n" \
        "use super::shared_atomic::shared_number;\nuse super::types::sac_client;\nuse crate::code::sac_code;\n" \
        "use crate::log::Secret;\n" \
        "use crate::settings::{Change, SecretPem};\n\n" + body


def request_functions(rows):
    body = "\n".join(request_function(row, rows) for row in rows if row.request)
    return f"//! The settings of a request.\n// {MARK}\n\n" \
        "use super::apply::retry_statuses;\nuse super::request::change;\nuse super::types::sac_request;\n" \
        "use crate::code::sac_code;\nuse crate::settings::Change;\n\n" + body


def files(rows):
    return {
        "src/settings/change.rs": change(rows),
        "src/ffi/setting.rs": client_functions(rows),
        "src/ffi/request_setting.rs": request_functions(rows),
    }
