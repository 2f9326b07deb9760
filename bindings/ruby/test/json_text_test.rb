# frozen_string_literal: true

require "bigdecimal"
require "date"
require "ostruct"
require "set"
require_relative "helper"

# The conversion of Ruby objects to JSON.
class JSONTextTest < SACTest
  class Money
    def initialize(cents) = @cents = cents
    def to_json(*) = %({"cents":#{@cents}})
  end

  class User
    def as_json(*) = { name: :ada, since: Time.utc(2026, 1, 2) }
  end

  def generated(value)
    JSON.parse(SAC::JSONText.generate([value])).first
  end

  def test_objects_are_converted_by_their_own_methods
    assert_equal({ "cents" => 5 }, generated(Money.new(5)))
    assert_equal({ "name" => "ada", "since" => "2026-01-02T00:00:00.000Z" }, generated(User.new))
    assert_equal [{ "a" => 1 }, { "a" => 1 }], [generated(Struct.new(:a).new(1)), generated(OpenStruct.new(a: 1))] # rubocop:disable Style/OpenStructUse
    assert_equal [[1, 2], [1, 2], [1]], [generated(Set[1, 2]), generated(1..2), generated([1].each)]
    assert_equal ["0.15e1", "1/2"], [generated(BigDecimal("1.5")), generated(Rational(1, 2))]
    assert_equal({ "1" => "x", "" => nil }, generated({ 1 => :x, nil => nil }))
    assert_equal %w[é é], [generated("\xE9".dup.force_encoding("ISO-8859-1")), generated("é".b)]
  end

  def test_times_are_in_iso8601
    assert_equal "2026-11-29T12:00:00.250+02:00", generated(Time.new(2026, 11, 29, 12, 0, 0.25r, "+02:00"))
    assert_equal "2026-11-29", generated(Date.new(2026, 11, 29))
    assert_equal "2026-11-29T12:00:00.000+00:00", generated(DateTime.new(2026, 11, 29, 12))
  end

  def test_the_error_for_an_object_without_json_names_its_class
    [Object.new, $stdout, StringIO.new, -> {}, Thread.current, Object, method(:puts)].each do |value|
      error = assert_raises(ArgumentError, value.class) { client_of(serve).post("/", json: { deep: [value] }) }
      assert_includes error.message, value.class.name
    end
    circle = []
    circle << circle
    assert_raises(ArgumentError) { SAC::JSONText.generate(circle) }
  end

  def test_nesting_may_be_deep
    deep = 1_000.times.reduce(1) { |inner, _| [inner] }
    assert_equal 2_001, SAC::JSONText.generate(deep).size
  end
end
