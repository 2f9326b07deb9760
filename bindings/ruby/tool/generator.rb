# frozen_string_literal: true

# Generates the files that depend on the header.
class Generator
  # Codes whose error class has "Error" in its name, because the plain name is unclear or a class of Ruby.
  NAMED_ERROR = %w[FILE CERTIFICATE RESOLVE CONNECT TLS PROXY PROTOCOL REDIRECT STATUS INTERNAL].freeze
  ACRONYMS = %w[JSON TLS URL UTF8].freeze
  # The codes of the header are in groups of twenty.
  GROUPS = %w[InputError NetworkError AnswerError ControlError].freeze
  NOTICE = "# Generated from include/sac.h by tool/generate. Do not edit.\n"

  def initialize(header)
    @header = header
    @codes = header.constants_of("SAC_ERR_")
  end

  # The text of each file, by its path.
  def files
    {
      "lib/sac/version.rb" => version,
      "lib/sac/codes.rb" => codes,
      "lib/sac/native/declarations.rb" => declarations,
      "sig/sac/codes.rbs" => signatures
    }
  end

  private

  def ruby(body)
    "# frozen_string_literal: true\n\n#{NOTICE}module SAC\n#{body.gsub(/^(?=.)/, '  ')}end\n"
  end

  def version
    ruby("# The version of the library that this gem was made for.\nVERSION = #{@header.version.inspect}\n")
  end

  def codes
    tables = [
      table("CODES", "The codes by their numbers.", [["OK", 0]] + pairs("SAC_ERR_")),
      table("JSON_STATES", "How a response's JSON relates to its body.", pairs("SAC_JSON_", except: "TYPE_")),
      table("JSON_TYPES", "The types of JSON values.", pairs("SAC_JSON_TYPE_")),
      table("DIGESTS", "The digests of signed cookies.", pairs("SAC_DIGEST_"), by_name: true),
      table("LOG_LEVELS", "The levels of log messages, the most urgent first.", pairs("SAC_LOG_"), by_name: true),
      table("TLS_VERSIONS", "The versions of TLS that may be the oldest accepted.", pairs("SAC_TLS_"), by_name: true),
      table("RECORDS", "How a stream splits a body into records; `auto` is by its media type.", pairs("SAC_RECORDS_"),
            by_name: true)
    ]
    ruby([*tables, *@codes.map { |code| error_class(code) }, error_table].join("\n"))
  end

  def pairs(prefix, except: nil)
    @header.constants_of(prefix).map { |constant| [constant.name, constant.value] }
           .reject { |name, _| except && name.start_with?(except) }
  end

  def table(name, doc, pairs, by_name: false)
    entries = pairs.map do |key, value|
      key = key.match?(/\A\d/) ? key.tr("_", ".").inspect : ":#{key.downcase}"
      by_name ? "  #{key} => #{value}" : "  #{value} => #{key}"
    end
    "# #{doc}\n#{name} = {\n#{entries.join(",\n").gsub(/^  :(\w+) => /, '  \1: ')}\n}.freeze\n"
  end

  def error_class(code)
    "# #{code.doc}\nclass #{class_name(code)} < #{group(code)}; end\n"
  end

  def error_table
    entries = @codes.map { |code| "  #{code.name.downcase}: #{class_name(code)}" }
    "# The class of error that stands for each code.\nERRORS = {\n#{entries.join(",\n")}\n}.freeze\n"
  end

  def class_name(code)
    name = code.name.split("_").map { |word| ACRONYMS.include?(word) ? word : word.capitalize }.join
    NAMED_ERROR.include?(code.name) ? "#{name}Error" : name
  end

  def group(code)
    GROUPS.fetch(code.value / 20)
  end

  def declarations
    ruby(<<~RUBY)
      module Native
        # Functions: name, parameters, result, and whether a call may take long.
        FUNCTIONS = [
      #{@header.functions.map { |function| "    #{function_entry(function)}" }.join(",\n")}
        ].freeze

        # Types of callbacks: parameters and result.
        CALLBACKS = {
      #{@header.callbacks.map { |callback| "    #{callback.name}: [#{symbols(callback.parameters)}, #{callback.result.inspect}]" }.join(",\n")}
        }.freeze

        # The fields of a response, in their order.
        RESPONSE_FIELDS = {
      #{fields(@header.response_fields)}
        }.freeze

        # The fields of a record of a stream, in their order.
        EVENT_FIELDS = {
      #{fields(@header.event_fields)}
        }.freeze
      end
    RUBY
  end

  def fields(list)
    list.map { |name, type| "    #{name}: #{type.inspect}" }.join(",\n")
  end

  def function_entry(function)
    "[#{function.name.inspect}, #{symbols(function.parameters)}, #{function.result.inspect}, #{function.blocking}]"
  end

  def symbols(types)
    types.empty? ? "[]" : "%i[#{types.join(' ')}]"
  end

  def signatures
    tables = {
      "CODES" => "Hash[Integer, Symbol]", "JSON_STATES" => "Hash[Integer, Symbol]",
      "JSON_TYPES" => "Hash[Integer, Symbol]", "DIGESTS" => "Hash[Symbol, Integer]",
      "LOG_LEVELS" => "Hash[Symbol, Integer]", "TLS_VERSIONS" => "Hash[String, Integer]",
      "RECORDS" => "Hash[Symbol, Integer]",
      "ERRORS" => "Hash[Symbol, singleton(Error)]", "VERSION" => "String"
    }
    lines = tables.map { |name, type| "  #{name}: #{type}" }
    lines += @codes.flat_map { |code| ["", "  class #{class_name(code)} < #{group(code)}", "  end"] }
    "#{NOTICE}module SAC\n#{lines.join("\n")}\nend\n"
  end
end
