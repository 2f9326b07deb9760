//! Examples: damaged texts and their repaired JSON, valid texts, and refused texts.

/// A name, a text, and its repaired JSON.
pub(super) type Case = (&'static str, &'static str, &'static str);

/// Valid texts, which stay unchanged.
pub(super) const UNCHANGED: &[(&str, &str)] = &[
    ("space around", "\n\t { \"open\" : [ ] }\r\n "),
    ("numbers", "[0,-0,7,-2.5E-3,1e0,3.00,9e999,123456789012345678901234567890]"),
    ("names", r#"{"x":1,"x":2,"":{"":0},"with space":[]}"#),
    ("escapes", r#"["\"\\\/\b\f\n\r\t\u00fc\uD83E\uDD80","\u0000\u0022"]"#),
    ("half a surrogate pair", r#"["\udead",true]"#),
    ("unusual characters", "[\"\u{2028}\u{2029}\u{ffff}\u{feff}\u{7f}\u{85}\u{200b}\"]"),
    ("JSON in a string", r#""[{\"id\":1},{\"id\":2}]""#),
    (
        "damage in strings",
        r#"{"a":",]}","b":"/* x */ # y","c":"'p' \"q\"","d":"None","e":"<html>"}"#,
    ),
    ("a scalar", "-0.5e+3"),
];

/// Whitespace, comments and separators.
pub(super) const SPACE: &[Case] = &[
    ("NULs at the end", "[1,2]\0\0\0", "[1,2]"),
    (
        "odd spaces",
        "\u{a0}[\u{3000}1\u{2003},\u{200b}2\u{2028},\u{c}\"\u{a0}\"\u{b}]\u{feff}",
        "[1,2,\"\u{a0}\"]",
    ),
    ("line comments", "# head\n[1, // one\n2 # two ]\n]\n// tail", "[1,2]"),
    ("block comments", "/* a */[/* , 0 */1/**/,/* ] */2/***/]", "[1,2]"),
    ("HTML comments", "<!-- a -->[1]<!-- b -->", "[1]"),
    ("no comments in strings", r#"["http://a/b#c","/* d */",]"#, r#"["http://a/b#c","/* d */"]"#),
    ("a comment mark that would hide the rest", "{\"a\":1,#\"b\":2}", r#"{"a":1,"b":2}"#),
    ("the same before the last newline", "{\"a\":1,#\"b\":2}\n", r#"{"a":1,"b":2}"#),
    ("trailing commas", "{\"a\":[1,2,],\"b\":{\"c\":3,},}", r#"{"a":[1,2],"b":{"c":3}}"#),
    ("extra commas", "{,\"a\":[,1,,2],,\"b\":3}", r#"{"a":[1,2],"b":3}"#),
    ("semicolons", "{\"a\":1;\"b\":[1;2]}", r#"{"a":1,"b":[1,2]}"#),
    (
        "missing commas",
        "{\"a\":1 \"b\":\"x\"\"c\":[true\n[2]{}\"y\"\"z\"]\"d\":null}",
        r#"{"a":1,"b":"x","c":[true,[2],{},"y","z"],"d":null}"#,
    ),
    ("numbers in a row", "[1 2 -3.5 true]", "[1,2,-3.5,true]"),
    (
        "elements in a row",
        r#"{"a":["x" "y z" "w" 1,[2 "v"],["u" [3] {"b":4} null]]}"#,
        r#"{"a":["x","y z","w",1,[2,"v"],["u",[3],{"b":4},null]]}"#,
    ),
    (
        "an ellipsis",
        r#"{"a":[...,1,"x",... ,2 ...],"b":{"c":"d", ...},...}"#,
        r#"{"a":[1,"x",2],"b":{"c":"d"}}"#,
    ),
    ("an ellipsis in a string", r#"["...","a ...",]"#, r#"["...","a ..."]"#),
    ("a comment that never ends", r#"{"a":["b",1 /* c ]}"#, r#"{"a":["b",1]}"#),
    ("a comment over the last bracket", r#"{"a":[1,"b" // c ]}"#, r#"{"a":[1,"b"]}"#),
    ("no comment, because it contains a name", r#"{"a":1,/*"b":2}"#, r#"{"a":1,"b":2}"#),
    (
        "missing colons",
        "{\"a\" 1,\"b\"\"x\",\"c\"[2],\"d\" true}",
        r#"{"a":1,"b":"x","c":[2],"d":true}"#,
    ),
    ("other colons", "{\"a\" => 1, \"b\" = 2, \"c\":: 3}", r#"{"a":1,"b":2,"c":3}"#),
    ("a stray colon", r#"{"a":"x":,"b":["y":,1]}"#, r#"{"a":"x","b":["y",1]}"#),
    ("a comma after a colon", r#"{"a":,1,"b":,"x","c":3}"#, r#"{"a":1,"b":"x","c":3}"#),
    ("missing values", r#"{"a":,"b":{"c":},"d":[1]}"#, r#"{"a":null,"b":{"c":null},"d":[1]}"#),
];

/// Strings, names, words and numbers.
pub(super) const VALUES: &[Case] = &[
    ("single quotes", r#"{'a':'b"c','d':['','e']}"#, r#"{"a":"b\"c","d":["","e"]}"#),
    ("apostrophes", r"{'a':'won\'t','b':'isn't','c':1}", r#"{"a":"won't","b":"isn't","c":1}"#),
    (
        "quotations in single quotes",
        "['he said 'no', then 'yes'','x']",
        r#"["he said 'no', then 'yes'","x"]"#,
    ),
    ("typographic quotes", "{“a”:“b”,‘c’:[‘d’],\"e\":\"“f”\"}", r#"{"a":"b","c":["d"],"e":"“f”"}"#),
    ("back quotes", "{`a`:`b`}", r#"{"a":"b"}"#),
    (
        "Python",
        r#"{'n': None, 'l': [True, False], 's': "it's", 'f': nan, 'i': -inf}"#,
        r#"{"n":null,"l":[true,false],"s":"it's","f":null,"i":null}"#,
    ),
    (
        "JavaScript",
        "{a:undefined,$b:NaN,_c:-Infinity,d:'e',}",
        r#"{"a":null,"$b":null,"_c":null,"d":"e"}"#,
    ),
    ("Ruby", "{:a=>nil, \"b\"=>[1]}", r#"{"a":null,"b":[1]}"#),
    (
        "bare names",
        "{ab:1,x-y:2,5:3,ö:4,true:5,a.b:6}",
        r#"{"ab":1,"x-y":2,"5":3,"ö":4,"true":5,"a.b":6}"#,
    ),
    (
        "bare words",
        "{\"a\":open,\"b\":[one,two words],\"c\":1}",
        r#"{"a":"open","b":["one","two words"],"c":1}"#,
    ),
    (
        "almost numbers",
        "[12:30,1.2.3,5kg,2020-01-02,10-20,0xFF,3 kg]",
        r#"["12:30","1.2.3","5kg","2020-01-02","10-20","0xFF","3 kg"]"#,
    ),
    (
        "almost keywords",
        "[trueish,nulls,NaN2,nonetheless]",
        r#"["trueish","nulls","NaN2","nonetheless"]"#,
    ),
    (
        "a bare address",
        "{\"a\":https://example.org/x?y=1#z,\"b\":2}",
        r#"{"a":"https://example.org/x?y=1#z","b":2}"#,
    ),
    ("a bare path", r"{p:C:\new\tab}", r#"{"p":"C:\\new\\tab"}"#),
    (
        "numbers of other languages",
        "[.5,5.,-.5,+7,+.5,5.e3,2e,-1.5E+]",
        "[0.5,5,-0.5,7,0.5,5e3,2,-1.5]",
    ),
    ("leading zeros", "[007,-01,00,0]", r#"["007","-01","00",0]"#),
    (
        "all digits",
        "[12345678901234567890123,-0.10000000000000000001,]",
        "[12345678901234567890123,-0.10000000000000000001]",
    ),
    (
        "raw control characters",
        "{\"a\tb\":\"1\n2\r3\u{1}\0\"}",
        r#"{"a\tb":"1\n2\r3\u0001\u0000"}"#,
    ),
    (
        "unknown escapes",
        r#"["\d\w\.","it\'s","\x41","\u12","\uGGGG"]"#,
        r#"["\\d\\w\\.","it's","\\x41","\\u12","\\uGGGG"]"#,
    ),
    (
        "half a pair, other damage",
        r#"["\ud83d!","\udc00","\ud83d\ude80",]"#,
        r#"["�!","�","\ud83d\ude80"]"#,
    ),
    (
        "half a pair far from the damage",
        r#"[{"a":"\udc00"},{"b":"c"},{"d":"e"},]"#,
        r#"[{"a":"�"},{"b":"c"},{"d":"e"}]"#,
    ),
];

/// Missing and extra quotes.
pub(super) const QUOTES: &[Case] = &[
    (
        "inner quotes",
        r#"{"a":"the "one" here","b":["a "b" c","d"],"c":1}"#,
        r#"{"a":"the \"one\" here","b":["a \"b\" c","d"],"c":1}"#,
    ),
    (
        "inner quotes before commas",
        r#"{"a":"say "x", "y" and z","b":1}"#,
        r#"{"a":"say \"x\", \"y\" and z","b":1}"#,
    ),
    (
        "inner quotes before a colon",
        r#"{"a":"cannot read "x": denied","b":1}"#,
        r#"{"a":"cannot read \"x\": denied","b":1}"#,
    ),
    (
        "an inner quote at the end",
        r#"{"a":"say "hi"","b":["say "ho""]}"#,
        r#"{"a":"say \"hi\"","b":["say \"ho\""]}"#,
    ),
    (
        "markup",
        r#"{"a":"<p id="x" class="y z">t</p>","b":1}"#,
        r#"{"a":"<p id=\"x\" class=\"y z\">t</p>","b":1}"#,
    ),
    ("end quote missing", r#"{"a":"one,"b":"two","c":3}"#, r#"{"a":"one","b":"two","c":3}"#),
    (
        "end quote missing before a bracket",
        r#"[{"a":"one},{"a":"two"}]"#,
        r#"[{"a":"one"},{"a":"two"}]"#,
    ),
    ("end quote missing in an array", r#"["one,"two","three"]"#, r#"["one","two","three"]"#),
    (
        "end quote missing at the end",
        r#"{"a":{"b":["c"]},"d":["two]}"#,
        r#"{"a":{"b":["c"]},"d":["two"]}"#,
    ),
    ("end quote missing on a line", "{\n  \"a\": \"one\n  \"b\": 2\n}", r#"{"a":"one","b":2}"#),
    (
        "end quote missing in a name",
        r#"{"a:1,"b":{"c:"d"},"e":[{"f:[2]}]}"#,
        r#"{"a":1,"b":{"c":"d"},"e":[{"f":[2]}]}"#,
    ),
    (
        "end quote escaped away",
        r#"{"a":"one\","b":"two","c":["x\","y"]}"#,
        r#"{"a":"one","b":"two","c":["x","y"]}"#,
    ),
    (
        "opening quote missing",
        r#"{"a":one, two","b":three","c":4}"#,
        r#"{"a":"one, two","b":"three","c":4}"#,
    ),
    ("opening quote missing in a name", r#"{a":1,b c":"x"}"#, r#"{"a":1,"b c":"x"}"#),
    ("one of two missing", r#"{"a":","b":1}"#, r#"{"a":"","b":1}"#),
    ("doubled quotes", r#"{""a":1,"b"":"x"","c":""y"}"#, r#"{"a":1,"b":"x","c":"\"y"}"#),
    ("a quote before a bracket", r#"{"a":"{"b":1},"c":2}"#, r#"{"a":{"b":1},"c":2}"#),
    ("a stray single quote", "{\"a\":'1,\n\"b\":\"it's\",'\"c\":2}", r#"{"a":1,"b":"it's","c":2}"#),
    (
        "a stray byte after a string",
        r#"{"a":"one"x,"b":["two"y,"three"]}"#,
        r#"{"a":"one","b":["two","three"]}"#,
    ),
    (
        "a byte instead of a comma",
        r#"{"a":"one"x"b":["two"y"three"]}"#,
        r#"{"a":"one","b":["two","three"]}"#,
    ),
    ("a byte instead of a colon", r#"{"a"x"one","b":1}"#, r#"{"a":"one","b":1}"#),
    ("a byte instead of a colon before a number", r#"{"a":"one","b"y1}"#, r#"{"a":"one","b":1}"#),
];

/// Brackets that are missing, extra or of the wrong kind.
pub(super) const BRACKETS: &[Case] = &[
    ("missing at the end", r#"{"a":[1,{"b":2"#, r#"{"a":[1,{"b":2}]}"#),
    (
        "missing between records",
        r#"{"r":[{"i":1,"x":2,{"i":2,"x":3}],"n":2}"#,
        r#"{"r":[{"i":1,"x":2},{"i":2,"x":3}],"n":2}"#,
    ),
    (
        "missing after records",
        r#"{"r":[{"i":1},{"i":2},"n":2}"#,
        r#"{"r":[{"i":1},{"i":2}],"n":2}"#,
    ),
    (
        "missing inside others",
        r#"{"a":{"b":[1,2},"c":[{"d":3]}"#,
        r#"{"a":{"b":[1,2]},"c":[{"d":3}]}"#,
    ),
    (
        "missing, found by the column",
        "{\n  \"a\": {\n    \"b\": 1,\n  \"c\": 2,\n  \"d\": {}\n}",
        r#"{"a":{"b":1},"c":2,"d":{}}"#,
    ),
    (
        "missing, found by the column of another",
        "{\n  \"a\": {\n    \"b\": {\n      \"c\": 1\n  },\n  \"d\": 2\n}",
        r#"{"a":{"b":{"c":1}},"d":2}"#,
    ),
    ("opening one missing", r#"{"a":"b":1,"c":2},"d":[3]}"#, r#"{"a":{"b":1,"c":2},"d":[3]}"#),
    (
        "opening one missing in an array",
        r#"[{"i":1},"i":2},{"i":3}]"#,
        r#"[{"i":1},{"i":2},{"i":3}]"#,
    ),
    ("array never opened", r#"{"a":"x","y"],"b":1}"#, r#"{"a":["x","y"],"b":1}"#),
    (
        "array of records never opened",
        r#"{"a":{"i":1},{"i":2}],"b":1}"#,
        r#"{"a":[{"i":1},{"i":2}],"b":1}"#,
    ),
    ("wrong one", r#"{"a":[1,2},"b":3}"#, r#"{"a":[1,2],"b":3}"#),
    ("surplus", r#"{"a":[1]]}}]"#, r#"{"a":[1]}"#),
    ("surplus inside", r#"{"a":{"b":1}},"c":2}"#, r#"{"a":{"b":1},"c":2}"#),
    (
        "surplus in a record",
        r#"{"r":[{"i":1,"s":{"x":2}},"n":3},{"i":2}]}"#,
        r#"{"r":[{"i":1,"s":{"x":2},"n":3},{"i":2}]}"#,
    ),
    ("surplus in an array of arrays", "[[1],[2]],[3]]", "[[1],[2],[3]]"),
    ("extra opening bracket", r#"{"a":1,{"b":2,"c":3}"#, r#"{"a":1,"b":2,"c":3}"#),
    (
        "a piece lost within a string",
        r#"{"r":[{"i":1,"s":{"k":"abcail":"x","n":2},{"i":2}]}"#,
        r#"{"r":[{"i":1,"s":{"k":null},"abcail":"x","n":2},{"i":2}]}"#,
    ),
];

/// Truncated texts: the repair adds no data.
pub(super) const TRUNCATED: &[Case] = &[
    ("in a string", r#"{"a":1,"b":"two and a"#, r#"{"a":1,"b":"two and a"}"#),
    ("in an escape", r#"["a\nb","c\"#, r#"["a\nb","c"]"#),
    ("in a code", r#"["d\u00e"#, r#"["d"]"#),
    ("in a pair", r#"["\ud83d\ude80","e\ud83d\u"#, r#"["\ud83d\ude80","e"]"#),
    ("in a name", r#"{"a":{"b":1},"na"#, r#"{"a":{"b":1}}"#),
    ("after a name", r#"{"a":1,"b""#, r#"{"a":1}"#),
    ("after a colon", r#"{"a":1,"b":"#, r#"{"a":1,"b":null}"#),
    ("after a comma", r#"[{"a":1},"#, r#"[{"a":1}]"#),
    ("in a keyword", r#"[null,{"a":fa"#, r#"[null,{"a":false}]"#),
    ("in a number", "[1,-2.", "[1,-2]"),
    ("at the beginning of a number", "[1,-", "[1,null]"),
    ("in a bare word", "{\"a\":runn", r#"{"a":"runn"}"#),
    ("in a comment", "[1,/* tw", "[1]"),
    ("in lines", "{\"a\":1}\n{\"b\":\"c", r#"[{"a":1},{"b":"c"}]"#),
    ("a scalar", "\"abc", r#""abc""#),
    ("nothing but the beginning", "[", "[]"),
];

/// Text around documents, and several documents.
pub(super) const AROUND: &[Case] = &[
    ("a call", "cb({\"a\":1});", r#"{"a":1}"#),
    ("a call of a method", " /* x */ $.a_1[0].cb ( [1] ) ;\n", "[1]"),
    ("a guarded call", "/**/ typeof cb === 'function' && cb({\"a\":[1,]});", r#"{"a":[1]}"#),
    ("another guarded call", "cb && cb([1])", "[1]"),
    ("a call with a string", "cb(\"x\")", "\"x\""),
    ("an assignment", "var a = {\"b\":1};", r#"{"b":1}"#),
    ("an assignment to a member", "window.a=[1]", "[1]"),
    ("a declared number", "const a = 5;", "5"),
    ("a module", "export default {a:1}", r#"{"a":1}"#),
    ("parentheses", "(({\"a\":1}))", r#"{"a":1}"#),
    ("a guard", ")]}',\n[1]", "[1]"),
    ("a short guard", ")]}'\n{\"a\":1}", r#"{"a":1}"#),
    ("an endless loop", "for (;;);[1]", "[1]"),
    ("another one", "while(1);{\"a\":1}", r#"{"a":1}"#),
    ("a throw", "throw 1; [1]", "[1]"),
    ("an empty object first", "{}&& [1]", "[1]"),
    ("a fence", "```json\n[1]\n```\n", "[1]"),
    ("a fence on one line", "```json {\"a\":[1]} ```", r#"{"a":[1]}"#),
    ("a fence inside braces", "{```\n{\"a\":1}\n```}", r#"{"a":1}"#),
    (
        "escaped as a whole",
        r#" {\"a\": \"b \\\"c\\\"\",\n\"d\": [\"\u00e9\"]}"#,
        r#"{"a":"b \"c\"","d":["é"]}"#,
    ),
    ("escaped as a whole, truncated", r#"{\"a\": [\"b"#, r#"{"a":["b"]}"#),
    ("one event", "data: {\"a\":1}\n\n", r#"{"a":1}"#),
    (
        "events",
        ": hi\nevent: x\ndata: {\"a\":\ndata: 1}\n\nid: 2\ndata:[2]\n\ndata: [DONE]\n\n",
        r#"[{"a":1},[2]]"#,
    ),
    (
        "an HTML notice",
        "<br />\n<b>Warning</b>: x in <b>/a.php</b> on line <b>3</b><br />\n{\"a\":1}",
        r#"{"a":1}"#,
    ),
    ("an HTML notice on the same line", "<b>Notice</b>: x<br />{\"a\":1}", r#"{"a":1}"#),
    ("a text notice", "PHP Notice: x in /a.php on line 3\n\n[{\"a\":1}]\n", r#"[{"a":1}]"#),
    ("header fields", "HTTP/1.1 200 OK\nServer: x\n\n{\"a\":1}", r#"{"a":1}"#),
    ("a comment at the end", "[1]\n<!-- 0.02 s -->", "[1]"),
    ("a text at the end", "{\"a\":1}\nWarning: [x] {y}", r#"{"a":1}"#),
    ("a digit at the end", "{\"a\":1}0", r#"{"a":1}"#),
    ("lines", "{\"a\":1}\n[2]\n\n{\"a\":3}\n", r#"[{"a":1},[2],{"a":3}]"#),
    ("a bad line", "{\"a\":1}\n%%% x\n{\"a\":3}\n", r#"[{"a":1},{"a":3}]"#),
    (
        "a line that is not closed",
        "{\"a\":{\"b\":1}\n{\"a\":{\"b\":2}}\n",
        r#"[{"a":{"b":1}},{"a":{"b":2}}]"#,
    ),
    ("concatenated", "{\"a\":1}{\"b\":2}", r#"[{"a":1},{"b":2}]"#),
    ("with commas", "{\"a\":1},\n{\"b\":2}", r#"[{"a":1},{"b":2}]"#),
    ("a sequence", "\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n", r#"[{"a":1},{"a":2}]"#),
    ("scalars on lines", "1\n\"b\"\nnull\n", r#"[1,"b",null]"#),
    ("a keyword", "None\n", "null"),
];

/// Texts that are not JSON, or whose repair would be a guess.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("nothing", ""),
    ("whitespace", "\u{feff} \r\n\t\u{a0}"),
    ("NULs", "\0\0\0\0"),
    ("a comment", "// {\"a\":1}"),
    ("a page", "<!DOCTYPE html>\n<html><body>{\"a\":1}</body></html>"),
    ("a page after a comment", "<!-- x -->\n<html>\n{\"a\":1}\n</html>"),
    ("a page after a notice", "<b>Warning</b>: x\n<html>\n{\"a\":1}"),
    ("XML", "<?xml version='1.0'?><a>[1]</a>"),
    ("an element", "<e:Envelope>{\"a\":1}</e:Envelope>"),
    ("a word", "pong"),
    ("a sentence", "No route [GET] for {path}"),
    ("a keyword and more", "null and void"),
    ("another language's keyword", "undefined"),
    ("a number and more", "404 Not Found"),
    ("a date", "2024-05-06"),
    ("leading zeros", "007"),
    ("a form", "a=1&b[]={2}&c={\"d\":3}"),
    ("an assignment of a form", "a={\"b\":1}&c=2"),
    ("settings", "[main]\nkey = value\n"),
    ("variables", "A=\"b\"\nC=\"d\"\n"),
    ("a log", "[2024-05-06 07:08:09] error: no\n"),
    ("a table", "a,b\n1,\"x\"\n2,\"[y]\"\n"),
    ("a quoted table", "\"a\",\"b\"\n1,2\n"),
    ("YAML", "a: 1\nb:\n[1, 2]\n"),
    ("a style sheet", "{ color }"),
    ("a template", "{name} is here"),
    ("a printed array", "Array\n(\n    [0] => 1\n)\n"),
    ("an apostrophe", "'tis nothing"),
    ("the beginning lost", "\"a\":1,\"b\":[2]}"),
    ("the beginning lost in a string", "lue\",\"b\":{\"c\":[1]}}"),
    ("the beginning lost, on lines", "lue\"\n  },\n  {\n    \"a\": 1\n  }\n]"),
    ("the beginning lost after a bracket", "}{\"a\":1}"),
];
