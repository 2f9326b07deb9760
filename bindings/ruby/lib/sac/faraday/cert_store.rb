# frozen_string_literal: true

require "openssl"

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # What was put into a store of OpenSSL, which itself does not tell. It is known of stores that are
    # filled after this file was loaded.
    #
    # @api private
    module CertStore
      CRL_FLAGS = ::OpenSSL::X509::V_FLAG_CRL_CHECK | ::OpenSSL::X509::V_FLAG_CRL_CHECK_ALL
      private_constant :CRL_FLAGS

      # Remembers what is put into a store. What the store answers stays the same.
      module Memory
        # @return [Array<Array>] kinds (`:certificate`, `:file`, `:folder`, `:system`) and values; what makes a
        #   store stricter is `:unsupported`
        def sac_sources
          @sac_sources ||= []
        end

        # Adds a certificate.
        def add_cert(certificate)
          super.tap { sac_sources << [:certificate, certificate] }
        end

        # Adds the certificates of a file.
        def add_file(path)
          super.tap { sac_sources << [:file, path] }
        end

        # Adds the certificates of a folder.
        def add_path(path)
          super.tap { sac_sources << [:folder, path] }
        end

        # Adds those of the system.
        def set_default_paths
          super.tap { sac_sources << [:system] }
        end

        %i[add_crl time= verify_callback=].each do |name|
          define_method(name) do |value|
            sac_sources << [:unsupported, name] if value
            super(value)
          end
        end

        # Sets how certificates are verified.
        def flags=(flags)
          sac_sources << %i[unsupported flags] unless (flags & CRL_FLAGS).zero?
          super
        end
      end

      # Lets the stores of a class remember.
      def self.watch(store_class)
        store_class.prepend(Memory)
      end

      watch ::OpenSSL::X509::Store

      # @param store [OpenSSL::X509::Store]
      # @return [Array<Array>] a copy of what was put into it
      # @raise [Faraday::SSLError] if that is not known
      def self.sources(store)
        return [[:system]] if ::OpenSSL::SSL::SSLContext::DEFAULT_CERT_STORE.equal?(store)

        sources = store.respond_to?(:sac_sources) ? store.sac_sources.dup.freeze : []
        raise ::Faraday::SSLError, "the cert_store is empty, or was filled before sac/faraday was loaded" if sources.empty?

        unsupported = sources.select { |kind, _| kind == :unsupported }.map(&:last)
        return sources if unsupported.empty?

        raise ::Faraday::SSLError, "not supported by the adapter sac: #{unsupported.join(', ')} of the cert_store"
      end
    end
  end
end
