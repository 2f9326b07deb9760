# frozen_string_literal: true

# A client for one service. The rest of the program uses users and items, and needs no paths, tokens
# and JSON. Takes the base URL of the demo server.
require "sac"

# The arguments of `super` apply to every call.
class MyService < SAC::Client
  User = Struct.new(:id, :name, :active, keyword_init: true)

  class NoSuchUser < StandardError; end

  def initialize(base_url, token)
    super(base_url, bearer: token, user_agent: "my-service-client/1.0", timeout: 5)
  end

  def user(id)
    data = get!("/v1/users/#{Integer(id)}").data
    User.new(**data.slice("id", "name", "active").transform_keys(&:to_sym))
  rescue SAC::NotFound => e
    raise NoSuchUser, e.response.error
  end

  def set_quantity(item, quantity)
    patch!("/v1/items/#{Integer(item)}", json: { quantity: quantity })
  end

  # All items of all pages. `pages` follows the Link header field.
  def items(&block)
    return enum_for(:items) unless block

    pages("/v1/items").each { |page| page["items"].each(&block) }
  end
end

service = MyService.new(ARGV.fetch(0), "demo-token")

(3..6).each do |id|
  user = service.user(id)
  puts "User #{user.id} is #{user.name}#{' (inactive)' unless user.active}."
rescue MyService::NoSuchUser => e
  puts "User #{id} is not available: #{e.message}."
end

begin
  service.set_quantity(1, -1)
rescue SAC::StatusError => e
  puts "A quantity of -1: #{e.response.error}."
end

puts "The first items:"
service.items.first(3).each { |item| puts "  #{item['id']}: #{item['name']}" }
puts "#{service.items.count} items on all pages."
