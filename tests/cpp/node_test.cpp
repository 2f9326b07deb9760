#include "support.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <type_traits>
#include <unordered_map>
#include <vector>

#if __cplusplus >= 202002L
#include <ranges>
#endif

namespace {

template <class Object, class Key, class = void>
struct has_subscript : std::false_type {
};
template <class Object, class Key>
struct has_subscript<Object, Key,
                     decltype(void(std::declval<Object>()[std::declval<Key>()]))> : std::true_type {
};

using sac::Node;
using sac::Response;

static_assert(has_subscript<Response&, const char*>::value, "a response that stays has values");
static_assert(has_subscript<const Response&, int>::value, "reading does not change a response");
static_assert(!has_subscript<Response, const char*>::value, "a value would outlive its response");
static_assert(!has_subscript<Response, int>::value, "a value would outlive its response");
static_assert(!has_subscript<const Response, std::string>::value, "the same if it is const");
static_assert(has_subscript<const Node, std::size_t>::value, "a value may be a temporary object");
static_assert(!has_subscript<Node&, char>::value, "a character is no index");
static_assert(!has_subscript<Node&, bool>::value, "a boolean is no index");
static_assert(!has_subscript<Node&, double>::value, "a fraction is no index");
static_assert(!std::is_convertible<Node, bool>::value, "a value is not a condition");
static_assert(!std::is_constructible<bool, Node>::value, "`false` would be a true condition");
static_assert(std::is_trivially_copyable<Node>::value, "a node is cheap to copy");
static_assert(std::is_nothrow_default_constructible<Node::Iterator>::value, "for ranges");
static_assert(std::is_same<std::iterator_traits<Node::Iterator>::value_type, Node>::value,
              "algorithms accept the iterators");

#if defined(__cpp_lib_ranges)
static_assert(std::forward_iterator<Node::Iterator>);
static_assert(std::forward_iterator<sac::MemberList::Iterator>);
static_assert(std::ranges::view<Node> && std::ranges::borrowed_range<Node>);
static_assert(std::ranges::view<sac::MemberList>);
static_assert(std::ranges::forward_range<Node> && std::ranges::common_range<Node>);
static_assert(std::ranges::sized_range<Node> && std::ranges::sized_range<sac::MemberList>);
#endif

std::vector<std::string> names_of(const Node& object)
{
    std::vector<std::string> names;
    for (const sac::Member member : object.members())
        names.push_back(member.name);
    return names;
}

}  // namespace

TEST_CASE("members and elements are found one in the other")
{
    const Response response =
        response_with(R"({"items": [{"name": "Kettle", "sizes": [1, 2.5]}, {"name": "Pot"}]})");
    CHECK(response["items"][0]["name"].get<std::string>("") == "Kettle");
    CHECK(response["items"][1U]["name"].string() == "Pot");
    CHECK(response["items"][0]["sizes"][1].get<double>(0) == 2.5);
    CHECK(response["items"].type() == sac::JsonType::array);
    CHECK(response["items"].size() == 2);
    CHECK(response["items"][0].size() == 2);
    CHECK(response["items"][1].text() == R"({"name": "Pot"})");
    CHECK(response["items"].find("/0/sizes/0").get<int>(0) == 1);
    CHECK(response.find("/items/1/name").string() == "Pot");
    CHECK(response.root()["items"].exists());
    const Response list = response_with("[7, [8]]");
    CHECK(list[1][0].get<int>(0) == 8);
}

TEST_CASE("the elements of an array are a range")
{
    std::string json = "{\"items\": [";
    for (int i = 0; i < 1000; ++i)
        json += (i ? "," : "") + ("{\"id\": " + std::to_string(i)) + ", \"name\": \"n" +
                std::to_string(i) + "\", \"tags\": [\"[}\", {}]}";
    const Response response = response_with(json + "], \"more\": false}");
    REQUIRE(response);
    int count = 0;
    for (const Node item : response["items"]) {
        REQUIRE(item["id"].get<int>(-1) == count);
        REQUIRE(item["name"].string() == "n" + std::to_string(count));
        REQUIRE(item["tags"].size() == 2);
        REQUIRE_FALSE(item.name());
        ++count;
    }
    CHECK(count == 1000);
    CHECK(response["items"].size() == 1000);
    CHECK(response["items"][999]["id"].get<int>(0) == 999);
    const Node items = response["items"];
    CHECK(std::count_if(items.begin(), items.end(),
                        [](Node item) { return item["id"].get<int>(0) % 2 == 0; }) == 500);
    Node::Iterator at = items.begin();
    const Node::Iterator before = at++;
    CHECK((*before)["id"].get<int>(-1) == 0);
    CHECK((*at)["id"].get<int>(-1) == 1);
    CHECK(before == items.begin());
    CHECK(before != at);
}

TEST_CASE("the members of an object are a range, with decoded names")
{
    const Response response = response_with(
        R"({"a": 1, "na\u00efve": {"x": []}, "a": 2, "": null, "/~\"": "s", "n\u0000l": true})");
    REQUIRE(response);
    const std::vector<std::string> names = {"a", "na\xc3\xafve", "a", "", "/~\"",
                                            std::string("n\0l", 3)};
    CHECK(names_of(response.root()) == names);
    CHECK(response.root().members().size() == 6);
    const auto members = response.root().members();
    CHECK((*members.begin()).value.get<int>(0) == 1);
    std::size_t count = 0;
    for (const Node value : response.root())
        CHECK(value.name() == names.at(count++));
    CHECK(count == 6);
    // The last one counts, as for JSON pointers.
    CHECK(response["a"].get<int>(0) == 2);
    CHECK(response["na\xc3\xafve"]["x"].type() == sac::JsonType::array);
    CHECK(response[""].type() == sac::JsonType::null);
    CHECK(response["/~\""].string() == "s");
    CHECK(response[std::string("n\0l", 3)].get<bool>(false));
    CHECK_FALSE(response[std::string("n\0", 2)].exists());
    CHECK_FALSE(response["n"].exists());
}

TEST_CASE("empty containers and other values have no elements")
{
    const Response response = response_with(R"({"list": [], "object": {}, "text": "ab", "n": 1})");
    for (const char* name : {"list", "object", "text", "n", "none"}) {
        const Node node = response[name];
        CHECK(node.empty());
        CHECK(node.size() == 0);
        CHECK(node.begin() == node.end());
        CHECK(node.members().empty());
        CHECK(names_of(node).empty());
    }
    CHECK(response["list"].exists());
    CHECK_FALSE(response["none"].exists());
    const Response list = response_with("[1]");
    CHECK_FALSE(list.root().empty());
    CHECK(list.root().members().empty());
}

TEST_CASE("nothing is found in a missing value, and nothing throws")
{
    const Response response = response_with(R"({"a": {"3": "member"}, "b": ["element"]})");
    const Node missing = response["none"]["deeper"][3]["name"];
    CHECK_FALSE(missing.exists());
    CHECK(missing.type() == sac::JsonType::missing);
    CHECK_FALSE(missing.text());
    CHECK_FALSE(missing.string());
    CHECK_FALSE(missing.name());
    CHECK(missing.get<int>(7) == 7);
    CHECK_FALSE(missing.find("").exists());
    CHECK(missing.c_api() == 0);
    // An index is no name, and a name is no index.
    CHECK_FALSE(response["a"][3].exists());
    CHECK_FALSE(response["b"]["0"].exists());
    CHECK_FALSE(response["b"]["-"].exists());
    CHECK(response["a"]["3"].exists());
    CHECK_FALSE(response["b"][1].exists());
    CHECK_FALSE(response["b"][-1].exists());
    CHECK_FALSE(response["b"][std::numeric_limits<long long>::min()].exists());
    CHECK_FALSE(response["b"][std::numeric_limits<std::uint64_t>::max()].exists());
    CHECK_FALSE(response["\xff"].exists());
    CHECK_FALSE(response[static_cast<const char*>(nullptr)].exists());
    CHECK_FALSE(response.find("a").exists());
    CHECK_FALSE(response.find(static_cast<const char*>(nullptr)).exists());
}

TEST_CASE("the error of a value says what was expected")
{
    const Response response = response_with(R"({"n": 300, "list": [1, "2"]})");
    const auto text = response["n"].get<std::string>();
    CHECK(text.error().code() == sac::Code::not_json);
    CHECK(text.error().message() == std::string("expected string, but the value is a number"));
    CHECK(response["none"].get<int>().error().message() ==
          std::string("expected integer that fits, but the value is missing"));
    CHECK_FALSE(response["n"].get<signed char>());
    CHECK_FALSE(response["list"].get<std::vector<int>>());
    CHECK_THROWS_AS((void)response["list"][1].get<int>().or_throw(), sac::AnswerError);
    int out = 7;
    CHECK_FALSE(response["list"].get_to(out));
    CHECK(out == 7);
    CHECK(response["list"][0].get_to(out));
    CHECK(out == 1);
}

TEST_CASE("a value of a failed call has the error of the call")
{
    const Response response = sac::Client(unused_url()).get("/");
    CHECK(response["id"].get<int>().error().code() == sac::Code::connect);
    CHECK(response["error"].string() == response.error().message());
    CHECK_THROWS_AS((void)response["id"].get<int>().or_throw(), sac::NetworkError);

    const Response refused = Response::refused(sac::Error(sac::Code::file, "no \"a\\b\""));
    CHECK(refused["error"].string() == "no \"a\\b\"");
    CHECK(refused["id"]["deeper"].get<int>().error().code() == sac::Code::file);
    CHECK_THROWS_AS((void)refused[0].get<int>().or_throw(), sac::InputError);
    CHECK(names_of(refused.root()) == std::vector<std::string>{"error"});

    CHECK(Node().get<int>().error().code() == sac::Code::null_argument);
    CHECK_FALSE(Node()["a"][0].exists());
    CHECK(Node().begin() == Node().end());
}

TEST_CASE("a value is valid as long as its response, also after a move")
{
    Response first = response_with(R"({"a": "text", "b": [1]})");
    const Node a = first["a"];
    const sac::View text = a.string();
    const Response second = std::move(first);
    CHECK(a.string() == "text");
    CHECK(second["a"].string().data() == text.data());
    CHECK(a.get<sac::View>().or_throw().data() == text.data());
    CHECK_FALSE(first["a"].exists());
    Response refused = Response::refused(sac::Error(sac::Code::file));
    const Node missing = refused["a"];
    const Response moved = std::move(refused);
    CHECK(missing.get<int>().error().code() == sac::Code::file);
}

TEST_CASE("a node that C does not know is a missing value")
{
    const Response response = response_with("[[1], 2]");
    const Response other = response_with("[[1], 2]");
    const Node list = response[0];
    CHECK(Node(response.c_api(), list.c_api())[0].get<int>(0) == 1);
    CHECK(list.c_response() == response.c_api());
    for (const sac_node number : {sac_node(0), sac_node(1), list.c_api() + 1, other[0].c_api()}) {
        const Node node(response.c_api(), number);
        CHECK_FALSE(node.exists());
        CHECK_FALSE(node.find("").exists());
        CHECK_FALSE(node[0].exists());
        CHECK(node.begin() == node.end());
        CHECK(node.get<int>(7) == 7);
    }
    CHECK_FALSE(Node(nullptr, list.c_api()).exists());
}

TEST_CASE("objects become maps, and parts of a response stay parts")
{
    const Response response =
        response_with(R"({"stock": {"pot": 2, "k\u00e9ttle": 3, "pot": 4}, "tags": ["a", "b"]})");
    using Stock = std::map<std::string, int>;
    CHECK(response.get<Stock>("/stock").or_throw() == Stock{{"k\xc3\xa9ttle", 3}, {"pot", 4}});
    using Hashed = std::unordered_map<std::string, unsigned>;
    CHECK(response["stock"].get<Hashed>().or_throw().at("pot") == 4);
    CHECK_FALSE(response.get<Stock>("/tags"));
    const Response mixed = response_with(R"([{"a": "x", "a": 1}, {"a": 1, "a": "x"}])");
    CHECK(mixed.get<Stock>("/0").or_throw() == Stock{{"a", 1}});
    CHECK_FALSE(mixed.get<Stock>("/1"));
    CHECK_FALSE((response.get<std::map<std::string, std::string>>("/stock")));
    const auto all = response.get<std::map<std::string, Node>>().or_throw();
    CHECK(all.at("tags")[1].string() == "b");
    const auto tags = response["tags"].get<std::vector<sac::View>>().or_throw();
    CHECK(tags.at(0).data() == response["tags"][0].string().data());
    CHECK_FALSE(response.get<Node>("/none"));
}

TEST_CASE("any text is read like the body of a response")
{
    Server server({Server::reply("200 OK", "{}")});
    const sac::Client client(server.url());
    const Response response = client.get("/");
    const Response journal = sac::json_parse(response.journal());
    REQUIRE(journal);
    CHECK(journal.status() == 0);
    CHECK(journal.root().size() == 1);
    CHECK(journal[0]["status"].get<int>(0) == 200);
    const Response stats = sac::json_parse(client.stats().or_throw());
    CHECK(stats.root().type() == sac::JsonType::object);
    CHECK(sac::json_parse("{'a': 1,}").json_state() == sac::JsonState::repaired);
    CHECK(sac::json_parse(std::string("[1]\0\0", 5)).json() == "[1]");
    const Response html = sac::json_parse("<html></html>");
    CHECK(html.code() == sac::Code::not_json);
    CHECK(html["a"].get<int>().error().code() == sac::Code::not_json);
    CHECK(html["a"].get<int>().error().message() == std::string(html.error().message()));
    CHECK(sac::json_parse(response.body()).type("") == sac::JsonType::object);
}

#if __cplusplus >= 201703L

TEST_CASE("members can be unpacked, and strings viewed without a copy")
{
    const Response response = response_with(R"({"a": "x", "b": "y"})");
    std::string all;
    for (const auto& [name, value] : response.root().members())
        all += name.str() + value.get<std::string>("?");
    CHECK(all == "axby");
    const std::string_view text = response["a"].get<std::string_view>().or_throw();
    CHECK(text.data() == response["a"].string().data());
    CHECK(response[std::string_view("bc").substr(0, 1)].string() == "y");
    CHECK(response["none"].get<std::optional<int>>().or_throw() == std::nullopt);
    CHECK_FALSE(response["a"].get<std::optional<int>>());
    CHECK_FALSE(Node().get<std::optional<int>>());
}

#endif

// Clang 15 and earlier cannot compile the views of libstdc++.
#if defined(__cpp_lib_ranges) && (!defined(__clang__) || __clang_major__ >= 16)

TEST_CASE("values are views of C++20")
{
    const Response response = response_with(R"([{"id": 1}, {"id": 2}, {"id": 3}])");
    auto odd = response.root() | std::views::filter([](Node item) {
                   return item["id"].get<int>(0) % 2 == 1;
               });
    CHECK(std::ranges::distance(odd) == 2);
    auto ids = response.root() | std::views::drop(1) |
               std::views::transform([](Node item) { return item["id"].get<int>(0); });
    CHECK(std::ranges::equal(ids, std::vector<int>{2, 3}));
    const auto found = std::ranges::find_if(
        response.root(), [](Node item) { return item["id"].get<int>(0) == 2; });
    CHECK((*found).text() == R"({"id": 2})");
}

#endif
