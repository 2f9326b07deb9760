# frozen_string_literal: true

module SAC
  # Verifies webhooks: requests of other services to yours, which they sign with a secret.
  #
  #     class StripeController < ApplicationController
  #       skip_before_action :verify_authenticity_token
  #
  #       def create
  #         id = SAC::Webhook.verify(:stripe, secrets: ENV["STRIPE_SECRET"], headers: request.headers, body: request.raw_post)
  #         WebhookJob.perform_later(id, request.raw_post)
  #       rescue SAC::SignatureError
  #         head :bad_request
  #       end
  #     end
  module Webhook
    class << self
      # Verifies that the sender knows a secret, that nobody changed the webhook, and that it is not an old one. Any thread.
      #
      # @param scheme [Symbol] one of {WEBHOOK_SCHEMES}: `:standard` (Standard Webhooks, Svix), `:stripe`, `:github`,
      #   `:shopify`, `:slack`
      # @param secrets [String, Array<String>] the secrets as the sender shows them; each is valid, so that a secret can
      #   be changed; nil is none
      # @param headers [Hash, Enumerable] the header fields, the environment of Rack, or the headers of a request of Rails
      # @param body [String] the bytes as they arrived, before any decoding or parsing: `request.raw_post` in Rails,
      #   `request.body.read` in Rack
      # @param tolerance [Numeric, nil] the greatest difference in seconds between the time of the signature and the clock,
      #   in both directions; nil accepts any. It has no effect for GitHub and Shopify, which sign no time.
      # @return [String] the id of the webhook, which stays the same if the sender sends the webhook again; empty if there
      #   is none, always for Slack. For Stripe, it is the member `id` of the body. GitHub and Shopify do not sign it.
      # @raise [SignatureError] if the webhook does not verify
      # @raise [InvalidArgument] if there is no such scheme, or a secret cannot be used
      def verify(scheme, secrets:, headers:, body:, tolerance: 300)
        raise ArgumentError, "body must be the String that arrived, not #{body.class}" unless body.is_a?(String)

        secrets = texts(:invalid_argument, "a secret", Array(secrets).compact)
        fields = texts(:signature, "a header field", fields(headers).flatten)
        Native.create_string("webhook", :sac_webhook_verify, number(scheme), Native.string_array(secrets), secrets.size,
                             Native.string_array([*fields, nil]), body, body.bytesize, Seconds.whole("tolerance", tolerance))
      end

      private

      def number(scheme)
        WEBHOOK_SCHEMES.fetch(scheme) { raise Error.for(:invalid_argument, "no such webhook scheme: #{scheme}") }
      end

      # Names and values. The environment of Rack also has objects, which are no fields. Array() would read its streams.
      def fields(headers)
        headers.each_entry.flat_map do |name, value|
          name = field_name(name)
          (value.is_a?(Array) ? value : [value]).grep(String).map { |text| [name, text] }
        end
      end

      # Rack writes `Stripe-Signature` as `HTTP_STRIPE_SIGNATURE`.
      def field_name(name)
        rack = name.to_s.delete_prefix("HTTP_")
        rack == name.to_s ? Text.field_name(name) : rack.tr("_", "-")
      end

      # C would read only the part before a NUL.
      def texts(code, what, list)
        list.map { |text| Text.utf8(text) }.each do |text|
          raise Error.for(code, "webhook: #{what} contains a NUL") if text.b.include?("\0")
        end
      end
    end
  end
end
