# frozen_string_literal: true

module SAC
  # The body of an answer, piece by piece: what {Client#stream} returns. The request is made when the
  # first piece is asked for. It may be the body of a Rack response.
  class Stream
    include Enumerable
    include Opaque

    # @return [Response, nil] once the stream has ended
    attr_reader :response

    # @api private
    def initialize(client, verb, path, options)
      @request = [client, verb, path, options]
      @cancel = Cancel.new
    end

    # Hands over each piece. Leaving the block, as by `break`, ends the call. Each time this is called, the
    # request is sent again; so it is by the methods of Enumerable, such as `first` and `to_a`.
    #
    # @yieldparam bytes [String]
    # @return [self]
    # @raise [Error] if not all went well
    def each(&block)
      return enum_for(:each) unless block

      client, verb, path, options = @request
      @response = client.request(verb, path, **options, cancel: [*options[:cancel], @cancel], &block)
      @response.or_raise
      self
    end

    # Like `Enumerator#next` it blocks the other fibers of a scheduler, which {#each} does not.
    #
    # @return [String] the next piece
    # @raise [StopIteration] at the end
    # @raise [Error] if not all went well
    def next
      (@pieces ||= each).next
    end

    # Ends the call, if it is still running. Idempotent, from any thread.
    def close
      @cancel.trigger
      @pieces = nil
    end

    def closed?
      @cancel.triggered?
    end

    # Says nothing of the request, which may be secret.
    def inspect
      "#<#{self.class}#{' closed' if closed?}>"
    end
  end
end
