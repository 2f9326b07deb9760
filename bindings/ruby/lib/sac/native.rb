# frozen_string_literal: true

require_relative "native/declarations"

module SAC
  # The functions of sac.h, with the same names.
  #
  # The environment variable `SAC_LIBRARY` can contain the path of the library. Otherwise the loader searches
  # for `libsac.so.0`.
  #
  # @api private
  module Native
    extend FFI::Library

    begin
      ffi_lib [ENV.fetch("SAC_LIBRARY", nil), "libsac.so.0"].compact.first
    rescue LoadError => e
      raise LoadError, "libsac cannot be loaded: #{e.message.lines.first.chomp}. Install the package libsac0, " \
                       "or set SAC_LIBRARY to the path of libsac.so.0"
    end

    CALLBACKS.each { |name, (parameters, result)| callback(name, parameters, result) }

    # Functions that may take long are called without the interpreter's lock, so that other threads run.
    FUNCTIONS.each do |name, parameters, result, blocking|
      attach_function(name, parameters, result, blocking: blocking)
    end

    # `sac_response_free` and `sac_stream_free` for an address. The type `size_t` is as wide as a pointer.
    attach_function :free_response_at, :sac_response_free, [:size_t], :void
    attach_function :free_stream_at, :sac_stream_free, [:size_t], :void

    # The code for a text with a NUL, which C cannot represent, by a part of the function's name.
    WITH_NUL = { "header" => :invalid_header, "bearer" => :invalid_header, "event_id" => :invalid_header,
                 "cookie" => :invalid_cookie, "json" => :invalid_json, "file" => :file, "proxy" => :invalid_url,
                 "client_new" => :invalid_url, "path_of" => :invalid_url, "request_new" => :invalid_path }.freeze
    private_constant :WITH_NUL

    class << self
      # Calls a function. For a text with a NUL, it returns the code that the library has for other invalid texts.
      #
      # @return [Integer] the function's code
      def call(function, *arguments)
        public_send(function, *arguments)
      rescue ArgumentError => e
        code_for_nul(e, function, *arguments)
      end

      # The code for an error of FFI, if the reason is a text with a NUL.
      #
      # @return [Integer]
      # @raise [ArgumentError] for any other reason
      def code_for_nul(error, function, *arguments)
        raise error unless error.message.include?("null byte")

        code = WITH_NUL.find { |part, _| function.to_s.include?(part) }&.last || :invalid_argument
        code = :invalid_method if function == :sac_request_new && arguments.first.include?("\0")
        CODES.key(code)
      end

      # Raises the error for a code, unless the code means success.
      #
      # @param what [String] the subject of the error, without secrets
      def check(number, what)
        raise error_for(number, what) unless number.zero?
      end

      # @return [Error] the error for a function's code
      def error_for(number, what)
        Error.for(code(number), "#{Text.printable(what)}: #{message(number)}")
      end

      # @return [Symbol] the name of a code, even if this gem does not know it
      def code(number)
        CODES.fetch(number) { sac_code_name(number).delete_prefix("SAC_ERR_").downcase.to_sym }
      end

      # @return [String] the description of a code, in English
      def message(number)
        sac_code_message(number).force_encoding(Encoding::UTF_8)
      end

      # Calls a function that makes an object, and returns the pointer to it.
      #
      # @param arguments those before the pointer to the result
      def create(what, function, *arguments)
        out = FFI::MemoryPointer.new(:pointer)
        check(call(function, *arguments, out), what)
        out.read_pointer
      end

      # Calls a function that makes a string, and returns a copy.
      def create_string(what, function, *arguments)
        pointer = create(what, function, *arguments)
        begin
          pointer.read_string.force_encoding(Encoding::UTF_8)
        ensure
          sac_string_free(pointer)
        end
      end

      # Makes an array of C strings, which live as long as the array.
      def string_array(strings)
        pointers = strings.map { |string| FFI::MemoryPointer.from_string(Text.utf8(string)) }
        array = FFI::MemoryPointer.new(:pointer, [pointers.size, 1].max)
        array.write_array_of_pointer(pointers)
        array.instance_variable_set(:@strings, pointers)
        array
      end
    end

    loaded = sac_version
    unless loaded.split(".").first == VERSION.split(".").first
      raise LoadError, "sac #{VERSION} is not compatible with libsac #{loaded}: install the same major version of both"
    end
  end
end
