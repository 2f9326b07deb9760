# frozen_string_literal: true

require "openssl"

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # What was put into a store of OpenSSL, which itself does not tell. It is known of stores that are
    # filled after this file was loaded.
    #
    # @api private
    module CertStore
      # Remembers what is put into a store. What the store answers stays the same.
      module Memory
        # @return [Array<Array>] kinds (`:certificate`, `:file`, `:folder`, `:system`) and values
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
      end

      ::OpenSSL::X509::Store.prepend(Memory)

      # @param store [OpenSSL::X509::Store]
      # @return [Array<Array>] a copy of what was put into it
      # @raise [Faraday::SSLError] if that is not known
      def self.sources(store)
        return [[:system]] if ::OpenSSL::SSL::SSLContext::DEFAULT_CERT_STORE.equal?(store)

        sources = store.respond_to?(:sac_sources) ? store.sac_sources.dup.freeze : []
        return sources unless sources.empty?

        raise ::Faraday::SSLError, "the cert_store is empty, or was filled before sac/faraday was loaded"
      end
    end
  end
end
