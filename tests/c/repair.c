/* Repair of JSON from any source. Well-formed JSON stays unchanged. */
#include "check.h"

static void check_bad_input(void)
{
    char *text = (char *)&text;
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_json_repair(NULL, 1, &text));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_json_repair("{}", 2, NULL));
    CHECK_CODE(SAC_ERR_NOT_JSON, sac_json_repair(NULL, 0, &text));
    CHECK_CODE(SAC_ERR_NOT_JSON, sac_json_repair("<html>", 6, &text));
    CHECK(text == (char *)&text);
}

static void check_repair(void)
{
    static const char damaged[] = "{'a': [1, 2,], b: True";
    static const char exact[] = " {\"a\": 1.10}";
    char *text = NULL;
    CHECK_CODE(SAC_OK, sac_json_repair(damaged, sizeof damaged - 1, &text));
    CHECK(text && strstr(text, "\"a\"") && strstr(text, "true"));
    sac_string_free(text);
    CHECK_CODE(SAC_OK, sac_json_repair(exact, sizeof exact - 1, &text));
    CHECK_TEXT(exact, text);
    sac_string_free(text);
}

int main(void)
{
    check_bad_input();
    check_repair();
    return check_result();
}
