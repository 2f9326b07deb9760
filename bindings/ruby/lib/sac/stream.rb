# frozen_string_literal: true

module SAC
  # The body of a response, piece by piece, from {Client#stream}. The request is sent when the first piece is read. It
  # can be the body of a Rack response.
  class Stream
    include Enumerable
    include Redacted

    # @return [Response, nil] nil until the stream has ended
    attr_reader :response

    # @api private
    def initialize(client, verb, path, options)
      @request = [client, verb, path, options]
      @cancel = Cancel.new
    end

    # Yields each piece. To leave the block, for example by `break`, ends the call. Each call of this method sends the
    # request again, and so do the methods of Enumerable, such as `first` and `to_a`.
    #
    # @yieldparam bytes [String]
    # @return [self]
    # @raise [Error] if the call fails
    def each(&block)
      return enum_for(:each) unless block

      client, verb, path, options = @request
      @response = client.request(verb, path, **options, cancel: [*options[:cancel], @cancel], &block)
      @response.or_raise
      self
    end

    # Like `Enumerator#next`, it blocks the other fibers of a scheduler; {#each} does not.
    #
    # @return [String] the next piece
    # @raise [StopIteration] at the end
    # @raise [Error] if the call fails
    def next
      (@pieces ||= each).next
    end

    # Ends the call, if it is still running. Idempotent. Any thread may call it.
    def close
      @cancel.trigger
      @pieces = nil
    end

    def closed?
      @cancel.triggered?
    end

    # Does not show the request, which may be secret.
    def inspect
      "#<#{self.class}#{' closed' if closed?}>"
    end
  end
end
