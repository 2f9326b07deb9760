# frozen_string_literal: true

module SAC
  # The argument of `on_retry`: the number of attempts so far, the result of the last one (a code such as `:timeout`
  # and a status, 0 for no response), and the delay in seconds.
  Retry = Struct.new(:attempt, :code, :status, :wait, keyword_init: true)

  # The progress of the bodies of a call, in bytes; an unknown total is nil.
  Progress = Struct.new(:sent, :to_send, :received, :to_receive, keyword_init: true)

  # The class of each target below copies the arguments from C in `receive`. The target is then called with them.

  # Passes log messages to a Ruby logger. If the logger fails, Ruby prints a warning, and the call continues.
  #
  # @api private
  class LogTarget
    METHODS = { error: :error, warn: :warn, info: :info, debug: :debug, trace: :debug }
              .transform_keys { |level| LOG_LEVELS.fetch(level) }.freeze
    # From Logger's severities to the library's levels; a higher severity becomes `:error`.
    SEVERITIES = { 0 => :debug, 1 => :info, 2 => :warn }.freeze
    private_constant :METHODS, :SEVERITIES

    # The least important level that a logger wants.
    def self.level_of(logger)
      severity = logger.respond_to?(:level) ? logger.level : 0
      severity.is_a?(Integer) ? SEVERITIES.fetch(severity, :error) : :debug
    end

    attr_reader :logger

    def initialize(logger)
      raise ArgumentError, "a logger needs methods such as info" if METHODS.values.none? { |method| logger.respond_to?(method) }

      @logger = logger
    end

    def self.receive(level, message)
      [METHODS.fetch(level, :debug), message.force_encoding(Encoding::UTF_8)]
    end

    # A tagged logger adds the tag `sac` after the tags of the thread.
    def call(method, message)
      return @logger.tagged("sac") { @logger.public_send(method, message) } if @logger.respond_to?(:tagged)

      @logger.public_send(method, message)
    rescue StandardError => e
      warn "sac: logging failed: #{e.message} (#{e.class})"
    end
  end

  # Calls an option that may answer false.
  #
  # @api private
  class OptionTarget
    def initialize(callable)
      raise ArgumentError, "#{self.class::OPTION} must have the method call" unless callable.respond_to?(:call)

      @callable = callable
    end

    # Only false says no: a block that ends with a log line may return anything.
    def call(event)
      @callable.call(event) != false
    end
  end

  # Calls an `on_retry`, which may forbid the retry.
  #
  # @api private
  class RetryTarget < OptionTarget
    OPTION = "on_retry"

    def self.receive(attempt, number, status, wait_ms)
      [Retry.new(attempt: attempt, code: Native.code(number), status: status, wait: wait_ms / 1000.0)]
    end
  end

  # Calls a block with the body of a response.
  #
  # @api private
  class OutputTarget
    def initialize(block)
      @block = block
    end

    # A copy: the bytes are valid only during the callback.
    def self.receive(bytes, length)
      [bytes.read_bytes(length)]
    end

    # To leave the block ends the call; its result does not matter.
    def call(bytes)
      @block.call(bytes)
      true
    end
  end

  # Calls a `progress`, which may end the call.
  #
  # @api private
  class ProgressTarget < OptionTarget
    OPTION = "progress"

    def self.receive(sent, to_send, received, to_receive)
      [Progress.new(sent: sent, to_send: known(to_send), received: received, to_receive: known(to_receive))]
    end

    def self.known(total)
      total.zero? ? nil : total
    end
    private_class_method :known
  end

  # Reads the next bytes of a body, for the library.
  #
  # @api private
  class BodyTarget
    def initialize(source)
      @source = source
    end

    # The target gets the size of the library's buffer.
    def self.receive(_buffer, size)
      [size]
    end

    # Copies the bytes into the library's buffer.
    #
    # @param bytes [String, nil] nil if the call was cancelled, or reading has failed
    # @return [Integer] as C expects it
    def self.reply(bytes, buffer, _size)
      return -1 unless bytes.is_a?(String)

      buffer.put_bytes(0, bytes)
      bytes.bytesize
    end

    def call(size)
      @source.read(size)
    end
  end

  # Makes a body begin again.
  #
  # @api private
  class RewindTarget
    def initialize(source)
      @source = source
    end

    def self.receive
      []
    end

    # An exception says that it cannot.
    def call
      @source.rewind
      true
    end
  end
end
