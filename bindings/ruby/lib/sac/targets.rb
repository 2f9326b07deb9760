# frozen_string_literal: true

module SAC
  # What an `on_retry` is told before each wait for a retry: how many attempts were made, what came of
  # the last one (a code such as `:timeout`, a status, 0 for no answer), and the wait in seconds.
  Retry = Struct.new(:attempt, :code, :status, :wait, keyword_init: true)

  # How far the bodies of a call have come, in bytes; a total that is not known is nil.
  Progress = Struct.new(:sent, :to_send, :received, :to_receive, keyword_init: true)

  # The class of each target below copies what C hands over in `receive`; a target is then called with that.

  # A logger of Ruby's as the library sees it. As with Ruby's own, a logger that fails is warned of,
  # and the call goes on.
  #
  # @api private
  class LogTarget
    METHODS = { error: :error, warn: :warn, info: :info, debug: :debug, trace: :debug }
              .transform_keys { |level| LOG_LEVELS.fetch(level) }.freeze
    # From Logger's severities to the library's levels; what is more severe than an error is one.
    SEVERITIES = { 0 => :debug, 1 => :info, 2 => :warn }.freeze
    private_constant :METHODS, :SEVERITIES

    # The level from which on a logger wants messages.
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

    # A logger that tags tags these lines with `sac`, behind the tags of the thread.
    def call(method, message)
      return @logger.tagged("sac") { @logger.public_send(method, message) } if @logger.respond_to?(:tagged)

      @logger.public_send(method, message)
    rescue StandardError => e
      warn "sac: logging failed: #{e.message} (#{e.class})"
    end
  end

  # An `on_retry` as the library sees it.
  #
  # @api private
  class RetryTarget
    def initialize(callable)
      raise ArgumentError, "on_retry has to have the method call" unless callable.respond_to?(:call)

      @callable = callable
    end

    def self.receive(attempt, number, status, wait_ms)
      [Retry.new(attempt: attempt, code: Native.code(number), status: status, wait: wait_ms / 1000.0)]
    end

    # Only false forbids: a block that ends with a log line may return anything.
    def call(notice)
      @callable.call(notice) != false
    end
  end

  # A block that takes the body of an answer, as the library sees it.
  #
  # @api private
  class OutputTarget
    def initialize(block)
      @block = block
    end

    # A copy: the bytes are gone when C goes on.
    def self.receive(bytes, length)
      [bytes.read_bytes(length)]
    end

    # A block ends the call by being left, not by what it returns.
    def call(bytes)
      @block.call(bytes)
      true
    end
  end

  # A `progress` as the library sees it.
  #
  # @api private
  class ProgressTarget
    def initialize(callable)
      raise ArgumentError, "progress has to have the method call" unless callable.respond_to?(:call)

      @callable = callable
    end

    def self.receive(sent, to_send, received, to_receive)
      [Progress.new(sent: sent, to_send: known(to_send), received: received, to_receive: known(to_receive))]
    end

    # Only false ends the call.
    def call(progress)
      @callable.call(progress) != false
    end

    def self.known(total)
      total.zero? ? nil : total
    end
    private_class_method :known
  end
end
