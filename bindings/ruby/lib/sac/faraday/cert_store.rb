# frozen_string_literal: true

require "openssl"

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # Records the content of OpenSSL's stores, because OpenSSL cannot list it. This works for stores that are filled
    # after this file was loaded.
    #
    # @api private
    module CertStore
      CRL_FLAGS = ::OpenSSL::X509::V_FLAG_CRL_CHECK | ::OpenSSL::X509::V_FLAG_CRL_CHECK_ALL
      private_constant :CRL_FLAGS

      # Records what is added to a store. The results of the store's methods stay the same.
      module SourceRecorder
        # @return [Array<Array>] kinds (`:certificate`, `:file`, `:folder`, `:system`) and values; `:unsupported` for
        #   options that make a store stricter
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

        # Adds the certificates of the system.
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

      # Records the content of the stores of a class.
      def self.record(store_class)
        store_class.prepend(SourceRecorder)
      end

      record ::OpenSSL::X509::Store

      # @param store [OpenSSL::X509::Store]
      # @return [Array<Array>] a copy of the recorded sources
      # @raise [Faraday::SSLError] if they are not known
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
