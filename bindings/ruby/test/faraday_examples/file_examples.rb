# frozen_string_literal: true

# Faraday 1 sends files itself, from a body that is an IO. Its own examples test this, and those of Faraday 2 do not.
RSpec.shared_examples "an adapter that sends files" do
  %w[http https].each do |scheme|
    %i[post put patch].each do |verb|
      it "with SSL #{scheme == 'https' ? 'enabled' : 'disabled'} ##{verb} sends a file" do
        multipart = { "Content-Type" => %r{\Amultipart/form-data;} }
        stub = stub_request(verb, "#{scheme}://example.com").with(headers: multipart) do |request|
          request.body.include?("name=\"title\"\r\n\r\nan example\r\n") && request.body.include?(File.read(__FILE__))
        end
        faraday = Faraday.new("#{scheme}://example.com", ssl: { ca_file: ENV.fetch("SSL_FILE") }) do |f|
          f.request :multipart
          f.response :raise_error
          f.adapter described_class
        end
        faraday.public_send(verb, "/", title: "an example", file: Faraday::FilePart.new(__FILE__, "text/x-ruby"))
        expect(stub).to have_been_requested
      end
    end
  end
end
