"""The C test of every setting with NULL and with the largest values."""

from table import MARK

LARGEST = {"uint64_t": "UINT64_MAX", "uint32_t": "UINT32_MAX", "bool": "true"}
FILLER = {"int32_t": "SAC_TLS_1_3", "const char *": '"x"', "const uint16_t *": "NULL", "size_t": "0"}


def arguments(row):
    return ", ".join(LARGEST.get(type_) or FILLER[type_] for _, type_ in row.parameters)


def null_handle(row, handle):
    function = f"sac_set_{row.c}" if handle == "client" else f"sac_request_set_{row.c}"
    return f"    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, {function}(NULL, {arguments(row)}));\n"


def null_value(row):
    """NULL instead of each pointer, if NULL is not a valid value."""
    if row.nullable or not any(type_ == "const char *" for _, type_ in row.parameters):
        return ""
    lines = ""
    for missing, _ in row.parameters:
        given = ", ".join("NULL" if name == missing else '"x"' for name, _ in row.parameters)
        lines += f"    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_{row.c}(client, {given}));\n"
        given = ", ".join("BAD_UTF8" if name == missing else '"x"' for name, _ in row.parameters)
        lines += f"    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_{row.c}(client, {given}));\n"
    return lines


def largest(row, handle):
    function = f"sac_set_{row.c}" if handle == "client" else f"sac_request_set_{row.c}"
    if any(type_ not in LARGEST for _, type_ in row.parameters):
        return ""
    line = f"    CHECK_CODE(SAC_OK, {function}({handle}, {arguments(row)}));\n"
    return line + (line.replace("true", "false") if row.kind in {"flag", "guard"} else "")


def test(rows):
    client, request = [row for row in rows if row.client], [row for row in rows if row.request]
    return f"/* Every setting refuses a NULL handle, accepts NULL as a value only if documented, and accepts the\n" \
        f" * largest number. {MARK} */\n#include \"check.h\"\n\n" \
        "static void check_null_handles(void)\n{\n" + "".join(null_handle(row, "client") for row in client) \
        + "".join(null_handle(row, "request") for row in request) + "}\n\n" \
        "static void check_null_values(sac_client *client)\n{\n" + "".join(map(null_value, client)) + "}\n\n" \
        "static void check_largest(sac_client *client, sac_request *request)\n{\n" \
        + "".join(largest(row, "client") for row in client) + "".join(largest(row, "request") for row in request) + "}\n\n" \
        "int main(int argc, char **argv)\n{\n    sac_client *client = new_client(base_url_of(argc, argv));\n" \
        "    sac_request *request = new_request(\"GET\", \"/v1/items/1\");\n    check_null_handles();\n" \
        "    check_null_values(client);\n    check_largest(client, request);\n    sac_request_free(request);\n" \
        "    sac_client_free(client);\n    return check_result();\n}\n"


def files(rows):
    return {"tests/c/every_setting.c": test(rows)}
