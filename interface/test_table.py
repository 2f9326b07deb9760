"""A bad row is refused with a line that says what is wrong."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import table

GOOD = {"name": "compression", "kind": "flag", "parameter": "on", "for": ["client"], "default": True, "zero": "stops it",
        "what": "whether", "since": "0.2.0"}


def row(**changes):
    return table.Row({**GOOD, **changes})


class BadRow(unittest.TestCase):
    def refused(self, says, **changes):
        with self.assertRaisesRegex(ValueError, says):
            row(**changes)

    def test_an_unknown_member_is_named(self):
        self.refused("compression: unknown .'defualt'.", defualt=1)

    def test_a_missing_member_is_named(self):
        with self.assertRaisesRegex(ValueError, "missing .'what'"):
            table.Row({key: value for key, value in GOOD.items() if key != "what"})

    def test_an_unknown_kind_is_named(self):
        self.refused("no kind 'colour'", kind="colour")

    def test_an_unknown_handle_is_refused(self):
        self.refused("'for' is a list", **{"for": ["server"]})

    def test_a_number_needs_a_name_for_its_parameter(self):
        self.refused("needs the name of its parameter", parameter=None)

    def test_a_flag_says_what_false_does(self):
        self.refused("in 'zero' what false does", zero=None)

    def test_a_default_is_of_the_kind(self):
        self.refused("1 is no default of a flag", default=1)

    def test_what_a_language_cannot_give_to_a_request_is_refused(self):
        self.refused("to a request yet", kind="proxy", **{"for": ["request"]})

    def test_what_is_more_than_a_value_needs_a_method(self):
        self.refused("needs a method", kind="path", default=None)

    def test_each_parameter_has_its_own_name(self):
        self.refused("needs the name", kind="pem_pair", default=None, method="set")

    def test_a_text_may_not_name_a_code_that_is_not_there(self):
        with self.assertRaisesRegex(ValueError, "no code 'nonsense'"):
            table.resolve("ends with {code:nonsense}", [], str, str)

    def test_a_text_may_not_name_a_setting_that_is_not_there(self):
        with self.assertRaisesRegex(ValueError, "no setting 'nothing'"):
            table.resolve("see {setting:nothing}", table.load(), str, str)


class Names(unittest.TestCase):
    def test_code_stays_on_one_line(self):
        lines = table.wrap("says `Accept-Encoding: identity` to the server", "// ", 28).splitlines()
        self.assertEqual([line.count("`") % 2 for line in lines], [0] * len(lines))

    def test_times_say_their_unit_in_c_alone(self):
        setting = row(name="read_timeout", kind="milliseconds", default=0)
        self.assertEqual((setting.c, setting.cpp, setting.ruby), ("read_timeout_ms", "ReadTimeout", "read_timeout"))

    def test_a_default_is_written_as_each_language_writes_times(self):
        setting = row(kind="milliseconds", default=1500)
        self.assertEqual([setting.default_in(name) for name in ("c", "go", "ruby")], ["1500", "1500 ms", "1.5"])


if __name__ == "__main__":
    unittest.main()
