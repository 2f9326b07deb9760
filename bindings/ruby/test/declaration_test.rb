# frozen_string_literal: true

require_relative "helper"

# What the header has, the binding has.
class DeclarationTest < SACTest
  # Others do the same, and more: `sac_send` for the calls of one line; nobody asks a cancel for what
  # the object in Ruby knows; `sac_send_all` has threads of its own, on which no callback of Ruby's
  # could run.
  DONE_OTHERWISE = %i[
    sac_get sac_get_binary sac_delete sac_post_json sac_put_json sac_patch_json sac_post_form sac_cancel_triggered
    sac_send_all sac_responses_free
  ].freeze

  def test_what_is_generated_is_up_to_date
    header = File.expand_path("../../include/sac.h", ROOT)
    skip "the header is not here: this is the gem alone" unless File.exist?(header)
    assert system(RbConfig.ruby, "#{ROOT}/tool/generate", "--check"), "run tool/generate"
  end

  def test_every_function_of_the_library_is_used
    sources = Dir["#{ROOT}/lib/**/*.rb"].reject { |file| file.end_with?("declarations.rb") }.map { |file| File.read(file) }.join
    named = sources.scan(/\bsac_[a-z0-9_]+\b/).map(&:to_sym)
    settings = SAC::Setting::ALL.values.flat_map { |setting| [setting.client_function, setting.request_function] }
    unused = SAC::Native::FUNCTIONS.map(&:first) - named - settings - DONE_OTHERWISE
    assert_empty unused, "functions of sac.h that nothing in Ruby reaches"
  end

  def test_whatever_may_wait_is_called_without_the_lock
    blocking = SAC::Native::FUNCTIONS.select(&:last).map(&:first)
    assert_empty %i[sac_send sac_set_ca_file sac_json_repair] - blocking
  end

  def test_the_library_that_is_loaded_is_of_this_version
    assert_equal SAC::VERSION, SAC.library_version
  end
end
