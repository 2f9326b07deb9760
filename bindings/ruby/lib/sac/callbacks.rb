# frozen_string_literal: true

module SAC
  # What an `on_retry` is told before each wait for a retry: how many attempts were made, what came of
  # the last one (a code such as `:timeout`, a status, 0 for no answer), and the wait in seconds.
  Retry = Struct.new(:attempt, :code, :status, :wait, keyword_init: true)

  # The way from the library back to Ruby.
  #
  # The library calls on the thread that makes the call, so a callback never meets a thread that Ruby
  # does not know. The functions that C holds live as long as the process, and know their target by
  # a number alone: whatever the garbage collector takes, C never holds a dead pointer.
  #
  # @api private
  module Callbacks
    # Targets by their numbers. Clients and calls keep them alive.
    TARGETS = ObjectSpace::WeakMap.new
    # Names the fiber-local variable that holds who makes the call.
    CONTEXT = :sac_call
    private_constant :TARGETS, :CONTEXT

    class << self
      # @return [FFI::Pointer] what C is to hand back to reach a target
      def userdata(target)
        number = target.object_id
        TARGETS[number] = target
        FFI::Pointer.new(number)
      end

      # Makes it known who makes the calls of this thread while the block runs.
      def within(context)
        outer = Thread.current[CONTEXT]
        Thread.current[CONTEXT] = context
        yield
      ensure
        Thread.current[CONTEXT] = outer
      end

      # Hands a call from C over to whom it concerns. Nothing ever gets out of here but a value.
      def dispatch(userdata, *arguments)
        target = TARGETS[userdata.address]
        context = Thread.current[CONTEXT]
        target && context ? context.call_back(target, arguments) : true
      rescue Exception # rubocop:disable Lint/RescueException
        # An exception would unwind the library's frames.
        nil
      end
    end

    # The function that C calls for each log message.
    LOG = FFI::Function.new(:void, Native::CALLBACKS[:sac_log_callback].first) do |userdata, level, message|
      dispatch(userdata, level, message)
    end

    # The function that C calls before each retry.
    RETRY = FFI::Function.new(:bool, Native::CALLBACKS[:sac_retry_callback].first) do |userdata, *arguments|
      dispatch(userdata, *arguments) ? true : false
    end
  end

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

    def initialize(logger)
      @logger = logger
    end

    def call(level, message)
      @logger.public_send(METHODS.fetch(level, :debug), message.force_encoding(Encoding::UTF_8))
    rescue StandardError => e
      warn "sac: logging failed: #{e.message} (#{e.class})"
    end
  end

  # An `on_retry` as the library sees it.
  #
  # @api private
  class RetryTarget
    def initialize(callable)
      @callable = callable
    end

    # Only false forbids: a block that ends with a log line may return anything.
    def call(attempt, code, status, wait_ms)
      notice = Retry.new(attempt: attempt, code: Native.code(code), status: status, wait: wait_ms / 1000.0)
      @callable.call(notice) != false
    end
  end
end
