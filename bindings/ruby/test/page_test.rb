# frozen_string_literal: true

require_relative "helper"

class PageTest < SACTest
  # Three pages of two items. The header and the body name the next page.
  def serve_pages
    serve do |request|
      number = (request.path[/page=(\d)/, 1] || 1).to_i
      fields = number < 3 ? { "Link" => "</items?page=#{number + 1}>; rel=\"next\"" } : {}
      following = { "next" => ("/items?page=#{number + 1}" if number < 3), "number" => (number + 1 if number < 3) }
      Server.response({ items: [(2 * number) - 1, 2 * number], **following }, headers: fields)
    end
  end

  def items(pages)
    pages.flat_map { |page| page["items"] }
  end

  def test_the_link_header_names_the_next_page
    server = serve_pages
    assert_equal [1, 2, 3, 4, 5, 6], items(client_of(server).pages("/items", query: { size: 2 }, headers: { x: 1 }))
    assert_equal %w[/items?size=2 /items?page=2 /items?page=3], server.requests.map(&:path)
    assert_equal %w[1 1 1], server.requests.map { |request| request.headers["x"] }
    pages = client_of(server).pages("/items", query: { size: 2 })
    2.times { server.requests.clear && assert_equal(6, items(pages).size) }
    assert_equal "/items?size=2", server.requests.first.path
  end

  def test_a_block_names_the_next_page
    server = serve_pages
    assert_equal [1, 2, 3, 4, 5, 6], items(client_of(server).pages("/items") { |page| page["next"] })
    [{ query: { size: 2 } }, { params: [["size", 2]] }, { query: "size=2" }].each do |options|
      server.requests.clear
      pages = client_of(server).pages("/items", **options) { |page| page["number"] && { page: page["number"] } }
      assert_equal [1, 2, 3, 4, 5, 6], items(pages)
      assert_equal %w[/items?size=2 /items?size=2&page=2 /items?size=2&page=3], server.requests.map(&:path)
    end
  end

  def test_a_page_is_requested_on_demand
    on_both_paths do
      server = serve_pages
      pages = client_of(server).pages("/items")
      assert_empty server.requests
      assert_equal [1, 2, 3], pages.lazy.flat_map { |page| page["items"] }.first(3)
      assert_equal 2, server.requests.size
      assert_equal [1, 2], pages.next["items"]
    end
  end

  def test_a_page_that_names_itself_is_the_last
    server = serve { |request| Server.response({ cursor: 1 }, headers: { "Link" => "<#{request.path}>; rel=next" }) }
    client = client_of(server)
    followed = [client.pages("/items"), client.pages("/items") { "/items" },
                client.pages("/items") { |page| { c: page["cursor"] } }, client.pages("/items", query: { size: 2 }),
                client.pages("#{server.url}/items")]
    assert_equal [2, 1, 2, 2, 1], followed.map { |pages| pages.first(10).size }
  end

  def test_an_error_is_raised_and_no_page_of_another_origin_is_requested
    link = { "Link" => "</2>; rel=next" }
    failing = serve { |request| Server.response(status: request.path == "/" ? "200 OK" : "500 Oops", headers: link) }
    pages = client_of(failing).pages("/")
    assert_predicate pages.next, :ok?
    assert_raises(SAC::InternalServerError) { pages.next }
    other = serve
    astray = serve { Server.response(headers: { "Link" => "<#{other.url}/>; rel=next" }) }
    assert_raises(SAC::InvalidURL) { client_of(astray, bearer: "s3cret").pages("/").to_a }
    assert_empty other.requests
  end
end
