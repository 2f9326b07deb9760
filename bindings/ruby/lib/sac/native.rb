# frozen_string_literal: true

require_relative "native/declarations"
require_relative "native/response_pointer"

module SAC
  # The functions of sac.h, under their names there.
  #
  # The library is looked for where the environment variable `SAC_LIBRARY` says, else under its
  # name, `libsac.so.0`, where the loader looks for libraries.
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

    # What may take long is called without the lock of the interpreter, so that other threads run.
    FUNCTIONS.each do |name, parameters, result, blocking|
      attach_function(name, parameters, result, blocking: blocking)
    end

    # The code for a text with a NUL, which C cannot take, by what is in the name of the function.
    WITH_NUL = { "header" => :invalid_header, "bearer" => :invalid_header, "cookie" => :invalid_cookie,
                 "json" => :invalid_json, "file" => :file, "proxy" => :invalid_url, "client_new" => :invalid_url,
                 "path_of" => :invalid_url, "request_new" => :invalid_path }.freeze
    private_constant :WITH_NUL

    class << self
      # Calls a function. A text with a NUL is refused as the library refuses other texts.
      #
      # @return [Integer] the function's code
      def ask(function, *arguments)
        public_send(function, *arguments)
      rescue ArgumentError => e
        raise unless e.message.include?("null byte")

        code = WITH_NUL.find { |part, _| function.to_s.include?(part) }&.last || :invalid_argument
        code = :invalid_method if function == :sac_request_new && arguments.first.include?("\0")
        CODES.key(code)
      end

      # Raises the error that stands for a code, if there is one.
      #
      # @param what [String] what was being done, without any secret
      def check(number, what)
        raise refusal(number, what) unless number.zero?
      end

      # @return [Error] the error for a function's code
      def refusal(number, what)
        Error.for(code(number), "#{Text.shown(what)}: #{meaning(number)}")
      end

      # @return [Symbol] the name of a code; of one that this gem does not know too
      def code(number)
        CODES.fetch(number) { sac_code_name(number).delete_prefix("SAC_ERR_").downcase.to_sym }
      end

      # @return [String] what a code means, in English
      def meaning(number)
        sac_code_message(number).force_encoding(Encoding::UTF_8)
      end

      # Calls a function that makes something, and hands over the pointer to it.
      #
      # @param arguments those before the pointer to the result
      def made(what, function, *arguments)
        out = FFI::MemoryPointer.new(:pointer)
        check(ask(function, *arguments, out), what)
        out.read_pointer
      end

      # Calls a function that makes a string, and hands over that.
      def made_string(what, function, *arguments)
        pointer = made(what, function, *arguments)
        begin
          pointer.read_string.force_encoding(Encoding::UTF_8)
        ensure
          sac_string_free(pointer)
        end
      end

      # An array of strings in C. The strings live as long as the array.
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
      raise LoadError, "sac #{VERSION} does not get along with libsac #{loaded}"
    end
  end
end
