# frozen_string_literal: true

# The declarations of include/sac.h. It reads the regular C that cbindgen writes, and fails for anything unknown, so
# that no declaration is missed.
class Header
  Constant = Struct.new(:name, :value, :doc)
  Function = Struct.new(:name, :parameters, :result, :blocking)
  Callback = Struct.new(:name, :parameters, :result)

  # The ffi gem's names for the types of C.
  TYPES = {
    "void" => :void, "bool" => :bool, "double" => :double, "int32_t" => :int32, "uint16_t" => :uint16,
    "uint32_t" => :uint32, "int64_t" => :int64, "uint64_t" => :uint64, "size_t" => :size_t,
    "const char *" => :string
  }.freeze

  attr_reader :constants, :functions, :callbacks, :response_fields, :event_fields

  def initialize(path)
    text = File.read(path, encoding: "UTF-8")
    @constants = read_constants(text)
    code = text.gsub(%r{/\*.*?\*/}m, "").gsub(/^\s*#.*$/, "").gsub(%r{//.*$}, "").gsub(/\s+/, " ")
    @numbers = code.scan(/typedef (int32_t|size_t) (\w+);/).to_h(&:reverse)
    @callbacks = read_callbacks(code)
    @response_fields = read_fields(code, "sac_response")
    @event_fields = read_fields(code, "sac_event")
    @functions = read_functions(code)
  end

  # The constants with a prefix, without the prefix.
  def constants_of(prefix)
    constants.filter_map do |constant|
      next unless constant.name.start_with?(prefix)

      Constant.new(constant.name.delete_prefix(prefix), constant.value, constant.doc)
    end
  end

  def version
    %w[MAJOR MINOR PATCH].map { |part| constants_of("SAC_VERSION_#{part}").first.value }.join(".")
  end

  private

  def read_constants(text)
    text.scan(%r{/\*\*\n((?: \*(?!/).*\n)+) \*/\n#define (\w+) (\d+)$}).map do |comment, name, value|
      Constant.new(name, Integer(value), comment.lines.map { |line| line.sub(/^ \* ?/, "").strip }.join(" "))
    end
  end

  def read_callbacks(code)
    code.scan(/typedef ([\w *]+?)\(\*(\w+)\)\(([^)]*)\);/).map do |result, name, parameters|
      Callback.new(name.to_sym, types_of(parameters), type_of(result))
    end
  end

  def read_fields(code, struct)
    body = code[/struct #{struct} \{(.*?)\}/, 1] or raise "no struct #{struct}"
    body.split(";").map(&:strip).reject(&:empty?).map do |field|
      name = field[/\w+\z/]
      type = type_of(field.delete_suffix(name))
      # Read as a pointer and a length, because the bytes may contain NULs.
      [name.to_sym, type == :string ? :pointer : type]
    end
  end

  def read_functions(code)
    code.scan(/(?<=[;{}"]) ((?:const )?(?:struct )?\w+ \**)(sac_\w+)\(([^)]*)\)(?=;)/).map do |result, name, parameters|
      blocking = blocks?(name, result, parameters)
      Function.new(name.to_sym, types_of(parameters), result_of(result, parameters), blocking)
    end
  end

  def types_of(parameters)
    return [] if parameters.strip == "void"

    # A text with a length may contain NULs, which the ffi gem refuses in a string.
    parameters = parameters.sub("const char *text, size_t len", "const void *text, size_t len")
    parameters.split(",").map { |parameter| type_of(parameter.strip.sub(/\w+\z/, "")) }
  end

  # A string with a length may contain NULs, at which the ffi gem would end it.
  def result_of(result, parameters)
    type = type_of(result)
    type == :string && parameters.include?("size_t *len") ? :pointer : type
  end

  # A function that sends or reads a stream may wait for the network, and one that reads a file into a client for the disk.
  # A text may have any length. A request only stores the path of a file. The head of a stream is there.
  def blocks?(name, result, parameters)
    return name != "sac_stream_head" if result.include?("struct sac_response *")

    name.match?(/\Asac_stream_(open|read|next)\z/) ||
      (!name.start_with?("sac_request_") && parameters.match?(/\bconst char \*(\w+_path|text)\b/))
  end

  def type_of(declared)
    declared = declared.strip
    return TYPES.fetch(declared) if TYPES.key?(declared)
    return TYPES.fetch(@numbers[declared]) if @numbers.key?(declared)
    return :pointer if declared.end_with?("*") || @callbacks&.any? { |callback| callback.name == declared.to_sym }

    raise "unknown type: #{declared.inspect}"
  end
end
