# frozen_string_literal: true

module SAC
  # The streams of a {Client}.
  module Streams
    # Sends a request, and returns when the head of the response is there: a {Stream}, which reads the body while it
    # arrives, record by record (events, JSON lines, the elements of an array) or as bytes. Until the head is there,
    # everything is as in {#request}: retries, redirects, waits and limits. `timeout` ends with the head. The request
    # asks for any media type, unless `records` or the header field `Accept` says more.
    #
    #     client.stream("/v1/log") { |event| puts event.data }
    #
    # @param method [String, Symbol] see {#request}; `verb` is another name of it
    # @param options as for {#request}, without a download; and these
    # @option options [Symbol] :records one of {RECORDS}: how the body is split; by default, its media type says it.
    #   With `:events`, the request asks for `text/event-stream`
    # @option options [String] :last_event_id the ID of the last event that is known, so that the server continues after
    #   it (`Last-Event-ID`)
    # @yieldparam record [Record] if a block is given, it gets each record; then the stream is closed, also if the block
    #   is left by `break`, `throw` or an exception
    # @return [Stream] with the response of a failed call, too
    # @raise [Error] with a block: if the call or the stream fails
    # @raise [ArgumentError] if an option is unknown, or its value is not usable
    # @raise [ClientClosed]
    def stream(path, method: "GET", verb: method, **options, &block)
      stream = open_stream(Request.new(self, verb, path, options))
      return stream unless block

      begin
        stream.each(&block)
      ensure
        stream.close
      end
    end

    # Like {#stream}, but raises an error if the call fails, also without a block.
    #
    # @return [Stream]
    # @raise [Error] with the response
    def stream!(path, **options, &block)
      stream(path, **options, &block).or_raise
    end

    private

    # The stream of the response to the last request that the hooks send.
    def open_stream(request)
      stream = nil
      open = lambda do |changed|
        stream&.close
        plan = plan_for(changed)
        stream = Stream.new(plan.symbolize_names, callback_targets(plan), plan.cancels)
        stream.open(*call_arguments(Runtime.current, plan))
      end
      response = hooks.empty? ? open.call(request) : run_hooks(request, &open)
      stream ||= Stream.new(false, [], [])
      opened = stream.with_response(response)
    ensure
      stream&.close unless opened
    end
  end
end
