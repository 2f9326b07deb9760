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

    ffi_lib [ENV.fetch("SAC_LIBRARY", nil), "libsac.so.0"].compact.first

    CALLBACKS.each { |name, (parameters, result)| callback(name, parameters, result) }

    # What may take long is called without the lock of the interpreter, so that other threads run.
    FUNCTIONS.each do |name, parameters, result, blocking|
      attach_function(name, parameters, result, blocking: blocking)
    end

    class << self
      # Raises the error that stands for a code, if there is one.
      #
      # @param what [String] what was being done, without any secret
      def check(number, what)
        raise refusal(number, what) unless number.zero?
      end

      # @return [Error] the error for a function's code
      def refusal(number, what)
        Error.for(code(number), "#{what}: #{meaning(number)}")
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
      # @yieldparam out [FFI::MemoryPointer] receives the pointer
      # @yieldreturn [Integer] the function's code
      def made(what)
        out = FFI::MemoryPointer.new(:pointer)
        check(yield(out), what)
        out.read_pointer
      end

      # Calls a function that makes a string, and hands over that.
      def made_string(what, &function)
        pointer = made(what, &function)
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
