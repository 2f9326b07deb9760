# frozen_string_literal: true

require_relative "helper"

# The binding has everything that the header has.
class DeclarationTest < SACTest
  # Functions that the binding does not need: it uses `sac_send` instead of the one-line calls, a Cancel knows whether it
  # is triggered, and `sac_send_all` has its own threads, on which Ruby callbacks cannot run. Programs in Ruby read and write
  # the objects of its JSON library, not nodes and pointers. A Record outlives the event of the library, so it reads its JSON
  # with `sac_json_parse`, which has the same result as `sac_event_json`.
  REPLACED = %i[
    sac_get sac_get_binary sac_delete sac_post_json sac_put_json sac_patch_json sac_post_form sac_cancel_triggered
    sac_send_all sac_responses_free
    sac_event_json sac_json_find sac_json_first sac_json_next sac_json_uint64 sac_node_bool sac_node_double
    sac_node_int64 sac_node_length sac_node_name sac_node_string sac_node_text sac_node_type sac_node_uint64
    sac_request_json_bool sac_request_json_double sac_request_json_int64 sac_request_json_null sac_request_json_string
    sac_request_json_text sac_request_json_uint64
  ].freeze

  def test_the_generated_files_are_up_to_date
    header = File.expand_path("../../include/sac.h", ROOT)
    skip "sac.h is not here: this is only the gem" unless File.exist?(header)
    assert system(RbConfig.ruby, "#{ROOT}/tool/generate", "--check"), "run tool/generate"
  end

  def test_every_function_of_the_library_is_used
    sources = Dir["#{ROOT}/lib/**/*.rb"].reject { |file| file.end_with?("declarations.rb") }.map { |file| File.read(file) }.join
    named = sources.scan(/\bsac_[a-z0-9_]+\b/).map(&:to_sym)
    settings = SAC::Setting::ALL.values.flat_map { |setting| [setting.client_function, setting.request_function] }
    unused = SAC::Native::FUNCTIONS.map(&:first) - named - settings - REPLACED
    assert_empty unused, "functions of sac.h that the gem does not use"
  end

  def test_functions_that_may_wait_are_called_without_the_lock
    blocking = SAC::Native::FUNCTIONS.select(&:last).map(&:first)
    waiting = %i[sac_send sac_stream_open sac_stream_read sac_stream_next sac_set_ca_file sac_json_repair sac_json_parse]
    assert_empty waiting - blocking
  end

  def test_the_loaded_library_has_this_version
    assert_equal SAC::VERSION, SAC.library_version
  end
end
